//! Requests from EventBridge Scheduler, as opposed to those of the HTTP API.

use axum::extract::Request;
use axum::middleware::Next;
use axum::response::Response;
use evertoken_aws::{ATTEMPTS_HEADER, SCHEDULER_API_ID};
use lambda_http::request::RequestContext;

/// Middleware that removes the header of scheduled requests from all others. Only the holder of the scheduler's role can
/// set the context of a request.
pub(crate) async fn trust_the_scheduler_only(mut request: Request, next: Next) -> Response {
    let api = match request.extensions().get() {
        Some(RequestContext::ApiGatewayV2(context)) => context.apiid.as_deref(),
        _ => None,
    };
    if api != Some(SCHEDULER_API_ID) {
        request.headers_mut().remove(ATTEMPTS_HEADER);
    }
    next.run(request).await
}
