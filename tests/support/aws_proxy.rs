//! A proxy in front of an emulated AWS that counts calls, records events, pauses calls, checks IAM policies and injects faults.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::{HeaderMap, Method, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use futures_util::stream;
use reqwest::Client;
use serde_json::{Value, json};
use tokio::net::TcpListener;

use crate::aws_limits::{AwsLimits, AwsState};
use crate::http;
use crate::iam_policy_check::IamPolicyCheck;
use crate::moto::Moto;
use crate::pause_points::{PausePoints, PausedCall};

/// A separate proxy, which is served until the test's async runtime shuts down.
#[derive(Clone, Debug)]
pub struct AwsProxy {
    endpoint: String,
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    client: Client,
    /// The endpoint of the emulator.
    target: String,
    policy_check: Option<IamPolicyCheck>,
    calls: Mutex<BTreeMap<String, usize>>,
    access_keys: Mutex<BTreeSet<String>>,
    events: Mutex<Vec<Value>>,
    pause_points: PausePoints<String>,
    fault_schedule: Mutex<FaultSchedule>,
    state: Mutex<AwsState>,
    /// The operations whose next response is lost.
    lost_responses: Mutex<BTreeSet<String>>,
    /// How many further `PutEvents` calls succeed with a rejected entry.
    rejected_entries: Mutex<usize>,
}

/// Injects a fault into every n-th call; an interval of zero injects none.
#[derive(Debug, Default)]
struct FaultSchedule {
    interval: usize,
    calls: usize,
}

impl AwsProxy {
    /// Starts a proxy for the shared moto server that allows every call.
    pub async fn start() -> Self {
        Self::with(None, Moto::shared().endpoint()).await
    }

    /// Starts a proxy for the emulator at this endpoint that allows every call.
    pub async fn in_front_of(endpoint: &str) -> Self {
        Self::with(None, endpoint).await
    }

    /// Starts a proxy that denies the calls that a role's policies do not allow.
    pub async fn with_policy_check(policy_check: IamPolicyCheck) -> Self {
        Self::with(Some(policy_check), Moto::shared().endpoint()).await
    }

    async fn with(policy_check: Option<IamPolicyCheck>, target: &str) -> Self {
        let shared = Arc::new(Shared {
            client: http::client(),
            target: target.to_owned(),
            policy_check,
            calls: Mutex::default(),
            access_keys: Mutex::default(),
            events: Mutex::default(),
            pause_points: PausePoints::default(),
            fault_schedule: Mutex::default(),
            state: Mutex::default(),
            lost_responses: Mutex::default(),
            rejected_entries: Mutex::default(),
        });
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let endpoint = format!("http://{}", listener.local_addr().unwrap());
        let service = Router::new().fallback(forward).with_state(Arc::clone(&shared));
        tokio::spawn(async move { axum::serve(listener, service).await });
        Self { endpoint, shared }
    }

    /// Returns the value for `AWS_ENDPOINT_URL`.
    pub fn endpoint(&self) -> &str {
        &self.endpoint
    }

    /// Returns how often each operation was called, including the SDK's own retries.
    pub fn calls(&self) -> BTreeMap<String, usize> {
        self.shared.calls.lock().unwrap().clone()
    }

    /// Returns the IDs of the access keys that signed the calls.
    pub fn access_keys(&self) -> BTreeSet<String> {
        self.shared.access_keys.lock().unwrap().clone()
    }

    /// Returns how often one operation was called.
    pub fn count(&self, operation: &str) -> usize {
        self.calls().get(operation).copied().unwrap_or(0)
    }

    /// Returns the entries of all successful `PutEvents` calls, with each `Detail` parsed as JSON.
    pub fn events(&self) -> Vec<Value> {
        self.shared.events.lock().unwrap().clone()
    }

    /// Pauses the next call of this operation. A dropped call never reaches AWS.
    pub fn pause_next(&self, operation: &str) -> PausedCall {
        self.shared.pause_points.pause_next(operation.to_owned())
    }

    /// Makes AWS behave less ideally from now on.
    pub fn set_limits(&self, limits: AwsLimits) {
        self.shared.state.lock().unwrap().set_limits(limits);
    }

    /// Returns how many calls were throttled, because they were above AWS's rates.
    pub fn throttled(&self) -> usize {
        self.shared.state.lock().unwrap().throttled()
    }

    /// Lets EventBridge reject the entries of the next `PutEvents` calls. The calls themselves succeed with status 200, as
    /// AWS documents it.
    pub fn reject_event_entries(&self, calls: usize) {
        *self.shared.rejected_entries.lock().unwrap() = calls;
    }

    /// Lets the next call of this operation take effect, and cuts the connection instead of responding.
    pub fn lose_next_response(&self, operation: &str) {
        self.shared.lost_responses.lock().unwrap().insert(operation.to_owned());
    }

    /// Injects a fault into every n-th call from now on. The faults alternate between throttling, status 500, a connection
    /// that is cut before the call reaches AWS, and one that is cut afterwards. Zero stops the faults.
    pub fn inject_fault_every(&self, calls: usize) {
        *self.shared.fault_schedule.lock().unwrap() = FaultSchedule { interval: calls, calls: 0 };
    }
}

impl Shared {
    /// Whether the next entry is rejected.
    fn rejects_entry(&self) -> bool {
        let mut rejected = self.rejected_entries.lock().unwrap();
        let rejects = *rejected > 0;
        *rejected = rejected.saturating_sub(1);
        rejects
    }
}

