//! The routes, and the headers on every answer.

use std::sync::Arc;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::middleware::{from_fn, from_fn_with_state};
use axum::routing::{get, post};
use http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, REFERRER_POLICY, STRICT_TRANSPORT_SECURITY, X_CONTENT_TYPE_OPTIONS,
};
use http::{HeaderName, HeaderValue};
use tower::ServiceBuilder;
use tower_http::set_header::SetResponseHeaderLayer;

use crate::answer::answer;
use crate::callback::callback;
use crate::connected::connected;
use crate::home::{healthz, home};
use crate::login::login;
use crate::pages::CONTENT_SECURITY_POLICY as POLICY;
use crate::removal::{LARGEST_BODY, data_deletion, deauthorize, deleted};
use crate::service::Ports;
use crate::topic::Topic;
use crate::visit::only_people;

/// All routes of the service. The same router runs in a Lambda and under `axum::serve`.
pub fn routes<S: Ports>(service: Arc<S>) -> Router {
    let https = service.environment().settings.public_url.scheme() == "https";
    Router::new()
        .route("/login", get(login::<S>).layer(from_fn(only_people)))
        .route("/callback", get(callback::<S>).layer(from_fn(only_people)))
        .route("/connected", get(connected::<S>))
        .route("/deauthorize", post(deauthorize::<S>))
        .route("/data-deletion", post(data_deletion::<S>))
        .route("/data-deletion/{code}", get(deleted::<S>))
        .route("/healthz", get(healthz))
        .route("/", get(home::<S>))
        .fallback(async || Topic::NotFound)
        .method_not_allowed_fallback(async || Topic::WrongMethod)
        .layer(DefaultBodyLimit::max(LARGEST_BODY))
        .layer(
            ServiceBuilder::new()
                .layer(header(CACHE_CONTROL, "no-store"))
                .layer(header(CONTENT_SECURITY_POLICY, &POLICY))
                .layer(header(REFERRER_POLICY, "no-referrer"))
                .layer(header(X_CONTENT_TYPE_OPTIONS, "nosniff"))
                .option_layer(https.then(|| header(STRICT_TRANSPORT_SECURITY, "max-age=63072000")))
                .layer(from_fn_with_state(Arc::clone(&service), answer::<S>)),
        )
        .with_state(service)
}

fn header(name: HeaderName, value: &str) -> SetResponseHeaderLayer<Option<HeaderValue>> {
    // All values are constants without control characters; a header that were not would be left out.
    SetResponseHeaderLayer::overriding(name, HeaderValue::from_str(value).ok())
}
