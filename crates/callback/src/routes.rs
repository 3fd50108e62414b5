//! The routes, and the headers on every answer.

use std::sync::Arc;

use axum::Router;
use axum::extract::{MatchedPath, Request};
use axum::middleware::{Next, from_fn, from_fn_with_state};
use axum::response::Response;
use axum::routing::get;
use http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, REFERRER_POLICY, STRICT_TRANSPORT_SECURITY, X_CONTENT_TYPE_OPTIONS,
};
use http::{HeaderName, HeaderValue};
use tower::ServiceBuilder;
use tower_http::set_header::SetResponseHeaderLayer;

use crate::callback::callback;
use crate::connected::connected;
use crate::home::{healthz, home};
use crate::login::login;
use crate::pages::CONTENT_SECURITY_POLICY as POLICY;
use crate::problem::Problem;
use crate::problem_page::explain;
use crate::service::Ports;
use crate::visit::only_people;

/// All routes of the service. The same router runs in a Lambda and under `axum::serve`.
pub fn routes<S: Ports>(service: Arc<S>) -> Router {
    let https = service.settings().public_url.scheme() == "https";
    Router::new()
        .route("/login", get(login::<S>).layer(from_fn(only_people)))
        .route("/callback", get(callback::<S>).layer(from_fn(only_people)))
        .route("/connected", get(connected::<S>))
        .route("/healthz", get(healthz))
        .route("/", get(home::<S>))
        .fallback(async || Problem::NotFound)
        .method_not_allowed_fallback(async || Problem::WrongMethod)
        .layer(
            ServiceBuilder::new()
                .layer(from_fn(log))
                .layer(header(CACHE_CONTROL, "no-store"))
                .layer(header(CONTENT_SECURITY_POLICY, &POLICY))
                .layer(header(REFERRER_POLICY, "no-referrer"))
                .layer(header(X_CONTENT_TYPE_OPTIONS, "nosniff"))
                .option_layer(https.then(|| header(STRICT_TRANSPORT_SECURITY, "max-age=63072000")))
                .layer(from_fn_with_state(Arc::clone(&service), explain::<S>)),
        )
        .with_state(service)
}

fn header(name: HeaderName, value: &str) -> SetResponseHeaderLayer<Option<HeaderValue>> {
    // All values are constants without control characters; a header that were not would be left out.
    SetResponseHeaderLayer::overriding(name, HeaderValue::from_str(value).ok())
}

/// One line a request: the route's pattern and never its query, which carries codes.
async fn log(request: Request, next: Next) -> Response {
    let method = request.method().clone();
    let route = request.extensions().get::<MatchedPath>().map_or("none", |path| path.as_str()).to_owned();
    let response = next.run(request).await;
    tracing::info!(http.method = %method, http.route = route, http.status = response.status().as_u16(), "request handled");
    response
}
