//! An HTTP proxy that makes a server respond after a fixed time, and counts its requests.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::header::{CONTENT_LENGTH, HOST, TRANSFER_ENCODING};
use axum::http::request::Parts;
use axum::http::{Request, Response};
use evertoken_tests::http;
use reqwest::Client;
use tokio::net::TcpListener;

/// A proxy that runs as long as the runtime.
#[derive(Clone, Debug)]
pub struct LatencyProxy {
    origin: String,
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    client: Client,
    server: String,
    latency: Duration,
    requests: AtomicUsize,
}

impl LatencyProxy {
    /// Starts a proxy for the server at `server`. Each response leaves it `latency` after its request, however fast the server
    /// is, or as soon as a slower server has responded.
    pub async fn start(server: &str, latency: Duration) -> Self {
        let server = server.trim_end_matches('/').to_owned();
        let shared = Arc::new(Shared { client: http::client(), server, latency, requests: AtomicUsize::new(0) });
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let origin = format!("http://{}", listener.local_addr().unwrap());
        let service = Router::new().fallback(forward).with_state(Arc::clone(&shared));
        tokio::spawn(async move { axum::serve(listener, service).await });
        Self { origin, shared }
    }

    /// The proxy's origin.
    pub fn origin(&self) -> &str {
        &self.origin
    }

    /// The number of requests since the last call.
    pub fn take_requests(&self) -> usize {
        self.shared.requests.swap(0, Ordering::SeqCst)
    }
}

async fn forward(State(shared): State<Arc<Shared>>, request: Request<axum::body::Body>) -> Response<axum::body::Body> {
    let respond_at = Instant::now() + shared.latency;
    shared.requests.fetch_add(1, Ordering::SeqCst);
    let (Parts { method, uri, mut headers, .. }, body) = request.into_parts();
    let body: Bytes = axum::body::to_bytes(body, usize::MAX).await.unwrap();
    headers.remove(HOST);
    headers.remove(CONTENT_LENGTH);
    let url = format!("{}{uri}", shared.server);
    let response = shared.client.request(method, url).headers(headers).body(body).send().await.unwrap();
    let (status, mut headers) = (response.status(), response.headers().clone());
    headers.remove(TRANSFER_ENCODING);
    let mut forwarded = Response::new(response.bytes().await.unwrap().into());
    *forwarded.status_mut() = status;
    *forwarded.headers_mut() = headers;
    // The async runtime's timer rounds up to the next millisecond.
    let wait = move || thread::sleep(respond_at.saturating_duration_since(Instant::now()));
    tokio::task::spawn_blocking(wait).await.unwrap();
    forwarded
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_response_is_the_servers_after_at_least_the_latency() {
        let echo = Router::new().fallback(async |request: Request<axum::body::Body>| request.uri().to_string());
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let server = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(async move { axum::serve(listener, echo).await });
        let latency = Duration::from_millis(30);
        let proxy = LatencyProxy::start(&server, latency).await;
        let before = Instant::now();
        let response = http::client().get(format!("{}/path?query=1", proxy.origin())).send().await.unwrap();
        assert_eq!(response.text().await.unwrap(), "/path?query=1");
        assert!(before.elapsed() >= latency);
        assert_eq!((proxy.take_requests(), proxy.take_requests()), (1, 0));
    }
}
