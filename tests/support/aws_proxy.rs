//! A proxy before moto: it counts what is asked, keeps what is announced, holds calls, refuses what a role may not, and
//! loses some calls as a network does.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use futures_util::stream;
use reqwest::Client;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::sync::oneshot;

use crate::gatekeeper::Gatekeeper;
use crate::moto::Moto;
use crate::web;

/// A proxy of one's own, for as long as the test's runtime lives.
#[derive(Clone, Debug)]
pub struct AwsProxy {
    endpoint: String,
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    client: Client,
    gatekeeper: Option<Gatekeeper>,
    calls: Mutex<BTreeMap<String, usize>>,
    events: Mutex<Vec<Value>>,
    gates: Mutex<HashMap<String, VecDeque<Gate>>>,
    /// Every so many calls something goes wrong; zero is never.
    trouble: Mutex<(usize, usize)>,
}

#[derive(Debug)]
struct Gate {
    arrived: oneshot::Sender<()>,
    released: oneshot::Receiver<()>,
}

/// A call that is held. Dropped, the call never reaches AWS.
#[derive(Debug)]
pub struct HeldCall {
    arrived: oneshot::Receiver<()>,
    _release: oneshot::Sender<()>,
}

impl HeldCall {
    /// Waits until somebody has made the call.
    pub async fn arrived(&mut self) {
        (&mut self.arrived).await.expect("the proxy is gone");
    }
}

impl AwsProxy {
    /// Starts one before the shared moto, where nobody asks for permission.
    pub async fn start() -> Self {
        Self::with(None).await
    }

    /// Starts one that refuses what a role may not.
    pub async fn guarded(gatekeeper: Gatekeeper) -> Self {
        Self::with(Some(gatekeeper)).await
    }

    async fn with(gatekeeper: Option<Gatekeeper>) -> Self {
        let shared = Arc::new(Shared {
            client: web::client(),
            gatekeeper,
            calls: Mutex::default(),
            events: Mutex::default(),
            gates: Mutex::default(),
            trouble: Mutex::default(),
        });
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let endpoint = format!("http://{}", listener.local_addr().unwrap());
        let service = Router::new().fallback(pass).with_state(Arc::clone(&shared));
        tokio::spawn(async move { axum::serve(listener, service).await });
        Self { endpoint, shared }
    }

    /// What `AWS_ENDPOINT_URL` is to hold.
    pub fn endpoint(&self) -> &str {
        &self.endpoint
    }

    /// How often each operation was called, the SDK's own retries included.
    pub fn calls(&self) -> BTreeMap<String, usize> {
        self.shared.calls.lock().unwrap().clone()
    }

    /// How often one was.
    pub fn count(&self, operation: &str) -> usize {
        self.calls().get(operation).copied().unwrap_or(0)
    }

    /// The entries of all `PutEvents` that went through, each with its `Detail` as JSON.
    pub fn events(&self) -> Vec<Value> {
        self.shared.events.lock().unwrap().clone()
    }

    /// The next such call is held.
    pub fn hold(&self, operation: &str) -> HeldCall {
        let (has_arrived, arrived) = oneshot::channel();
        let (release, released) = oneshot::channel();
        let gate = Gate { arrived: has_arrived, released };
        self.shared.gates.lock().unwrap().entry(operation.to_owned()).or_default().push_back(gate);
        HeldCall { arrived, _release: release }
    }

    /// From now on every so many calls go wrong: throttled, refused with 500, cut off before AWS has seen them or after.
    pub fn trouble_every(&self, calls: usize) {
        *self.shared.trouble.lock().unwrap() = (calls, 0);
    }
}

enum Trouble {
    Throttled,
    Broken,
    CutBefore,
    CutAfter,
}

impl Shared {
    fn trouble(&self) -> Option<Trouble> {
        let mut trouble = self.trouble.lock().unwrap();
        let (every, seen) = *trouble;
        trouble.1 += 1;
        if every == 0 || seen % every != every - 1 {
            return None;
        }
        Some(match (seen / every) % 4 {
            0 => Trouble::Throttled,
            1 => Trouble::Broken,
            2 => Trouble::CutBefore,
            _ => Trouble::CutAfter,
        })
    }

    fn heard(&self, body: &[u8]) {
        let body: Value = serde_json::from_slice(body).unwrap();
        for entry in body["Entries"].as_array().unwrap() {
            let mut entry = entry.clone();
            entry["Detail"] = serde_json::from_str(entry["Detail"].as_str().unwrap()).unwrap();
            self.events.lock().unwrap().push(entry);
        }
    }
}

async fn pass(State(shared): State<Arc<Shared>>, headers: HeaderMap, body: Bytes) -> Response {
    let target = headers.get("x-amz-target").and_then(|target| target.to_str().ok()).unwrap_or_default();
    let operation = target.rsplit('.').next().unwrap_or_default().to_owned();
    *shared.calls.lock().unwrap().entry(operation.clone()).or_default() += 1;
    if shared.gatekeeper.as_ref().is_some_and(|gatekeeper| !gatekeeper.admits(target, &body)) {
        let code = json!({"__type": "AccessDeniedException", "Message": "not authorized"});
        return (StatusCode::BAD_REQUEST, code.to_string()).into_response();
    }
    let gate = shared.gates.lock().unwrap().get_mut(&operation).and_then(VecDeque::pop_front);
    if let Some(gate) = gate {
        gate.arrived.send(()).ok();
        if gate.released.await.is_err() {
            return cut();
        }
    }
    let trouble = shared.trouble();
    match trouble {
        Some(Trouble::Throttled) => {
            let code = json!({"__type": "ThrottlingException", "Message": "Rate exceeded"});
            return (StatusCode::BAD_REQUEST, code.to_string()).into_response();
        }
        Some(Trouble::Broken) => return (StatusCode::INTERNAL_SERVER_ERROR, "{}").into_response(),
        Some(Trouble::CutBefore) => return cut(),
        Some(Trouble::CutAfter) | None => {}
    }
    let mut request = shared.client.post(Moto::shared().endpoint()).body(body.clone());
    for name in ["x-amz-target", "content-type", "authorization", "x-amz-date"] {
        if let Some(value) = headers.get(name) {
            request = request.header(name, value);
        }
    }
    let answer = request.send().await.unwrap();
    let status = StatusCode::from_u16(answer.status().as_u16()).unwrap();
    let text = answer.bytes().await.unwrap();
    if operation == "PutEvents" && status.is_success() {
        shared.heard(&body);
    }
    if matches!(trouble, Some(Trouble::CutAfter)) { cut() } else { (status, text).into_response() }
}

/// A connection that ends in the middle of its answer.
fn cut() -> Response {
    let ends = stream::iter([Ok(Bytes::from_static(b"{")), Err(std::io::Error::other("cut"))]);
    Body::from_stream(ends).into_response()
}
