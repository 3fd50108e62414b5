//! The routes, and the headers of every response.

use std::sync::Arc;

use axum::Extension;
use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::middleware::{from_fn, from_fn_with_state};
use axum::routing::{get, post};
use evertoken_core::document::ProviderName;
use evertoken_core::variables::is_loopback;
use http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, REFERRER_POLICY, STRICT_TRANSPORT_SECURITY, X_CONTENT_TYPE_OPTIONS,
};
use http::{HeaderName, HeaderValue};
use tower::ServiceBuilder;
use tower_http::set_header::SetResponseHeaderLayer;

use crate::callback::callback;
use crate::choose::{SeenChoices, choose, connect_chosen};
use crate::connected::connected;
use crate::error_page::ErrorPage;
use crate::error_response::show_errors;
use crate::health::healthz;
use crate::home::home;
use crate::login::login;
use crate::prefetch::skip_prefetch;
use crate::removal::{MAX_BODY, data_deletion, deauthorize, deletion_status};
use crate::request_log::log_requests;
use crate::reveal::reveal;
use crate::security_policy::{Forms, content_security_policy};
use crate::seen_logins::SeenLogins;
use crate::service::Ports;
use crate::settings::Settings;

/// Builds the router, for a Lambda as well as for `axum::serve`.
pub fn routes<S: Ports>(service: Arc<S>) -> Router {
    let Settings { public_url, brand, .. } = &service.environment().settings;
    // On a loopback host, browsers would refuse every other service without TLS there, for two years.
    let strict = public_url.scheme() == "https" && !is_loopback(public_url);
    let policy = content_security_policy(brand, Forms::None);
    let mut router = Router::new()
        .route("/login", get(login::<S>).layer(from_fn(skip_prefetch)))
        .route("/callback", get(callback::<S>).layer(from_fn(skip_prefetch)))
        .layer(Extension(Arc::<SeenLogins>::default()));
    // Only a login through Facebook leads there.
    if service.logins().of(ProviderName::Facebook).is_some() {
        let choices = Extension(Arc::<SeenChoices>::default());
        router = router.route("/choose", get(choose::<S>).post(connect_chosen::<S>).layer(choices));
    }
    router
        .route("/connected", get(connected::<S>))
        .route("/reveal", post(reveal::<S>))
        .route("/deauthorize", post(deauthorize::<S>))
        .route("/data-deletion", post(data_deletion::<S>))
        .route("/data-deletion/{code}", get(deletion_status::<S>))
        .route("/healthz", get(healthz))
        .route("/", get(home::<S>))
        .fallback(async || ErrorPage::NotFound)
        .method_not_allowed_fallback(async || ErrorPage::WrongMethod)
        .layer(DefaultBodyLimit::max(MAX_BODY))
        .layer(
            ServiceBuilder::new()
                .layer(header(CACHE_CONTROL, "no-store"))
                // Except for the page with the form.
                .layer(SetResponseHeaderLayer::if_not_present(
                    CONTENT_SECURITY_POLICY,
                    HeaderValue::from_str(&policy).ok(),
                ))
                .layer(header(REFERRER_POLICY, "no-referrer"))
                .layer(header(X_CONTENT_TYPE_OPTIONS, "nosniff"))
                .option_layer(strict.then(|| header(STRICT_TRANSPORT_SECURITY, "max-age=63072000")))
                .layer(from_fn(log_requests))
                .layer(from_fn_with_state(Arc::clone(&service), show_errors::<S>)),
        )
        .with_state(service)
}

fn header(name: HeaderName, value: &str) -> SetResponseHeaderLayer<Option<HeaderValue>> {
    // Every value consists of constants, a hash and an origin, so none is invalid.
    SetResponseHeaderLayer::overriding(name, HeaderValue::from_str(value).ok())
}
