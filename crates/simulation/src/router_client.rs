//! Sends requests to a router in the same process.

use axum::Router;
use axum::body::Body;
use http::{Request, Response};
use tower::ServiceExt;

pub(crate) async fn send(router: &Router, request: Request<Body>) -> Response<Body> {
    match router.clone().oneshot(request).await {
        Ok(response) => response,
        Err(never) => match never {},
    }
}