enum AwsFault {
    Throttled,
    ServerError,
    CutBefore,
    CutAfter,
}

impl FaultSchedule {
    /// Counts a call, and returns its fault.
    fn next(&mut self) -> Option<AwsFault> {
        let call = self.calls;
        self.calls += 1;
        if self.interval == 0 || call % self.interval != self.interval - 1 {
            return None;
        }
        Some(match (call / self.interval) % 4 {
            0 => AwsFault::Throttled,
            1 => AwsFault::ServerError,
            2 => AwsFault::CutBefore,
            _ => AwsFault::CutAfter,
        })
    }
}

impl Shared {
    fn record_events(&self, body: &[u8]) {
        let body: Value = serde_json::from_slice(body).unwrap();
        for entry in body["Entries"].as_array().unwrap() {
            let mut entry = entry.clone();
            entry["Detail"] = serde_json::from_str(entry["Detail"].as_str().unwrap()).unwrap();
            self.events.lock().unwrap().push(entry);
        }
    }
}

async fn forward(
    State(shared): State<Arc<Shared>>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let schedule = uri.path().strip_prefix("/schedules/");
    let target = match headers.get("x-amz-target").and_then(|target| target.to_str().ok()) {
        Some(target) => target,
        None if method == Method::POST && schedule.is_some() => "AWSScheduler.CreateSchedule",
        None => "",
    };
    let operation = target.rsplit('.').next().unwrap_or_default().to_owned();
    *shared.calls.lock().unwrap().entry(operation.clone()).or_default() += 1;
    if let Some(key) = access_key(&headers) {
        shared.access_keys.lock().unwrap().insert(key.to_owned());
    }
    if shared.policy_check.as_ref().is_some_and(|check| !check.allows(target, &with_name(&body, schedule))) {
        let code = json!({"__type": "AccessDeniedException", "Message": "not authorized"});
        return (StatusCode::BAD_REQUEST, code.to_string()).into_response();
    }
    if shared.pause_points.pass(&operation).await.is_err() {
        return cut_connection();
    }
    let fault = shared.fault_schedule.lock().unwrap().next();
    match fault {
        Some(AwsFault::Throttled) => {
            let code = json!({"__type": "ThrottlingException", "Message": "Rate exceeded"});
            return (StatusCode::BAD_REQUEST, code.to_string()).into_response();
        }
        Some(AwsFault::ServerError) => return (StatusCode::INTERNAL_SERVER_ERROR, "{}").into_response(),
        Some(AwsFault::CutBefore) => return cut_connection(),
        Some(AwsFault::CutAfter) | None => {}
    }
    let latency = shared.state.lock().unwrap().latency();
    if !latency.is_zero() {
        tokio::time::sleep(latency).await;
    }
    let request_body: Value = serde_json::from_slice(&body).unwrap_or_default();
    let rejection = shared.state.lock().unwrap().reject(&operation, &request_body);
    if let Some(error) = rejection {
        return (StatusCode::BAD_REQUEST, error.to_string()).into_response();
    }
    let (replay, stale_request) = {
        let mut state = shared.state.lock().unwrap();
        (state.replay(&operation, &request_body), state.stale_request(&operation, &request_body))
    };
    if let Some(response) = replay {
        return axum::Json(response).into_response();
    }
    if operation == "PutEvents" && shared.rejects_entry() {
        let entry = json!({"ErrorCode": "ThrottlingException", "ErrorMessage": "Rate exceeded"});
        return axum::Json(json!({"FailedEntryCount": 1, "Entries": [entry]})).into_response();
    }
    let sent = stale_request.map_or_else(|| body.clone(), |request| Bytes::from(request.to_string()));
    let mut request = shared.client.request(method, format!("{}{uri}", shared.target)).body(sent);
    for name in ["x-amz-target", "content-type", "authorization", "x-amz-date"] {
        if let Some(value) = headers.get(name) {
            request = request.header(name, value);
        }
    }
    let response = request.send().await.unwrap();
    let status = StatusCode::from_u16(response.status().as_u16()).unwrap();
    let text = response.bytes().await.unwrap();
    if operation == "PutEvents" && status.is_success() {
        shared.record_events(&body);
    }
    let text = match serde_json::from_slice(&text) {
        Ok(response) if status.is_success() => {
            let response = shared.state.lock().unwrap().accept(&operation, &request_body, response);
            Bytes::from(response.to_string())
        }
        _ => text,
    };
    let is_lost = shared.lost_responses.lock().unwrap().remove(&operation);
    if is_lost || matches!(fault, Some(AwsFault::CutAfter)) { cut_connection() } else { (status, text).into_response() }
}

/// `AWS4-HMAC-SHA256 Credential=<access key>/<date>/...` (AWS, "Signature Version 4").
fn access_key(headers: &HeaderMap) -> Option<&str> {
    headers.get("authorization")?.to_str().ok()?.split_once("Credential=")?.1.split('/').next()
}

/// Adds the name of a schedule to the request's body, because a policy needs it.
fn with_name(body: &Bytes, schedule: Option<&str>) -> Bytes {
    let Some(name) = schedule else { return body.clone() };
    let mut body: Value = serde_json::from_slice(body).unwrap();
    body["Name"] = json!(name);
    body.to_string().into()
}

/// Returns a response whose connection closes in the middle of the body.
fn cut_connection() -> Response {
    let chunks = stream::iter([Ok(Bytes::from_static(b"{")), Err(std::io::Error::other("cut"))]);
    Body::from_stream(chunks).into_response()
}
