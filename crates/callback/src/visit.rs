//! Who is there: a person, or something that only looks ahead.

use axum::extract::Request;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http::{HeaderMap, Method, StatusCode};

/// Answers 204 to HEAD and to prefetches, so that a browser's or a mail scanner's look ahead starts no login and burns no
/// code (`streamlit/streamlit#15589`).
pub(crate) async fn only_people(request: Request, next: Next) -> Response {
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

/// Whether the answer is to be JSON: `Accept` names it and does not name HTML.
pub(crate) fn wants_json(headers: &HeaderMap) -> bool {
    let accept = headers.get(http::header::ACCEPT).and_then(|value| value.to_str().ok()).unwrap_or_default();
    accept.contains("application/json") && !accept.contains("text/html")
}
