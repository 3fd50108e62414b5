//! A proxy that marks requests to MiniStack as encrypted.
//!
//! The bucket that `sam deploy` creates denies requests that are not. MiniStack serves plain HTTP, and believes the header that a
//! proxy sets after it has terminated TLS.

use axum::Router;
use axum::extract::{Request, State};
use axum::http::header::{CONTENT_LENGTH, TRANSFER_ENCODING};
use axum::response::{IntoResponse, Response};
use tokio::net::TcpListener;

use crate::http;

/// Starts a proxy, which is served until the test's async runtime shuts down, and returns the value for `AWS_ENDPOINT_URL`.
pub async fn start(ministack: &str) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let endpoint = format!("http://{}", listener.local_addr().unwrap());
    let service = Router::new().fallback(forward).with_state(ministack.to_owned());
    tokio::spawn(async move { axum::serve(listener, service).await });
    endpoint
}

async fn forward(State(ministack): State<String>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let body = axum::body::to_bytes(body, usize::MAX).await.unwrap();
    let mut headers = parts.headers;
    headers.remove(CONTENT_LENGTH);
    headers.insert("x-forwarded-proto", "https".parse().unwrap());
    let request = http::client().request(parts.method, format!("{ministack}{}", parts.uri)).headers(headers).body(body);
    let response = request.send().await.unwrap();
    let (status, mut headers) = (response.status(), response.headers().clone());
    headers.remove(CONTENT_LENGTH);
    headers.remove(TRANSFER_ENCODING);
    (status, headers, response.bytes().await.unwrap()).into_response()
}
