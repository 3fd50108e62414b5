//! The control API under `/_sandbox`.

use axum::extract::State;
use axum::routing::{get, post};
use axum::{Json, Router};
use serde_json::{Value, json};

use crate::control_json::{ControlResponse, respond};
use crate::counters::Counters;
use crate::facebook;
use crate::sandbox::Sandbox;
use crate::{
    control_accounts, control_app, control_clock, control_faults, control_media, control_shapes,
    control_signed_request, control_tokens,
};

/// Method, path and description of every control endpoint.
const ENDPOINTS: [(&str, &str, &str); 25] = [
    ("GET", "/_sandbox", "list these endpoints"),
    ("GET", "/_sandbox/clock", "show the sandbox's time"),
    ("POST", "/_sandbox/clock", "change the time: {\"advance_seconds\"} or {\"set\"}"),
    ("GET", "/_sandbox/app", "show the app id, redirect URIs and scopes"),
    (
        "PATCH",
        "/_sandbox/app",
        "change the app: {\"app_id\", \"app_secret\", \"redirect_uris\", \"scopes\", \"refused_fields\"}",
    ),
    ("GET", "/_sandbox/shapes", "show the response formats"),
    ("PATCH", "/_sandbox/shapes", "change response formats"),
    ("GET", "/_sandbox/accounts", "list accounts"),
    ("POST", "/_sandbox/accounts", "add an account: {\"username\"} and any other member"),
    ("GET", "/_sandbox/accounts/{account}", "show an account, by username or either id"),
    ("PATCH", "/_sandbox/accounts/{account}", "change an account"),
    ("DELETE", "/_sandbox/accounts/{account}", "delete an account and its tokens"),
    ("GET", "/_sandbox/accounts/{account}/media", "list an account's posts, newest first"),
    ("POST", "/_sandbox/accounts/{account}/media", "publish a post: any member of a post"),
    ("GET", "/_sandbox/accounts/{account}/media/{media}", "show a post"),
    ("PATCH", "/_sandbox/accounts/{account}/media/{media}", "change a post, for example its {\"caption\"}"),
    ("DELETE", "/_sandbox/accounts/{account}/media/{media}", "delete a post"),
    ("POST", "/_sandbox/tokens", "create a token: {\"account\", \"kind\", \"age_seconds\"}"),
    ("POST", "/_sandbox/signed_request", "sign what Meta posts when an owner removes the app: {\"account\"}"),
    ("GET", "/_sandbox/faults", "list the pending faults"),
    ("POST", "/_sandbox/faults", "inject a fault: {\"endpoint\", \"times\", \"latency_ms\", \"answer\"}"),
    ("DELETE", "/_sandbox/faults", "remove all faults"),
    ("GET", "/_sandbox/counters", "show requests, outcomes and own time by endpoint"),
    ("DELETE", "/_sandbox/counters", "reset the counters"),
    ("POST", "/_sandbox/reset", "restore the initial state"),
];

pub(crate) fn router() -> Router<Sandbox> {
    Router::new()
        .route("/_sandbox", get(index))
        .route("/_sandbox/clock", get(control_clock::show).post(control_clock::change))
        .route("/_sandbox/app", get(control_app::show).patch(control_app::change))
        .route("/_sandbox/shapes", get(control_shapes::show).patch(control_shapes::change))
        .route("/_sandbox/accounts", get(control_accounts::list).post(control_accounts::add))
        .route(
            "/_sandbox/accounts/{account}",
            get(control_accounts::show).patch(control_accounts::change).delete(control_accounts::delete),
        )
        .route("/_sandbox/accounts/{account}/media", get(control_media::list).post(control_media::publish))
        .route(
            "/_sandbox/accounts/{account}/media/{media}",
            get(control_media::show).patch(control_media::change).delete(control_media::delete),
        )
        .route("/_sandbox/faults", get(control_faults::list).post(control_faults::inject).delete(control_faults::clear))
        .route("/_sandbox/counters", get(show_counters).delete(reset_counters))
        .route("/_sandbox/reset", post(reset))
        .route("/_sandbox/tokens", post(control_tokens::create))
        .route("/_sandbox/signed_request", post(control_signed_request::sign))
        .merge(facebook::control::router())
}

async fn index() -> Json<Value> {
    let endpoints: Vec<_> = ENDPOINTS
        .iter()
        .chain(&facebook::control::ENDPOINTS)
        .map(|(method, path, purpose)| json!({"method": method, "path": path, "purpose": purpose}))
        .collect();
    Json(json!({"sandbox": "Evertoken sandbox - not Instagram", "endpoints": endpoints}))
}

async fn show_counters(State(sandbox): State<Sandbox>) -> ControlResponse {
    respond(&sandbox.state().counters)
}

async fn reset_counters(State(sandbox): State<Sandbox>) -> ControlResponse {
    sandbox.state().counters = Counters::default();
    show_counters(State(sandbox)).await
}

async fn reset(State(sandbox): State<Sandbox>) -> ControlResponse {
    sandbox.state().reset();
    control_clock::show(State(sandbox)).await
}
