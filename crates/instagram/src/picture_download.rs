//! Downloads the pictures of posts from Instagram's content delivery network.

use std::time::Duration;

use evertoken_core::media::{PictureError, PictureSource};
use evertoken_https::{Tls, TlsError};
use reqwest::{Client, StatusCode};
use url::Url;

use crate::endpoints::Endpoints;

/// Downloads pictures without a token, a cookie or a redirect. The links are signed, so none of them is logged.
#[derive(Clone, Debug)]
pub struct PictureDownload {
    client: Client,
    /// The sandbox serves its pictures over HTTP.
    accepts_http: bool,
}

impl PictureDownload {
    /// A download that trusts the operating system's certificate authorities.
    pub fn new(endpoints: &Endpoints) -> Result<Self, TlsError> {
        Self::with_tls(&Tls::with_system_roots(), endpoints)
    }

    /// A download that shares a TLS configuration with other clients. It accepts plain HTTP only if the Graph API of
    /// `endpoints` is reached over plain HTTP, as the sandbox is.
    pub fn with_tls(tls: &Tls, endpoints: &Endpoints) -> Result<Self, TlsError> {
        let accepts_http = endpoints.graph.scheme() == "http";
        let client = tls
            .client()
            .user_agent(concat!("evertoken/", env!("CARGO_PKG_VERSION")))
            .https_only(!accepts_http)
            .connect_timeout(Duration::from_secs(5))
            .timeout(Duration::from_secs(20))
            .build()
            .map_err(|_| TlsError::Unusable)?;
        Ok(Self { client, accepts_http })
    }

    /// A user name or password in a link would be sent to the server.
    fn accepts(&self, url: &Url) -> bool {
        let is_accepted_scheme = url.scheme() == "https" || (url.scheme() == "http" && self.accepts_http);
        is_accepted_scheme && url.username().is_empty() && url.password().is_none()
    }
}

impl PictureSource for PictureDownload {
    async fn picture(&self, url: &Url, limit: usize) -> Result<Vec<u8>, PictureError> {
        if !self.accepts(url) {
            return Err(PictureError::NotAPicture);
        }
        let mut response = self.client.get(url.clone()).send().await.map_err(unreachable)?;
        check_status(response.status())?;
        let is_too_long = |length| usize::try_from(length).map_or(true, |length| length > limit);
        if response.content_length().is_some_and(is_too_long) {
            return Err(PictureError::TooLarge);
        }
        let mut picture = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(unreachable)? {
            if chunk.len() > limit - picture.len() {
                return Err(PictureError::TooLarge);
            }
            picture.extend_from_slice(&chunk);
        }
        Ok(picture)
    }
}

fn check_status(status: StatusCode) -> Result<(), PictureError> {
    match status {
        StatusCode::OK => Ok(()),
        StatusCode::FORBIDDEN | StatusCode::NOT_FOUND | StatusCode::GONE => Err(PictureError::Expired),
        StatusCode::TOO_MANY_REQUESTS => Err(PictureError::Unreachable),
        _ if status.is_server_error() => Err(PictureError::Unreachable),
        _ => Err(PictureError::NotAPicture),
    }
}

/// Drops `reqwest`'s error, which contains the link.
fn unreachable(_: reqwest::Error) -> PictureError {
    PictureError::Unreachable
}

#[cfg(test)]
mod tests {
    use std::io::{Read as _, Write as _};
    use std::net::{SocketAddr, TcpListener, TcpStream};

    use evertoken_https::{RedirectTarget, read_request};
    use tokio::time::{Instant, timeout};

    use super::*;

    /// Longer than any timeout. It passes at once on the paused clock.
    const FOREVER: Duration = Duration::from_hours(24);

    fn download(graph: &str) -> PictureDownload {
        let endpoints = Endpoints::on_one_origin(&graph.parse().unwrap());
        PictureDownload::new(&endpoints).unwrap()
    }

    fn from_sandbox() -> PictureDownload {
        download("http://127.0.0.1:4000")
    }

    fn url(address: SocketAddr) -> Url {
        format!("http://{address}/cdn/1.jpg?oh=signature&oe=6A1B2C3D").parse().unwrap()
    }

    /// Serves each connection with `serve`, after it has read the request. Returns the picture's link.
    fn server(serve: impl Fn(&[u8], TcpStream) + Send + 'static) -> Url {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let link = url(listener.local_addr().unwrap());
        std::thread::spawn(move || {
            while let Ok((mut stream, _)) = listener.accept() {
                let request = read_request(&mut stream).unwrap();
                serve(&request, stream);
            }
        });
        link
    }

    fn fixed(response: impl Into<Vec<u8>>) -> Url {
        let response = response.into();
        server(move |_, mut stream| drop(stream.write_all(&response)))
    }

    #[tokio::test]
    async fn returns_the_bytes_and_sends_nothing_but_the_link() {
        let link = server(|request, mut stream| {
            let length = request.len();
            write!(stream, "HTTP/1.1 200 OK\r\ncontent-length: {length}\r\n\r\n").unwrap();
            stream.write_all(request).unwrap();
        });
        let echo = from_sandbox().picture(&link, 10_000).await.unwrap();
        let request = String::from_utf8(echo).unwrap().to_ascii_lowercase();
        assert!(request.starts_with("get /cdn/1.jpg?oh=signature&oe=6a1b2c3d http/1.1\r\n"), "{request}");
        let names: Vec<_> = request.lines().skip(1).filter_map(|line| Some(line.split_once(':')?.0)).collect();
        assert!(names.iter().all(|name| ["accept", "host", "user-agent"].contains(name)), "{request}");
    }

