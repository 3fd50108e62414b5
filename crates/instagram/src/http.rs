//! One GET or POST to Instagram.

use std::time::Duration;

use evertoken_core::provider_error::{ProviderError, ProviderErrorKind};
use evertoken_https::{Tls, TlsError};
use reqwest::header::HeaderMap;
use reqwest::redirect::Policy;
use reqwest::{Client, Request, RequestBuilder, StatusCode};

/// Answers of Instagram's are below 4 KiB; what is larger is none of its.
const MAXIMUM_BODY: usize = 64 * 1024;

/// What came back, whatever it says.
#[derive(Debug)]
pub struct Answer {
    /// The status, whatever it is.
    pub status: StatusCode,
    /// The headers.
    pub headers: HeaderMap,
    /// The whole body.
    pub body: Vec<u8>,
}

/// What carries a request to Instagram and brings its answer: the HTTP client, or what stands in its place where a
/// simulated year leaves no time for a network.
pub trait Transport: Send + Sync + 'static {
    /// Sends a request and reads its answer. A failure says nothing of the request, since its URL may carry a token.
    fn send(&self, request: Request) -> impl Future<Output = Result<Answer, ProviderError>> + Send;
}

/// The client for all calls: it keeps connections, follows no redirect (one could carry a token elsewhere) and gives up
/// in time for a person to be told.
pub(crate) fn client(tls: &Tls) -> Result<Client, TlsError> {
    tls.client()
        .user_agent(concat!("evertoken/", env!("CARGO_PKG_VERSION")))
        .redirect(Policy::none())
        .connect_timeout(Duration::from_secs(5))
        .timeout(Duration::from_secs(10))
        .build()
        .map_err(|_| TlsError::Unusable)
}

/// Sends what was built.
pub(crate) async fn send(transport: &impl Transport, request: RequestBuilder) -> Result<Answer, ProviderError> {
    // Built of our own URLs and of texts that are encoded: it always is a request.
    let request = request.build().map_err(|_| ProviderError::new(ProviderErrorKind::Unreachable))?;
    transport.send(request).await
}

/// An error of `reqwest`'s carries the URL and so may carry a token: it ends here, and only what kind it was is logged.
impl Transport for Client {
    async fn send(&self, request: Request) -> Result<Answer, ProviderError> {
        read(self, request).await.map_err(failure)
    }
}

fn failure(error: ReadError) -> ProviderError {
    match error {
        ReadError::Http(error) => {
            let reason = if error.is_timeout() {
                "time-out"
            } else if error.is_connect() {
                "no connection"
            } else {
                "cut off"
            };
            // Whoever gives up says so; a try that is made again is not worth a line.
            tracing::debug!(reason, "Instagram did not answer");
            ProviderError::new(ProviderErrorKind::Unreachable)
        }
        ReadError::TooLarge => ProviderError::new(ProviderErrorKind::Unreadable),
    }
}

enum ReadError {
    Http(reqwest::Error),
    TooLarge,
}

impl From<reqwest::Error> for ReadError {
    fn from(error: reqwest::Error) -> Self {
        Self::Http(error)
    }
}

async fn read(client: &Client, request: Request) -> Result<Answer, ReadError> {
    let mut response = client.execute(request).await?;
    // The path alone: secrets travel in the query.
    tracing::debug!(path = response.url().path(), status = response.status().as_u16(), "Instagram answered");
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await? {
        if body.len() + chunk.len() > MAXIMUM_BODY {
            return Err(ReadError::TooLarge);
        }
        body.extend_from_slice(&chunk);
    }
    Ok(Answer { status: response.status(), headers: std::mem::take(response.headers_mut()), body })
}
