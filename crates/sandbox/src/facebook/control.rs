//! The control API of Facebook's side, under `/_sandbox/facebook`.

use axum::Router;
use axum::routing::{get, post};

use crate::facebook::{
    control_app, control_pages, control_persons, control_shapes, control_signed_request, control_tokens,
};
use crate::sandbox::Sandbox;

/// Method, path and description of every control endpoint.
pub(crate) const ENDPOINTS: [(&str, &str, &str); 14] = [
    ("GET", "/_sandbox/facebook/app", "show the Meta app"),
    (
        "PATCH",
        "/_sandbox/facebook/app",
        "change the Meta app: {\"app_id\", \"app_secret\", \"scopes\", \"configurations\", \"require_proof\", \"login\"}",
    ),
    ("GET", "/_sandbox/facebook/shapes", "show Facebook's response formats"),
    ("PATCH", "/_sandbox/facebook/shapes", "change Facebook's response formats"),
    ("GET", "/_sandbox/facebook/persons", "list people"),
    ("POST", "/_sandbox/facebook/persons", "add a person: {\"label\"} and any other member"),
    ("GET", "/_sandbox/facebook/persons/{person}", "show a person, by label or id"),
    ("PATCH", "/_sandbox/facebook/persons/{person}", "change a person"),
    ("DELETE", "/_sandbox/facebook/persons/{person}", "delete a person and the tokens"),
    ("POST", "/_sandbox/facebook/persons/{person}/pages", "add a page, or {\"count\"} pages with an account each"),
    ("PATCH", "/_sandbox/facebook/persons/{person}/pages/{page}", "change a page"),
    ("DELETE", "/_sandbox/facebook/persons/{person}/pages/{page}", "delete a page"),
    ("POST", "/_sandbox/facebook/tokens", "create a token: {\"person\", \"kind\", \"page\", \"age_seconds\"}"),
    ("POST", "/_sandbox/facebook/signed_request", "sign what Meta posts when a person removes the app: {\"person\"}"),
];

pub(crate) fn router() -> Router<Sandbox> {
    Router::new()
        .route("/_sandbox/facebook/app", get(control_app::show).patch(control_app::change))
        .route("/_sandbox/facebook/shapes", get(control_shapes::show).patch(control_shapes::change))
        .route("/_sandbox/facebook/persons", get(control_persons::list).post(control_persons::add))
        .route(
            "/_sandbox/facebook/persons/{person}",
            get(control_persons::show).patch(control_persons::change).delete(control_persons::delete),
        )
        .route("/_sandbox/facebook/persons/{person}/pages", post(control_pages::add))
        .route(
            "/_sandbox/facebook/persons/{person}/pages/{page}",
            axum::routing::patch(control_pages::change).delete(control_pages::delete),
        )
        .route("/_sandbox/facebook/tokens", post(control_tokens::create))
        .route("/_sandbox/facebook/signed_request", post(control_signed_request::sign))
}
