//! Logs one line per request.

use axum::extract::{MatchedPath, Request};
use axum::middleware::Next;
use axum::response::Response;
use tokio::time::Instant;

use crate::error_response::ShownError;
use crate::language::Language;
use crate::texts::explanation;

/// Middleware that logs each request: the route's pattern, never the query string, which carries codes.
pub(crate) async fn log_requests(request: Request, next: Next) -> Response {
    let method = request.method().clone();
    let route = request.extensions().get::<MatchedPath>().map_or("none", MatchedPath::as_str).to_owned();
    let started_at = Instant::now();
    let response = next.run(request).await;
    let duration_ms = u64::try_from(started_at.elapsed().as_millis()).unwrap_or(u64::MAX);
    let status = response.status().as_u16();
    if let Some(ShownError { error, reference }) = response.extensions().get() {
        tracing::warn!(
            reference,
            error.code = error.page().code(),
            error.detail = error.detail(),
            http.method = %method,
            http.route = route,
            http.status = status,
            http.duration_ms = duration_ms,
            "{}",
            explanation(Language::English, error.page()).title
        );
    } else {
        tracing::info!(
            http.method = %method,
            http.route = route,
            http.status = status,
            http.duration_ms = duration_ms,
            "request handled"
        );
    }
    response
}
