//! JSON requests and responses of the control API.

use axum::Json;
use axum::body::Bytes;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use crate::control_error::ControlError;

pub(crate) type ControlResponse = Result<Json<Value>, ControlError>;

/// Parses a body as JSON, whatever its content type.
pub(crate) fn parse<T: DeserializeOwned>(body: &Bytes) -> Result<T, ControlError> {
    serde_json::from_slice(body).map_err(invalid)
}

/// Overwrites members of `current` with those of the body.
pub(crate) fn merge<T: Serialize + DeserializeOwned>(current: &T, body: &Bytes) -> Result<T, ControlError> {
    let mut merged: Map<String, Value> =
        serde_json::to_value(current).and_then(serde_json::from_value).map_err(invalid)?;
    merged.extend(parse::<Map<String, Value>>(body)?);
    serde_json::from_value(merged.into()).map_err(invalid)
}

pub(crate) fn respond(value: &impl Serialize) -> ControlResponse {
    serde_json::to_value(value).map(Json).map_err(invalid)
}

#[expect(clippy::needless_pass_by_value, reason = "for map_err")]
fn invalid(error: serde_json::Error) -> ControlError {
    ControlError::InvalidRequest(error.to_string())
}
