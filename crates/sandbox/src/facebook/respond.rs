//! The frame of a call's response: faults, counters, the error's format, and keys that no documentation mentions.

use axum::Json;
use axum::response::Response;
use serde_json::{Value, json};
use time::OffsetDateTime;

use crate::account::InstagramId;
use crate::endpoint::Endpoint;
use crate::endpoint_response::EndpointResponse;
use crate::facebook::rejection::FacebookRejection;
use crate::request_handler::RequestHandler;
use crate::sandbox::Sandbox;
use crate::state::SandboxState;

/// Runs a call. `account` is the person's id, or that of an Instagram account, to which faults can be limited.
pub(crate) async fn respond(
    sandbox: &Sandbox,
    endpoint: Endpoint,
    account: Option<InstagramId>,
    operation: impl FnOnce(&mut SandboxState, OffsetDateTime) -> Result<Value, FacebookRejection>,
) -> Response {
    let handler = RequestHandler::new(sandbox, endpoint);
    handler.handle(account, |state, now| result(state, now, operation)).await
}

/// The response to a call.
pub(crate) fn result(
    state: &mut SandboxState,
    now: OffsetDateTime,
    operation: impl FnOnce(&mut SandboxState, OffsetDateTime) -> Result<Value, FacebookRejection>,
) -> EndpointResponse {
    match operation(state, now) {
        Ok(mut body) => {
            if state.facebook.shapes.unknown_keys {
                add_unknown_keys(&mut body);
            }
            EndpointResponse::new("ok", Json(body))
        }
        Err(rejection) => rejection.response(state.shapes.error_subcode),
    }
}

/// Adds a key to every object.
fn add_unknown_keys(value: &mut Value) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(add_unknown_keys),
        Value::Object(members) => {
            members.values_mut().for_each(add_unknown_keys);
            members.insert("unknown_to_documentation".to_owned(), json!({"nested": [1, null, "two"]}));
        }
        _ => {}
    }
}
