//! A stub of Secrets Manager with scripted responses, for behavior that moto lacks or implements differently from AWS.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use aws_sdk_secretsmanager::Client;
use axum::Router;
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
    let body = json!({"__type": code, "Message": "a message that must not matter"});
    ScriptedCall { operation, status: StatusCode::BAD_REQUEST, body }
}

/// Expects a script of calls. Calls of the same operation must come in order; different operations may overlap, because
/// the vault reads ahead. An unexpected call fails with the code `UnexpectedCall`.
#[derive(Debug)]
pub struct ScriptedAws {
    endpoint: String,
    script: Arc<Mutex<VecDeque<ScriptedCall>>>,
}

impl ScriptedAws {
    /// Serves the script until the test's async runtime shuts down.
    pub async fn start(script: impl IntoIterator<Item = ScriptedCall>) -> Self {
        let script = Arc::new(Mutex::new(script.into_iter().collect()));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let endpoint = format!("http://{}", listener.local_addr().unwrap());
        let service = Router::new().fallback(respond).with_state(Arc::clone(&script));
        tokio::spawn(async move { axum::serve(listener, service).await });
        Self { endpoint, script }
    }

    /// Returns a client that does not retry.
    pub fn client(&self) -> Client {
        moto::client(&self.endpoint)
    }

    /// Panics if an expected call was not made.
    pub fn assert_complete(&self) {
        assert!(self.script.lock().unwrap().is_empty(), "missing calls: {:?}", self.script.lock().unwrap());
    }
}

async fn respond(State(script): State<Arc<Mutex<VecDeque<ScriptedCall>>>>, headers: HeaderMap) -> (StatusCode, String) {
    let target = headers.get("x-amz-target").and_then(|target| target.to_str().ok()).unwrap_or_default();
    let mut script = script.lock().unwrap();
    let next = script.iter().position(|call| target == format!("secretsmanager.{}", call.operation));
    match next.and_then(|next| script.remove(next)) {
        Some(call) => (call.status, call.body.to_string()),
        None => (StatusCode::BAD_REQUEST, json!({"__type": "UnexpectedCall"}).to_string()),
    }
}