    #[tokio::test]
    async fn a_picture_may_have_exactly_the_limit() {
        let whole = "HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\n12345";
        let no_length = "HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n12345";
        for response in [whole, no_length] {
            for (limit, expected) in
                [(5, Ok(b"12345".to_vec())), (4, Err(PictureError::TooLarge)), (0, Err(PictureError::TooLarge))]
            {
                assert_eq!(from_sandbox().picture(&fixed(response), limit).await, expected, "{limit}: {response}");
            }
        }
    }

    #[tokio::test]
    async fn an_endless_body_ends_at_the_limit_and_closes_the_connection() {
        let (closed, mut is_closed) = tokio::sync::mpsc::unbounded_channel();
        let link = server(move |_, mut stream| {
            stream.write_all(b"HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n").unwrap();
            while stream.write_all(&[0; 4096]).is_ok() {}
            closed.send(()).unwrap();
        });
        assert_eq!(from_sandbox().picture(&link, 1_000_000).await, Err(PictureError::TooLarge));
        is_closed.recv().await.unwrap();
    }

    #[tokio::test]
    async fn a_body_that_names_a_length_above_the_limit_is_not_read() {
        let link = fixed("HTTP/1.1 200 OK\r\ncontent-length: 50000000\r\n\r\n");
        assert_eq!(from_sandbox().picture(&link, 1_000_000).await, Err(PictureError::TooLarge));
    }

    #[tokio::test]
    async fn an_incomplete_body_is_an_error() {
        let link = fixed("HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\n12345");
        assert_eq!(from_sandbox().picture(&link, 100).await, Err(PictureError::Unreachable));
    }

    #[tokio::test(start_paused = true)]
    async fn a_server_that_never_answers_is_left_after_twenty_seconds() {
        let hanging = TcpListener::bind("127.0.0.1:0").unwrap();
        let start = Instant::now();
        let download = from_sandbox();
        let picture = timeout(FOREVER, download.picture(&url(hanging.local_addr().unwrap()), 100)).await;
        assert_eq!((picture, start.elapsed().as_secs()), (Ok(Err(PictureError::Unreachable)), 20));
    }

    #[tokio::test]
    async fn a_redirect_is_no_picture_and_its_target_is_never_contacted() {
        for status in ["301 Moved Permanently", "302 Found", "307 Temporary Redirect", "308 Permanent Redirect"] {
            let target = RedirectTarget::start().unwrap();
            let location = format!("location: http://{}/", target.address);
            let link = fixed(format!("HTTP/1.1 {status}\r\n{location}\r\ncontent-length: 0\r\n\r\n"));
            assert_eq!(from_sandbox().picture(&link, 100).await, Err(PictureError::NotAPicture), "{status}");
            assert!(!target.was_contacted(), "{status}");
        }
    }

    #[tokio::test]
    async fn a_link_with_another_scheme_or_a_password_is_never_contacted() {
        let target = RedirectTarget::start().unwrap();
        let address = target.address;
        for (graph, link) in [
            ("https://graph.instagram.com", format!("http://{address}/")),
            ("https://graph.instagram.com", format!("ftp://{address}/")),
            ("http://127.0.0.1:4000", format!("ftp://{address}/")),
            ("http://127.0.0.1:4000", format!("http://user:pass@{address}/")),
            ("http://127.0.0.1:4000", format!("http://user@{address}/")),
            ("http://127.0.0.1:4000", "file:///etc/passwd".to_owned()),
            ("http://127.0.0.1:4000", "data:image/png;base64,AA".to_owned()),
        ] {
            let picture = download(graph).picture(&link.parse().unwrap(), 100).await;
            assert_eq!(picture, Err(PictureError::NotAPicture), "{graph} {link}");
        }
        assert!(!target.was_contacted());
    }

    #[tokio::test]
    async fn an_https_link_is_contacted_over_tls() {
        let (sent, first_byte) = std::sync::mpsc::channel();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let link = format!("https://{}/", listener.local_addr().unwrap()).parse().unwrap();
        std::thread::spawn(move || {
            let mut byte = [0];
            listener.accept().unwrap().0.read_exact(&mut byte).unwrap();
            sent.send(byte[0]).unwrap();
        });
        let picture = download("https://graph.instagram.com").picture(&link, 100).await;
        assert_eq!(picture, Err(PictureError::Unreachable));
        assert_eq!(first_byte.recv().unwrap(), 0x16, "a TLS handshake");
    }

    #[tokio::test]
    async fn the_status_decides_whether_to_ask_for_a_new_link() {
        for (status, error) in [
            (403, PictureError::Expired),
            (404, PictureError::Expired),
            (410, PictureError::Expired),
            (429, PictureError::Unreachable),
            (500, PictureError::Unreachable),
            (503, PictureError::Unreachable),
            (204, PictureError::NotAPicture),
            (206, PictureError::NotAPicture),
            (400, PictureError::NotAPicture),
            (304, PictureError::NotAPicture),
        ] {
            let link = fixed(format!("HTTP/1.1 {status} X\r\nconnection: close\r\ncontent-length: 0\r\n\r\n"));
            assert_eq!(from_sandbox().picture(&link, 100).await, Err(error), "{status}");
        }
    }
}
