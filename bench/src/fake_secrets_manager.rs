//! A fake Secrets Manager for refresh runs that are too large for moto: the operations of a refresh run, AWS's write quota,
//! and a configurable latency. It refuses all other operations.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use serde_json::{Value, json};
use tokio::net::TcpListener;

/// AWS, "Secrets Manager quotas".
const WRITES_PER_SECOND: usize = 50;

/// A server that runs as long as the runtime.
#[derive(Clone, Debug)]
pub struct FakeSecretsManager {
    endpoint: String,
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    latency: Duration,
    store: Mutex<Store>,
}

#[derive(Debug, Default)]
struct Store {
    /// Version and text by name.
    secrets: BTreeMap<String, (String, String)>,
    /// Sorted, for pagination.
    names: Vec<String>,
    reads: usize,
    writes: Vec<Instant>,
    throttled: usize,
}

/// The requests that it has received.
#[derive(Clone, Copy, Debug)]
pub struct RequestCounts {
    /// `ListSecrets` and `BatchGetSecretValue`.
    pub reads: usize,
    /// Accepted writes.
    pub writes: usize,
    /// Writes above the quota.
    pub throttled: usize,
}

impl FakeSecretsManager {
    /// Starts a server with these secrets, which delays each response by `latency`.
    pub async fn start(secrets: impl IntoIterator<Item = (String, String)>, latency: Duration) -> Self {
        let secrets: BTreeMap<_, _> =
            secrets.into_iter().map(|(name, text)| (name, (format!("{:0>32}", 1), text))).collect();
        let names = secrets.keys().cloned().collect();
        let shared = Arc::new(Shared { latency, store: Mutex::new(Store { secrets, names, ..Store::default() }) });
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let endpoint = format!("http://{}", listener.local_addr().unwrap());
        let service = Router::new().fallback(handle).with_state(Arc::clone(&shared));
        tokio::spawn(async move { axum::serve(listener, service).await });
        Self { endpoint, shared }
    }

    /// The value for `AWS_ENDPOINT_URL`.
    pub fn endpoint(&self) -> &str {
        &self.endpoint
    }

    /// The requests so far.
    pub fn counts(&self) -> RequestCounts {
        let store = self.shared.store.lock().unwrap();
        RequestCounts { reads: store.reads, writes: store.writes.len(), throttled: store.throttled }
    }
}

async fn handle(State(shared): State<Arc<Shared>>, headers: HeaderMap, body: Bytes) -> (StatusCode, String) {
    tokio::time::sleep(shared.latency).await;
    let operation = headers.get("x-amz-target").and_then(|target| target.to_str().ok()).unwrap_or_default();
    let request: Value = serde_json::from_slice(&body).unwrap_or_default();
    let mut store = shared.store.lock().unwrap();
    let response = match operation.strip_prefix("secretsmanager.") {
        Some("ListSecrets") => store.list_secrets(&request),
        Some("BatchGetSecretValue") => store.batch_get_secret_value(&request),
        Some("PutSecretValue") => store.put_secret_value(&request),
        // EventBridge shares the endpoint. Its events are discarded.
        None if operation == "AWSEvents.PutEvents" => Ok(json!({"FailedEntryCount": 0, "Entries": [{"EventId": "1"}]})),
        _ => Err("NotImplementedHere"),
    };
    match response {
        Ok(response) => (StatusCode::OK, response.to_string()),
        Err(code) => (StatusCode::BAD_REQUEST, json!({"__type": code}).to_string()),
    }
}

impl Store {
    fn list_secrets(&mut self, request: &Value) -> Result<Value, &'static str> {
        self.reads += 1;
        let from: usize =
            request["NextToken"].as_str().map_or(Ok(0), str::parse).map_err(|_| "InvalidNextTokenException")?;
        let prefix = request["Filters"][0]["Values"][0].as_str().unwrap_or_default();
        let page = self.names.iter().skip(from).take(100);
        let names: Vec<_> = page.filter(|name| name.starts_with(prefix)).map(|name| json!({"Name": name})).collect();
        let next = (from + 100 < self.names.len()).then(|| (from + 100).to_string());
        Ok(json!({"SecretList": names, "NextToken": next}))
    }

    fn batch_get_secret_value(&mut self, request: &Value) -> Result<Value, &'static str> {
        self.reads += 1;
        let names = request["SecretIdList"].as_array().ok_or("InvalidParameterException")?;
        let values: Vec<_> = names
            .iter()
            .filter_map(|name| {
                let (name, (version, text)) = self.secrets.get_key_value(name.as_str()?)?;
                Some(json!({"Name": name, "VersionId": version, "SecretString": text, "VersionStages": ["AWSCURRENT"]}))
            })
            .collect();
        Ok(json!({"SecretValues": values, "Errors": []}))
    }

    fn put_secret_value(&mut self, request: &Value) -> Result<Value, &'static str> {
        let now = Instant::now();
        let last_second = self.writes.iter().rev().take_while(|at| now - **at < Duration::from_secs(1));
        if last_second.count() >= WRITES_PER_SECOND {
            self.throttled += 1;
            return Err("ThrottlingException");
        }
        let (Some(name), Some(version), Some(text)) =
            (request["SecretId"].as_str(), request["ClientRequestToken"].as_str(), request["SecretString"].as_str())
        else {
            return Err("InvalidParameterException");
        };
        let secret = self.secrets.get_mut(name).ok_or("ResourceNotFoundException")?;
        *secret = (version.to_owned(), text.to_owned());
        self.writes.push(now);
        Ok(json!({"Name": name, "VersionId": version, "VersionStages": ["AWSCURRENT"]}))
    }
}
