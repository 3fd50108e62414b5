//! A webhook endpoint that records its deliveries.

use std::collections::VecDeque;
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use serde_json::{Value, json};

use crate::{venv, wait, workspace};

/// One delivery of an event.
#[derive(Clone, Debug)]
pub struct Delivery {
    /// The headers, with lower-case names.
    pub headers: Value,
    /// The exact body.
    pub body: String,
}

/// A webhook endpoint on a loopback port.
#[derive(Clone, Debug, Default)]
pub struct WebhookReceiver {
    origin: String,
    deliveries: Arc<Mutex<Vec<Delivery>>>,
    statuses: Arc<Mutex<VecDeque<u16>>>,
}

impl WebhookReceiver {
    /// Starts an endpoint that responds with these statuses in turn, and repeats the last one.
    pub async fn with_statuses(statuses: &[u16]) -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let origin = format!("http://{}", listener.local_addr().unwrap());
        let statuses = Arc::new(Mutex::new(statuses.iter().copied().collect()));
        let receiver = Self { origin, deliveries: Arc::default(), statuses };
        let routes = Router::new().route("/hook", post(receive)).with_state(receiver.clone());
        tokio::spawn(async move { axum::serve(listener, routes).await });
        receiver
    }

    /// Returns the endpoint's URL, which contains a secret part.
    pub fn url(&self) -> String {
        format!("{}/hook?key=known-to-the-owner", self.origin)
    }

    /// Waits for at least `count` deliveries, and returns all of them.
    pub async fn wait_for_deliveries(&self, count: usize) -> Vec<Delivery> {
        let deliveries = || Some(self.deliveries.lock().unwrap().clone()).filter(|all| all.len() >= count);
        wait::until("webhook deliveries", deliveries).await
    }
}

async fn receive(State(receiver): State<WebhookReceiver>, headers: HeaderMap, body: Bytes) -> StatusCode {
    let headers = headers.iter().map(|(name, value)| (name.to_string(), json!(value.to_str().unwrap())));
    let delivery = Delivery { headers: headers.collect(), body: String::from_utf8(body.to_vec()).unwrap() };
    receiver.deliveries.lock().unwrap().push(delivery);
    let mut statuses = receiver.statuses.lock().unwrap();
    let status = if statuses.len() > 1 { statuses.pop_front() } else { statuses.front().copied() };
    StatusCode::from_u16(status.unwrap()).unwrap()
}

impl Delivery {
    /// Parses the body as JSON.
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap()
    }

    /// Verifies the signature with the Python example of docs/events.md.
    pub fn has_valid_signature(&self, secret: &str) -> bool {
        let docs = std::fs::read_to_string(workspace::root().join("docs/events.md")).unwrap();
        let check = docs.split("```python\n").nth(1).unwrap().split("```").next().unwrap();
        let call = "\nimport sys\nsys.exit(0 if is_genuine(json.loads(sys.argv[1]), sys.argv[2].encode(), sys.argv[3]) else 1)\n";
        // The example looks up capitalized header names; the receiver's are in lower case.
        let headers = json!({
            "Evertoken-Timestamp": self.headers["evertoken-timestamp"],
            "Evertoken-Signature": self.headers["evertoken-signature"],
        });
        python_accepts(&format!("import json\n{check}{call}"), &[&headers.to_string(), &self.body, secret])
    }

    /// Verifies the signature in the headers of Standard Webhooks.
    pub fn has_valid_standard_signature(&self, secret: &str) -> bool {
        let check = "import base64, hashlib, hmac, json, sys\n\
            headers, body, secret = json.loads(sys.argv[1]), sys.argv[2], sys.argv[3].encode()\n\
            signed = f\"{headers['webhook-id']}.{headers['webhook-timestamp']}.{body}\".encode()\n\
            expected = 'v1,' + base64.b64encode(hmac.new(secret, signed, hashlib.sha256).digest()).decode()\n\
            sys.exit(0 if headers['webhook-signature'] == expected else 1)\n";
        python_accepts(check, &[&self.headers.to_string(), &self.body, secret])
    }
}

/// Whether a Python script with these arguments exits with status 0.
fn python_accepts(script: &str, arguments: &[&str]) -> bool {
    let python = Command::new(venv::python()).args(["-c", script]).args(arguments).stdin(Stdio::null()).status();
    python.unwrap().success()
}
