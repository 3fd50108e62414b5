//! How the control API reads and answers.

use axum::Json;
use axum::body::Bytes;
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

/// A control endpoint's answer.
pub(crate) type Reply = Result<Json<Value>, Wrong>;

/// What is wrong with a control request.
pub(crate) struct Wrong {
    status: StatusCode,
    message: String,
}

impl Wrong {
    pub(crate) fn request(message: impl Into<String>) -> Self {
        Self { status: StatusCode::BAD_REQUEST, message: message.into() }
    }

    pub(crate) fn no_account(name: &str) -> Self {
        Self { status: StatusCode::NOT_FOUND, message: format!("there is no account {name:?}") }
    }

    pub(crate) fn conflict(message: impl Into<String>) -> Self {
        Self { status: StatusCode::CONFLICT, message: message.into() }
    }
}

impl IntoResponse for Wrong {
    fn into_response(self) -> Response {
        (self.status, Json(json!({"error": self.message}))).into_response()
    }
}

/// The JSON of a body, whatever its content type says.
pub(crate) fn read<T: DeserializeOwned>(body: &Bytes) -> Result<T, Wrong> {
    serde_json::from_slice(body).map_err(|error| Wrong::request(error.to_string()))
}

/// `current` with the members of the body in place of its own.
pub(crate) fn merge<T: Serialize + DeserializeOwned>(current: &T, body: &Bytes) -> Result<T, Wrong> {
    let wrong = |error: serde_json::Error| Wrong::request(error.to_string());
    let mut whole: serde_json::Map<String, Value> =
        serde_json::to_value(current).and_then(serde_json::from_value).map_err(wrong)?;
    whole.extend(read::<serde_json::Map<String, Value>>(body)?);
    serde_json::from_value(whole.into()).map_err(wrong)
}

/// Any value as the answer.
pub(crate) fn show(value: &impl Serialize) -> Reply {
    let value = serde_json::to_value(value).map_err(|error| Wrong::request(error.to_string()))?;
    Ok(Json(value))
}
