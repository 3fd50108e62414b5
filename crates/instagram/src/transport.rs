//! The port that sends HTTP requests to Instagram.

use evertoken_core::provider_error::ProviderError;
use reqwest::header::HeaderMap;
use reqwest::{Request, StatusCode};

/// A response of any status.
#[derive(Debug)]
pub struct HttpResponse {
    /// The status code.
    pub status: StatusCode,
    /// The headers.
    pub headers: HeaderMap,
    /// The whole body.
    pub body: Vec<u8>,
}

/// Sends requests to Instagram. The HTTP client implements it, and so does the simulation, which has no network.
pub trait Transport: Send + Sync + 'static {
    /// Sends a request and reads the response. An error must not contain the request's URL, which may contain a token.
    fn send(&self, request: Request) -> impl Future<Output = Result<HttpResponse, ProviderError>> + Send;
}
