//! The control API under `/_sandbox`: the clock, the app, the shapes, faults and counters.

use axum::body::Bytes;
use axum::extract::State as Shared;
use axum::routing::{get, post};
use axum::{Json, Router};
use http::{HeaderName, HeaderValue};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use time::{Duration, OffsetDateTime};
use url::Url;

use crate::Sandbox;
use crate::control_reply::{Reply, Wrong, merge, read, show};
use crate::faults::{Fault, FaultAnswer, Faults};
use crate::{control_accounts, control_tokens, signed_request};

/// Every control endpoint: method, path, purpose.
const ENDPOINTS: [(&str, &str, &str); 20] = [
    ("GET", "/_sandbox", "this list"),
    ("GET", "/_sandbox/clock", "the sandbox's time"),
    ("POST", "/_sandbox/clock", "move it: {\"advance_seconds\"} or {\"set\"}"),
    ("GET", "/_sandbox/app", "app id, redirect URIs and scopes"),
    ("PATCH", "/_sandbox/app", "change them: {\"app_id\", \"app_secret\", \"redirect_uris\", \"scopes\"}"),
    ("GET", "/_sandbox/shapes", "the forms of the answers"),
    ("PATCH", "/_sandbox/shapes", "change some of them"),
    ("GET", "/_sandbox/accounts", "all accounts"),
    ("POST", "/_sandbox/accounts", "add one: {\"username\"} and whatever differs from the default"),
    ("GET", "/_sandbox/accounts/{account}", "one account, by user name or either id"),
    ("PATCH", "/_sandbox/accounts/{account}", "change it, or what has happened to it"),
    ("DELETE", "/_sandbox/accounts/{account}", "remove it and its tokens"),
    ("POST", "/_sandbox/tokens", "mint a token: {\"account\", \"kind\", \"age_seconds\"}"),
    ("POST", "/_sandbox/signed_request", "what Meta posts when somebody removes the app: {\"account\"}"),
    ("GET", "/_sandbox/faults", "the faults that are waiting"),
    ("POST", "/_sandbox/faults", "set one: {\"endpoint\", \"times\", \"latency_ms\", \"answer\"}"),
    ("DELETE", "/_sandbox/faults", "remove all"),
    ("GET", "/_sandbox/counters", "requests, outcomes and own time by endpoint"),
    ("DELETE", "/_sandbox/counters", "count from zero"),
    ("POST", "/_sandbox/reset", "everything as at the start"),
];

pub(crate) fn router() -> Router<Sandbox> {
    Router::new()
        .route("/_sandbox", get(index))
        .route("/_sandbox/clock", get(clock).post(move_clock))
        .route("/_sandbox/app", get(show_app).patch(change_app))
        .route("/_sandbox/shapes", get(shapes).patch(change_shapes))
        .route("/_sandbox/faults", get(faults).post(add_fault).delete(clear_faults))
        .route("/_sandbox/counters", get(counters).delete(clear_counters))
        .route("/_sandbox/reset", post(reset))
        .route("/_sandbox/tokens", post(control_tokens::mint))
        .route("/_sandbox/signed_request", post(signed_request::sign))
        .merge(control_accounts::router())
}

async fn index() -> Json<Value> {
    let endpoints: Vec<_> = ENDPOINTS
        .iter()
        .map(|(method, path, purpose)| json!({"method": method, "path": path, "purpose": purpose}))
        .collect();
    Json(json!({"sandbox": "Evertoken sandbox - not Instagram", "endpoints": endpoints}))
}

#[derive(Serialize)]
struct Now {
    #[serde(with = "time::serde::rfc3339")]
    now: OffsetDateTime,
}

async fn clock(Shared(sandbox): Shared<Sandbox>) -> Reply {
    show(&Now { now: sandbox.now() })
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum Move {
    AdvanceSeconds(i64),
    #[serde(with = "time::serde::rfc3339")]
    Set(OffsetDateTime),
}

async fn move_clock(Shared(sandbox): Shared<Sandbox>, body: Bytes) -> Reply {
    match read(&body)? {
        Move::AdvanceSeconds(seconds) => sandbox.advance(Duration::seconds(seconds)),
        Move::Set(to) => sandbox.state().clock.set(to),
    }
    clock(Shared(sandbox)).await
}

/// The secret is taken and never shown.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct AppChange {
    app_id: Option<String>,
    app_secret: Option<String>,
    redirect_uris: Option<Vec<String>>,
    scopes: Option<Vec<String>>,
}

async fn show_app(Shared(sandbox): Shared<Sandbox>) -> Reply {
    let app = &sandbox.state().app;
    Ok(Json(json!({"app_id": app.app_id, "redirect_uris": app.redirect_uris, "scopes": app.scopes})))
}

async fn change_app(Shared(sandbox): Shared<Sandbox>, body: Bytes) -> Reply {
    let change: AppChange = read(&body)?;
    if let Some(wrong) = change.redirect_uris.iter().flatten().find(|uri| Url::parse(uri).is_err()) {
        return Err(Wrong::request(format!("{wrong:?} is no absolute URL")));
    }
    {
        let app = &mut sandbox.state().app;
        app.app_id = change.app_id.unwrap_or_else(|| app.app_id.clone());
        app.app_secret = change.app_secret.unwrap_or_else(|| app.app_secret.clone());
        app.redirect_uris = change.redirect_uris.unwrap_or_else(|| app.redirect_uris.clone());
        app.scopes = change.scopes.unwrap_or_else(|| app.scopes.clone());
    }
    show_app(Shared(sandbox)).await
}

async fn shapes(Shared(sandbox): Shared<Sandbox>) -> Reply {
    show(&sandbox.state().app.shapes)
}

async fn change_shapes(Shared(sandbox): Shared<Sandbox>, body: Bytes) -> Reply {
    let shapes = &mut sandbox.state().app.shapes;
    *shapes = merge(shapes, &body)?;
    show(shapes)
}

async fn faults(Shared(sandbox): Shared<Sandbox>) -> Reply {
    show(&sandbox.state().faults)
}

async fn add_fault(Shared(sandbox): Shared<Sandbox>, body: Bytes) -> Reply {
    let mut fault: Fault = read(&body)?;
    if let Some(FaultAnswer::Status { headers, .. }) = &fault.answer {
        let sendable = |(name, value): (&String, &String)| {
            HeaderName::try_from(name).is_ok() && HeaderValue::try_from(value).is_ok()
        };
        if let Some((name, _)) = headers.iter().find(|header| !sendable(*header)) {
            return Err(Wrong::request(format!("the header {name:?} cannot be sent")));
        }
    }
    let mut state = sandbox.state();
    if let Some(name) = &mut fault.account {
        let account = state.find_account(name).ok_or_else(|| Wrong::no_account(name))?;
        *name = account.app_scoped_id.to_string();
    }
    state.faults.add(fault);
    show(&state.faults)
}

async fn clear_faults(Shared(sandbox): Shared<Sandbox>) -> Reply {
    sandbox.state().faults = Faults::default();
    faults(Shared(sandbox)).await
}

async fn counters(Shared(sandbox): Shared<Sandbox>) -> Reply {
    show(&sandbox.state().counters)
}

async fn clear_counters(Shared(sandbox): Shared<Sandbox>) -> Reply {
    sandbox.state().counters = crate::counters::Counters::default();
    counters(Shared(sandbox)).await
}

async fn reset(Shared(sandbox): Shared<Sandbox>) -> Reply {
    sandbox.state().reset();
    clock(Shared(sandbox)).await
}
