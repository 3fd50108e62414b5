//! A Secrets Manager that answers as a test says: for what moto does not do, or does otherwise than AWS.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use aws_sdk_secretsmanager::Client;
use axum::Router;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use serde_json::{Value, json};
use tokio::net::TcpListener;

use crate::moto;

/// One call that is to come, and its answer.
#[derive(Debug)]
pub struct Answer {
    operation: &'static str,
    status: StatusCode,
    body: Value,
}

/// The operation goes well.
pub fn answers(operation: &'static str, body: Value) -> Answer {
    Answer { operation, status: StatusCode::OK, body }
}

/// The operation is refused with one of AWS's error codes.
pub fn refuses(operation: &'static str, code: &str) -> Answer {
    let body = json!({"__type": code, "Message": "a message that must not matter"});
    Answer { operation, status: StatusCode::BAD_REQUEST, body }
}

/// Expects these calls, those of one operation in this order: a reader may read ahead. Any other call is refused with
/// the code `OutOfScript`.
#[derive(Debug)]
pub struct ScriptedAws {
    endpoint: String,
    script: Arc<Mutex<VecDeque<Answer>>>,
}

impl ScriptedAws {
    /// Serves the script until the test's runtime ends.
    pub async fn start(script: impl IntoIterator<Item = Answer>) -> Self {
        let script = Arc::new(Mutex::new(script.into_iter().collect()));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let endpoint = format!("http://{}", listener.local_addr().unwrap());
        let service = Router::new().fallback(answer).with_state(Arc::clone(&script));
        tokio::spawn(async move { axum::serve(listener, service).await });
        Self { endpoint, script }
    }

    /// A client that tries once.
    pub fn client(&self) -> Client {
        moto::client(&self.endpoint)
    }

    /// Fails if a call of the script was not made.
    pub fn assert_done(&self) {
        assert!(self.script.lock().unwrap().is_empty(), "still to come: {:?}", self.script.lock().unwrap());
    }
}

async fn answer(State(script): State<Arc<Mutex<VecDeque<Answer>>>>, headers: HeaderMap) -> (StatusCode, String) {
    let target = headers.get("x-amz-target").and_then(|target| target.to_str().ok()).unwrap_or_default();
    let mut script = script.lock().unwrap();
    let next = script.iter().position(|next| target == format!("secretsmanager.{}", next.operation));
    match next.and_then(|next| script.remove(next)) {
        Some(answer) => (answer.status, answer.body.to_string()),
        None => (StatusCode::BAD_REQUEST, json!({"__type": "OutOfScript"}).to_string()),
    }
}
