//! The HTTP client that sends requests to Instagram.

use std::time::Duration;

use evertoken_core::provider_error::{ProviderError, ProviderErrorKind};
use evertoken_https::{Tls, TlsError};
use reqwest::{Client, Request, Response};
use secrecy::zeroize::Zeroizing;

use crate::transport::{HttpResponse, Transport};

/// The limit of all responses but a list of posts. They are smaller than 4 KiB.
pub(crate) const MAXIMUM_BODY: usize = 64 * 1024;

/// Large enough for most of them, and small enough to be overwritten after each.
const USUAL_BODY: usize = 1024;

/// Builds the client. Its timeouts leave enough time to show an error page to the person who is waiting.
pub(crate) fn client(tls: &Tls) -> Result<Client, TlsError> {
    tls.client()
        .user_agent(concat!("evertoken/", env!("CARGO_PKG_VERSION")))
        .connect_timeout(Duration::from_secs(5))
        .timeout(Duration::from_secs(10))
        .build()
        .map_err(|_| TlsError::Unusable)
}

impl Transport for Client {
    async fn send(&self, request: Request, maximum_body: usize) -> Result<HttpResponse, ProviderError> {
        read(self, request, maximum_body).await.map_err(provider_error)
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

async fn read(client: &Client, request: Request, maximum_body: usize) -> Result<HttpResponse, ReadError> {
    let response = client.execute(request).await?;
    // Only the path: the query contains secrets.
    tracing::debug!(path = response.url().path(), status = response.status().as_u16(), "Instagram responded");
    read_body(response, maximum_body).await
}

async fn read_body(mut response: Response, maximum: usize) -> Result<HttpResponse, ReadError> {
    let mut body = Zeroizing::new(Vec::with_capacity(USUAL_BODY));
    while let Some(chunk) = response.chunk().await? {
        if body.len() + chunk.len() > maximum {
            return Err(ReadError::TooLarge);
        }
        append(&mut body, &chunk);
    }
    Ok(HttpResponse { status: response.status(), headers: std::mem::take(response.headers_mut()), body })
}

/// Appends a chunk. A vector that grows by itself would leave copies of its bytes behind.
fn append(body: &mut Zeroizing<Vec<u8>>, chunk: &[u8]) {
    let length = body.len() + chunk.len();
    if length > body.capacity() {
        let mut larger = Zeroizing::new(Vec::with_capacity(length.max(2 * body.capacity())));
        larger.extend_from_slice(body);
        *body = larger;
    }
    body.extend_from_slice(chunk);
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
    use std::io::Write as _;
    use std::net::TcpListener;

    use evertoken_core::app::App;
    use evertoken_core::provider::Provider;
    use evertoken_core::secrets::{AccessToken, AuthorizationCode};
    use evertoken_https::{RedirectTarget, read_request};
    use tokio::time::{Instant, timeout};
    use url::Url;

    use crate::endpoints::Endpoints;
    use crate::instagram_login::InstagramLogin;

    use super::*;

    /// Longer than any timeout. It passes at once on the paused clock.
    const FOREVER: Duration = Duration::from_hours(24);

    fn instagram_at(listener: &TcpListener) -> InstagramLogin {
        let origin: Url = format!("http://{}", listener.local_addr().unwrap()).parse().unwrap();
        InstagramLogin::new(Endpoints::on_one_origin(&origin)).unwrap()
    }

    /// The errors of all five calls.
    async fn call_all(instagram: &InstagramLogin) -> [ProviderErrorKind; 5] {
        let app = App::new("1", "hunter2", &[]).unwrap();
        let (code, token) = (AuthorizationCode::from_query("code"), AccessToken::new("IGAA"));
        let redirect_uri = Url::parse("https://login.example.com/callback").unwrap();
        [
            instagram.exchange_code(&app, &code, &redirect_uri).await.unwrap_err().kind,
            instagram.extend(&app, &token).await.unwrap_err().kind,
            instagram.renew(&token).await.unwrap_err().kind,
            instagram.profile(&token).await.unwrap_err().kind,
            instagram.list_posts(&token, 12).await.unwrap_err().kind,
        ]
    }

    #[tokio::test(start_paused = true)]
    async fn each_call_to_a_server_that_never_answers_ends_after_ten_seconds() {
        // Connections are accepted by the operating system, and nobody answers.
        let hanging = TcpListener::bind("127.0.0.1:0").unwrap();
        let start = Instant::now();
        let calls = timeout(FOREVER, call_all(&instagram_at(&hanging))).await.expect("a call has no timeout");
        assert_eq!(calls, [ProviderErrorKind::Unreachable; 5]);
        assert_eq!(start.elapsed().as_secs(), 50);
    }

    #[tokio::test]
    async fn a_redirect_is_an_error_and_its_target_never_receives_a_token() {
        for status in ["302 Found", "307 Temporary Redirect", "308 Permanent Redirect"] {
            let (server, target) = (TcpListener::bind("127.0.0.1:0").unwrap(), RedirectTarget::start().unwrap());
            let location = target.address;
            let instagram = instagram_at(&server);
            std::thread::spawn(move || {
                while let Ok((mut stream, _)) = server.accept() {
                    read_request(&mut stream).unwrap();
                    let close = "connection: close\r\ncontent-length: 0\r\n\r\n";
                    write!(stream, "HTTP/1.1 {status}\r\nlocation: http://{location}/\r\n{close}").unwrap();
                }
            });
            let calls = call_all(&instagram).await;
            assert!(!target.was_contacted(), "a call followed {status}");
            assert_eq!(calls, [ProviderErrorKind::Unreadable; 5], "{status}");
        }
    }

    /// A server that answers one request with this body. The body ends with the connection, so that nothing else tells how
    /// long it is.
    fn answering_with(body: String) -> InstagramLogin {
        let server = TcpListener::bind("127.0.0.1:0").unwrap();
        let instagram = instagram_at(&server);
        std::thread::spawn(move || {
            let mut stream = server.accept().unwrap().0;
            read_request(&mut stream).unwrap();
            // The client closes the connection if the body is too long.
            _ = write!(stream, "HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n{body}");
        });
        instagram
    }

    #[tokio::test]
    async fn a_response_that_is_larger_than_any_of_instagrams_is_rejected() {
        let profile = |padding: usize| {
            let padding = "x".repeat(padding);
            format!(r#"{{"id":"1","user_id":"2","username":"shop","account_type":"BUSINESS","padding":"{padding}"}}"#)
        };
        let around = profile(0).len();
        // The first length is that of Instagram's own responses.
        for (length, fits) in [(4 * 1024, true), (MAXIMUM_BODY, true), (MAXIMUM_BODY + 1, false)] {
            let profile = answering_with(profile(length - around)).profile(&AccessToken::new("IGAA")).await;
            assert_eq!(profile.is_ok(), fits, "{length}: {profile:?}");
        }
    }

    #[tokio::test]
    async fn a_page_of_a_hundred_albums_with_long_captions_is_read() {
        for (length, fits) in [(6_000_000, true), (9_000_000, false)] {
            let page = format!(r#"{{"data":[],"padding":"{}"}}"#, "x".repeat(length));
            let posts = answering_with(page).list_posts(&AccessToken::new("IGAA"), 100).await;
            assert_eq!(posts.is_ok(), fits, "{length}: {posts:?}");
        }
    }

    #[test]
    fn a_body_moves_only_when_it_is_full_and_then_grows_enough_for_several_chunks() {
        let mut body = Zeroizing::new(Vec::with_capacity(16));
        append(&mut body, &[1; 10]);
        append(&mut body, &[2; 6]);
        assert_eq!(body.capacity(), 16);
        append(&mut body, &[3]);
        assert_eq!((body.len(), body.capacity()), (17, 32));
        append(&mut body, &[4; 50]);
        assert_eq!(*body, [vec![1; 10], vec![2; 6], vec![3], vec![4; 50]].concat());
    }
}
