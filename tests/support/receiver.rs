//! Whoever is told of events by webhook.

use std::collections::VecDeque;
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use serde_json::{Value, json};

use crate::{venv, waiting};

/// One request.
#[derive(Clone, Debug)]
pub struct Delivery {
    /// Its headers, names in lower case.
    pub headers: Value,
    /// Its body, to the byte.
    pub body: String,
}

/// A server on the loopback that keeps what it is sent.
#[derive(Clone, Debug, Default)]
pub struct Receiver {
    origin: String,
    kept: Arc<Mutex<Vec<Delivery>>>,
    answers: Arc<Mutex<VecDeque<u16>>>,
}

impl Receiver {
    /// Answers with these statuses, and from then on with the last one.
    pub async fn answering(statuses: &[u16]) -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let origin = format!("http://{}", listener.local_addr().unwrap());
        let answers = Arc::new(Mutex::new(statuses.iter().copied().collect()));
        let receiver = Self { origin, kept: Arc::default(), answers };
        let routes = Router::new().route("/hook", post(take)).with_state(receiver.clone());
        tokio::spawn(async move { axum::serve(listener, routes).await });
        receiver
    }

    /// Its address, with a part that only its owner knows.
    pub fn url(&self) -> String {
        format!("{}/hook?key=known-to-the-owner", self.origin)
    }

    /// Waits until so many requests have come, and gives all.
    pub async fn deliveries(&self, count: usize) -> Vec<Delivery> {
        let kept = || Some(self.kept.lock().unwrap().clone()).filter(|kept| kept.len() >= count);
        waiting::until("deliveries", kept).await
    }
}

async fn take(State(receiver): State<Receiver>, headers: HeaderMap, body: Bytes) -> StatusCode {
    let headers = headers.iter().map(|(name, value)| (name.to_string(), json!(value.to_str().unwrap())));
    let delivery = Delivery { headers: headers.collect(), body: String::from_utf8(body.to_vec()).unwrap() };
    receiver.kept.lock().unwrap().push(delivery);
    let mut answers = receiver.answers.lock().unwrap();
    let answer = if answers.len() > 1 { answers.pop_front() } else { answers.front().copied() };
    StatusCode::from_u16(answer.unwrap()).unwrap()
}

impl Delivery {
    /// What it tells.
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap()
    }

    /// Whether the signature holds, as the Python of docs/events.md finds.
    pub fn is_genuine(&self, secret: &str) -> bool {
        let docs = std::fs::read_to_string(venv::root().join("docs/events.md")).unwrap();
        let check = docs.split("```python\n").nth(1).unwrap().split("```").next().unwrap();
        let call = "\nimport sys\nsys.exit(0 if is_genuine(json.loads(sys.argv[1]), sys.argv[2].encode(), sys.argv[3]) else 1)\n";
        // HTTP's names have no case; the example's are written as people do.
        let headers = json!({
            "Evertoken-Timestamp": self.headers["evertoken-timestamp"],
            "Evertoken-Signature": self.headers["evertoken-signature"],
        });
        let python = Command::new(venv::python())
            .args(["-c", &format!("import json\n{check}{call}"), &headers.to_string(), &self.body, secret])
            .stdin(Stdio::null())
            .status();
        python.unwrap().success()
    }
}
