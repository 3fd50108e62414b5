//! A stub of Secrets Manager and DynamoDB with scripted responses, for behavior that moto lacks or implements differently from
//! AWS.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use aws_sdk_secretsmanager::Client;
use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use serde_json::{Value, json};
use tokio::net::TcpListener;

use crate::moto;

/// One expected call and its response.
#[derive(Debug)]
pub struct ScriptedCall {
    operation: &'static str,
    status: StatusCode,
    body: Value,
}

/// Expects a call of `operation`, which succeeds with this response.
pub fn succeeds(operation: &'static str, body: Value) -> ScriptedCall {
    ScriptedCall { operation, status: StatusCode::OK, body }
}

/// Expects a call of `operation`, which fails with this AWS error code.
pub fn fails(operation: &'static str, code: &str) -> ScriptedCall {
    fails_with(operation, json!({"__type": code, "Message": "a message that must not matter"}))
}

/// Expects a call of `operation`, which fails with this response.
pub fn fails_with(operation: &'static str, body: Value) -> ScriptedCall {
    ScriptedCall { operation, status: StatusCode::BAD_REQUEST, body }
}

/// Expects a script of calls. Calls of the same operation must come in order; different operations may overlap, because
/// the vault reads ahead. An unexpected call fails with the code `UnexpectedCall`.
#[derive(Debug)]
pub struct ScriptedAws {
    endpoint: String,
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    script: Mutex<VecDeque<ScriptedCall>>,
    requests: Mutex<Vec<(String, Value)>>,
}

impl ScriptedAws {
    /// Serves the script until the test's async runtime shuts down.
    pub async fn start(script: impl IntoIterator<Item = ScriptedCall>) -> Self {
        let script = Mutex::new(script.into_iter().collect());
        let shared = Arc::new(Shared { script, requests: Mutex::default() });
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let endpoint = format!("http://{}", listener.local_addr().unwrap());
        let service = Router::new().fallback(respond).with_state(Arc::clone(&shared));
        tokio::spawn(async move { axum::serve(listener, service).await });
        Self { endpoint, shared }
    }

    /// Returns the value for `AWS_ENDPOINT_URL`.
    pub fn endpoint(&self) -> &str {
        &self.endpoint
    }

    /// Returns a client of Secrets Manager that does not retry.
    pub fn client(&self) -> Client {
        moto::client(&self.endpoint)
    }

    /// Returns the bodies of all calls of an operation so far.
    pub fn requests(&self, operation: &str) -> Vec<Value> {
        let requests = self.shared.requests.lock().unwrap();
        requests.iter().filter(|(called, _)| called == operation).map(|(_, body)| body.clone()).collect()
    }

    /// Panics if an expected call was not made.
    pub fn assert_complete(&self) {
        let script = self.shared.script.lock().unwrap();
        assert!(script.is_empty(), "missing calls: {script:?}");
    }
}

async fn respond(State(shared): State<Arc<Shared>>, headers: HeaderMap, body: Bytes) -> (StatusCode, String) {
    let target = headers.get("x-amz-target").and_then(|target| target.to_str().ok()).unwrap_or_default();
    let operation = target.rsplit('.').next().unwrap_or_default();
    let body = serde_json::from_slice(&body).unwrap();
    shared.requests.lock().unwrap().push((operation.to_owned(), body));
    let mut script = shared.script.lock().unwrap();
    let next = script.iter().position(|call| call.operation == operation);
    match next.and_then(|next| script.remove(next)) {
        Some(call) => (call.status, call.body.to_string()),
        None => (StatusCode::BAD_REQUEST, json!({"__type": "UnexpectedCall"}).to_string()),
    }
}
