//! Runs the function, and finishes its background work after each response.
//!
//! Lambda returns a response as soon as the function has posted it, and lets the function run until it asks for the next
//! request (AWS Compute Blog, "Running code after returning a response from an AWS Lambda function").

use axum::Router;
use lambda_http::Adapter;
use lambda_http::lambda_runtime::Runtime;
use lambda_http::lambda_runtime::layers::TracingLayer;
use tokio_util::task::TaskTracker;
use tower::util::MapFutureLayer;

/// Serves requests until Lambda stops the process.
pub(crate) async fn run(routes: Router, background: TaskTracker) -> Result<(), lambda_http::Error> {
    background.close();
    let finish = MapFutureLayer::new(move |response| finish(response, background.clone()));
    Runtime::new(Adapter::from(routes)).layer(TracingLayer::new()).layer(finish).run().await
}

/// Completes when the response is posted and the background work is done.
async fn finish<R: Future>(response: R, background: TaskTracker) -> R::Output {
    let response = response.await;
    background.wait().await;
    response
}
