//! The routes of Facebook's hosts, and those that Instagram's Graph host has too.

use axum::Router;
use axum::extract::State;
use axum::response::Response;
use axum::routing::{MethodRouter, get};
use http::Method;

use crate::facebook::rejection::FacebookRejection;
use crate::facebook::{debug_token, dialog, media, node, page_lists, permissions, token_endpoint};
use crate::sandbox::Sandbox;

/// Facebook's own routes. All of them have a version: a call without one gets the oldest version, which the sandbox rejects
/// to make it visible.
pub(crate) fn router() -> Router<Sandbox> {
    Router::new()
        .route("/{version}/dialog/oauth", get(dialog::show).post(dialog::submit))
        .route("/{version}/oauth/access_token", only(get(token_endpoint::exchange).post(token_endpoint::exchange)))
        .route("/{version}/debug_token", only(get(debug_token::inspect)))
        .route("/{version}/me/accounts", only(get(page_lists::accounts)))
        .route("/{version}/me/businesses", only(get(page_lists::businesses)))
        .route("/{version}/me/assigned_pages", only(get(page_lists::assigned_pages)))
        .route("/{version}/me/permissions", only(get(permissions::list).delete(permissions::revoke)))
        .route("/{version}/{node}/permissions", only(get(permissions::list).delete(permissions::revoke)))
        .route("/{version}/{node}/owned_pages", only(get(page_lists::owned_pages)))
        .route("/{version}/{node}/client_pages", only(get(page_lists::client_pages)))
        .route("/{version}/{node}/media", only(get(media::posts)))
        .route("/{version}/{node}", only(get(node::read)))
}

/// Rejects all other methods. axum would run a GET handler for HEAD, so HEAD is rejected explicitly.
fn only(methods: MethodRouter<Sandbox>) -> MethodRouter<Sandbox> {
    methods.head(unsupported_method).fallback(unsupported_method)
}

async fn unsupported_method(State(sandbox): State<Sandbox>, method: Method) -> Response {
    let subcode_format = sandbox.state().shapes.error_subcode;
    FacebookRejection::UnsupportedMethod(method).response(subcode_format).response
}
