//! The HTTP client that sends requests to Instagram.

use std::time::Duration;

use evertoken_core::provider_error::{ProviderError, ProviderErrorKind};
use evertoken_https::{Tls, TlsError};
use reqwest::redirect::Policy;
use reqwest::{Client, Request, Response};

use crate::transport::{HttpResponse, Transport};

/// Instagram's responses are smaller than 4 KiB. Larger ones are rejected.
const MAXIMUM_BODY: usize = 64 * 1024;

/// Builds the client. It follows no redirects, because a redirect could carry a token to another host. Its timeouts leave
/// enough time to show an error page to the person who is waiting.
pub(crate) fn client(tls: &Tls) -> Result<Client, TlsError> {
    tls.client()
        .user_agent(concat!("evertoken/", env!("CARGO_PKG_VERSION")))
        .redirect(Policy::none())
        .connect_timeout(Duration::from_secs(5))
        .timeout(Duration::from_secs(10))
        .build()
        .map_err(|_| TlsError::Unusable)
}

impl Transport for Client {
    async fn send(&self, request: Request) -> Result<HttpResponse, ProviderError> {
        read(self, request).await.map_err(provider_error)
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

async fn read(client: &Client, request: Request) -> Result<HttpResponse, ReadError> {
    let response = client.execute(request).await?;
    // Only the path: the query contains secrets.
    tracing::debug!(path = response.url().path(), status = response.status().as_u16(), "Instagram responded");
    read_body(response).await
}

async fn read_body(mut response: Response) -> Result<HttpResponse, ReadError> {
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await? {
        if body.len() + chunk.len() > MAXIMUM_BODY {
            return Err(ReadError::TooLarge);
        }
        body.extend_from_slice(&chunk);
    }
    Ok(HttpResponse { status: response.status(), headers: std::mem::take(response.headers_mut()), body })
}

/// Drops `reqwest`'s error, which contains the URL and may therefore contain a token. Only its category is logged.
fn provider_error(error: ReadError) -> ProviderError {
    match error {
        ReadError::Http(error) => {
            let reason = if error.is_timeout() {
                "timeout"
            } else if error.is_connect() {
                "connection failed"
            } else {
                "connection lost"
            };
            // At debug level, because the call may be retried. The last error is logged by the caller that gives up.
            tracing::debug!(reason, "no response from Instagram");
            ProviderError::new(ProviderErrorKind::Unreachable)
        }
        ReadError::TooLarge => ProviderError::new(ProviderErrorKind::Unreadable),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_body_of_64_kib_is_read_and_a_larger_one_is_rejected() {
        let response = |size: usize| Response::from(http::Response::new("x".repeat(size)));
        let read = read_body(response(65_536)).await.ok().unwrap();
        assert_eq!(read.body.len(), 65_536);
        assert!(matches!(read_body(response(65_537)).await, Err(ReadError::TooLarge)));
    }
}
