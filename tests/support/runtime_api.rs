//! A stand-in for the Lambda Runtime API, which invokes a function once. Unlike the emulator, it can set any deadline.

use std::sync::{Arc, Mutex};

use axum::body::Bytes;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use serde_json::Value;
use time::OffsetDateTime;
use tokio::net::TcpListener;
use tokio::sync::mpsc;

/// An API with one event, which is served until the test's async runtime shuts down.
#[derive(Debug)]
pub struct RuntimeApi {
    address: String,
    responses: mpsc::UnboundedReceiver<Bytes>,
}

#[derive(Debug)]
struct Shared {
    next: Mutex<Option<(Value, OffsetDateTime)>>,
    responses: mpsc::UnboundedSender<Bytes>,
}

impl RuntimeApi {
    /// Serves an API whose only event has this deadline.
    pub async fn start(event: Value, deadline: OffsetDateTime) -> Self {
        let (sender, responses) = mpsc::unbounded_channel();
        let shared = Arc::new(Shared { next: Mutex::new(Some((event, deadline))), responses: sender });
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let service = Router::new()
            .route("/2018-06-01/runtime/invocation/next", get(next))
            .route("/2018-06-01/runtime/invocation/{id}/response", post(respond))
            .route("/2018-06-01/runtime/invocation/{id}/error", post(respond))
            .with_state(shared);
        tokio::spawn(async move { axum::serve(listener, service).await });
        Self { address, responses }
    }

    /// Returns the variables that Lambda sets for a function.
    pub fn variables(&self) -> Vec<(String, String)> {
        let variables = [
            ("AWS_LAMBDA_RUNTIME_API", self.address.as_str()),
            ("AWS_LAMBDA_FUNCTION_NAME", "function"),
            ("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST"),
            ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "256"),
            ("AWS_LAMBDA_LOG_STREAM_NAME", "stream"),
            ("AWS_LAMBDA_LOG_GROUP_NAME", "group"),
        ];
        variables.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec()
    }

    /// Waits for the function's response to the event.
    pub async fn response(&mut self) -> Value {
        let response = self.responses.recv().await.unwrap();
        serde_json::from_slice(&response).unwrap()
    }
}

async fn next(State(shared): State<Arc<Shared>>) -> Response {
    let next = shared.next.lock().unwrap().take();
    let Some((event, deadline)) = next else { return std::future::pending().await };
    let deadline = (deadline.unix_timestamp_nanos() / 1_000_000).to_string();
    let headers = [
        ("lambda-runtime-aws-request-id", "8476a536-e9f4-11e8-9739-2dfe598c3fcd"),
        ("lambda-runtime-deadline-ms", deadline.as_str()),
        ("lambda-runtime-invoked-function-arn", "arn:aws:lambda:us-east-1:123456789012:function:function"),
    ];
    (headers, Json(event)).into_response()
}

async fn respond(State(shared): State<Arc<Shared>>, body: Bytes) -> StatusCode {
    shared.responses.send(body).unwrap();
    StatusCode::ACCEPTED
}
