//! What an endpoint gives back: a response, and one word for the counters.

use axum::response::{IntoResponse, Response};
use http::StatusCode;

/// An endpoint's answer.
pub(crate) struct Answer {
    /// For the counters. Static, so that nothing of a request can get in.
    pub(crate) outcome: &'static str,
    pub(crate) response: Response,
}

impl Answer {
    pub(crate) fn new(outcome: &'static str, response: impl IntoResponse) -> Self {
        Self { outcome, response: response.into_response() }
    }

    /// A template that cannot be rendered, which would be a fault of the sandbox.
    pub(crate) fn internal() -> Self {
        Self::new("internal", StatusCode::INTERNAL_SERVER_ERROR)
    }
}
