//! The port that sends HTTP requests to Instagram.

use std::fmt;

use evertoken_core::provider_error::{ProviderError, ProviderErrorKind};
use reqwest::header::HeaderMap;
use reqwest::{Request, RequestBuilder, StatusCode};
use secrecy::zeroize::Zeroizing;

/// A response of any status.
pub struct HttpResponse {
    /// The status code.
    pub status: StatusCode,
    /// The headers.
    pub headers: HeaderMap,
    /// The whole body, which may contain a token. Overwritten when it is dropped.
    pub body: Zeroizing<Vec<u8>>,
}

/// Without the headers and the body, which may contain a token.
impl fmt::Debug for HttpResponse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "HttpResponse({})", self.status)
    }
}

/// Builds a request and sends it.
pub(crate) async fn send(
    transport: &impl Transport,
    request: RequestBuilder,
    maximum_body: usize,
) -> Result<HttpResponse, ProviderError> {
    // Building cannot fail: the URLs are our own, and all other text is encoded.
    let request = request.build().map_err(|_| ProviderError::new(ProviderErrorKind::Unreachable))?;
    transport.send(request, maximum_body).await
}

/// Sends requests to Instagram. The HTTP client implements it, and so does the simulation, which has no network.
pub trait Transport: Send + Sync + 'static {
    /// Sends a request and reads the response, whose body must not be larger than `maximum_body` bytes. An error must not
    /// contain the request's URL, which may contain a token.
    fn send(
        &self,
        request: Request,
        maximum_body: usize,
    ) -> impl Future<Output = Result<HttpResponse, ProviderError>> + Send;
}
