//! Requests that no person made: HEAD and prefetches.

use axum::extract::Request;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http::{HeaderMap, Method, StatusCode};

/// Middleware that answers HEAD requests and prefetches with 204, so that neither a browser nor a mail scanner starts a
/// login or uses up a code before the person opens the link (`streamlit/streamlit#15589`).
pub(crate) async fn skip_prefetch(request: Request, next: Next) -> Response {
    if request.method() == Method::HEAD || is_prefetch(request.headers()) {
        return StatusCode::NO_CONTENT.into_response();
    }
    next.run(request).await
}

/// `Sec-Purpose: prefetch;prerender`, and what older browsers send.
fn is_prefetch(headers: &HeaderMap) -> bool {
    ["sec-purpose", "purpose", "x-purpose", "x-moz"].iter().any(|name| {
        headers.get(*name).and_then(|value| value.to_str().ok()).is_some_and(|value| {
            let value = value.to_ascii_lowercase();
            value.contains("prefetch") || value.contains("prerender") || value.contains("preview")
        })
    })
}
