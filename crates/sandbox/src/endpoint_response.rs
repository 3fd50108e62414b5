//! An endpoint's response and its outcome.

use axum::response::{IntoResponse, Response};
use http::StatusCode;

pub(crate) struct EndpointResponse {
    /// The label in the counters. It is static, so that no part of a request can get into the counters.
    pub(crate) outcome: &'static str,
    pub(crate) response: Response,
}

impl EndpointResponse {
    pub(crate) fn new(outcome: &'static str, response: impl IntoResponse) -> Self {
        Self { outcome, response: response.into_response() }
    }

    /// A bug in the sandbox, such as a template that fails to render.
    pub(crate) fn internal_error() -> Self {
        Self::new("internal", StatusCode::INTERNAL_SERVER_ERROR)
    }
}
