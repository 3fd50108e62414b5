//! The bodies of Instagram's error responses.

use std::ops::Not;

use http::StatusCode;
use serde::Serialize;
use serde_json::{Value, json};

use crate::random_id::new_trace_id;

/// An error of the Graph host (Meta, Graph API error handling).
///
/// Convert it into a [`Value`] to get the response body, `{"error": {...}}`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct GraphError {
    /// The text for developers.
    pub message: String,
    /// The `type` member.
    #[serde(rename = "type")]
    pub error_type: GraphErrorType,
    /// Meta's error code, for example 190 for an invalid token.
    pub code: u32,
    /// The `error_subcode` member. Left out if `None`.
    #[serde(rename = "error_subcode", skip_serializing_if = "Option::is_none")]
    pub subcode: Option<u32>,
    /// Whether a retry may succeed. Left out if false.
    #[serde(skip_serializing_if = "Not::not")]
    pub is_transient: bool,
    /// Meta's support id. [`GraphError::new`] generates a random one.
    pub fbtrace_id: String,
}

/// The `type` member of a [`GraphError`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub enum GraphErrorType {
    /// `OAuthException`.
    #[serde(rename = "OAuthException")]
    OAuth,
    /// `IGApiException`.
    #[serde(rename = "IGApiException")]
    InstagramApi,
    /// `GraphMethodException`, of Facebook's host.
    #[serde(rename = "GraphMethodException")]
    GraphMethod,
}

impl GraphError {
    /// A permanent error of type `OAuthException` without a subcode.
    pub fn new(code: u32, message: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            error_type: GraphErrorType::OAuth,
            code,
            subcode: None,
            is_transient: false,
            fbtrace_id: new_trace_id(),
        }
    }

    /// Code 190: the token is invalid for the reason that the subcode gives.
    pub fn invalid_token(subcode: u32, message: impl Into<String>) -> Self {
        Self { subcode: Some(subcode), ..Self::new(190, message) }
    }

    /// Code 100 of type `IGApiException`: the request is invalid.
    pub fn invalid_request(message: impl Into<String>) -> Self {
        Self { error_type: GraphErrorType::InstagramApi, ..Self::new(100, message) }
    }

    /// An error that a retry may resolve.
    pub fn transient(code: u32, message: impl Into<String>) -> Self {
        Self { is_transient: true, ..Self::new(code, message) }
    }
}

impl From<GraphError> for Value {
    fn from(error: GraphError) -> Self {
        json!({ "error": error })
    }
}

/// An error of the code exchange, whose body is flat (Meta, "Business Login for Instagram").
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct CodeExchangeError {
    /// The type of the error.
    pub error_type: CodeExchangeErrorType,
    /// The HTTP status, repeated in the body.
    pub code: u16,
    /// The text for developers.
    pub error_message: String,
}

/// The `error_type` of a [`CodeExchangeError`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub enum CodeExchangeErrorType {
    /// `OAuthException`.
    #[serde(rename = "OAuthException")]
    OAuth,
    /// `OAuthRateLimitException`.
    #[serde(rename = "OAuthRateLimitException")]
    RateLimit,
}

impl CodeExchangeError {
    /// An `OAuthException`.
    pub fn new(status: StatusCode, message: impl Into<String>) -> Self {
        Self { error_type: CodeExchangeErrorType::OAuth, code: status.as_u16(), error_message: message.into() }
    }
}

impl From<CodeExchangeError> for Value {
    fn from(error: CodeExchangeError) -> Self {
        json!(error)
    }
}
