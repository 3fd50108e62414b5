//! Errors of the control API.

use axum::Json;
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use serde_json::json;

use crate::account::InstagramId;
use crate::facebook::id::FacebookId;

/// Why the sandbox rejects a control request.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ControlError {
    /// No account has this username or id.
    #[error("there is no account {0:?}")]
    UnknownAccount(String),
    /// The account has no post with this id.
    #[error("there is no post {0}")]
    UnknownPost(InstagramId),
    /// Another account has this username.
    #[error("another account has the username {0:?}")]
    DuplicateUsername(String),
    /// Another account has this app-scoped id.
    #[error("another account has the app-scoped id {0}")]
    DuplicateId(InstagramId),
    /// No person has this label or id.
    #[error("there is no person {0:?}")]
    UnknownPerson(String),
    /// The person has no page with this id or name.
    #[error("there is no page {0:?}")]
    UnknownPage(String),
    /// Another person has this label.
    #[error("another person has the label {0:?}")]
    DuplicateLabel(String),
    /// Another person has this id.
    #[error("another person has the id {0}")]
    DuplicatePersonId(FacebookId),
    /// The person has two pages with this id.
    #[error("the page {0} appears twice")]
    DuplicatePage(FacebookId),
    /// A fault's status is 1xx, which is not a final response.
    #[error("{0} is not a final HTTP status")]
    InformationalStatus(u16),
    /// A fault's header has an invalid name or value.
    #[error("the header {0:?} is not valid")]
    InvalidHeader(String),
    /// The request is malformed for this reason.
    #[error("{0}")]
    InvalidRequest(String),
}

impl IntoResponse for ControlError {
    fn into_response(self) -> Response {
        let status = match self {
            Self::UnknownAccount(_) | Self::UnknownPost(_) | Self::UnknownPerson(_) | Self::UnknownPage(_) => {
                StatusCode::NOT_FOUND
            }
            Self::DuplicateUsername(_)
            | Self::DuplicateId(_)
            | Self::DuplicateLabel(_)
            | Self::DuplicatePersonId(_)
            | Self::DuplicatePage(_) => StatusCode::CONFLICT,
            Self::InformationalStatus(_) | Self::InvalidHeader(_) | Self::InvalidRequest(_) => StatusCode::BAD_REQUEST,
        };
        (status, Json(json!({"error": self.to_string()}))).into_response()
    }
}
