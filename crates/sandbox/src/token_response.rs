//! The response of the long-lived exchange and of the refresh.

use axum::Json;
use serde::Serialize;

use crate::endpoint_response::EndpointResponse;

#[derive(Serialize)]
pub(crate) struct TokenResponse {
    access_token: String,
    token_type: &'static str,
    expires_in: u32,
}

impl TokenResponse {
    pub(crate) fn new(access_token: String, expires_in: u32) -> Self {
        Self { access_token, token_type: "bearer", expires_in }
    }
}

impl From<TokenResponse> for EndpointResponse {
    fn from(response: TokenResponse) -> Self {
        Self::new("ok", Json(response))
    }
}
