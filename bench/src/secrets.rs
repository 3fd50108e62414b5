//! A Secrets Manager for runs that are too large for moto: the four operations of a refresh run, AWS's write quota, and a
//! latency of one's choice. Whatever is not one of these is refused.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use serde_json::{Value, json};
use tokio::net::TcpListener;

/// Writes that AWS takes a second (AWS, "Secrets Manager quotas").
const QUOTA: usize = 50;

/// One, for as long as the runtime lives.
#[derive(Clone, Debug)]
pub struct Secrets {
    endpoint: String,
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    latency: Duration,
    state: Mutex<Vault>,
}

#[derive(Debug, Default)]
struct Vault {
    /// Version and text by name.
    secrets: BTreeMap<String, (String, String)>,
    /// In the order of the names, for pages.
    names: Vec<String>,
    reads: usize,
    writes: Vec<Instant>,
    throttled: usize,
}

/// What was asked of it.
#[derive(Clone, Copy, Debug)]
pub struct Asked {
    /// Calls that read: names, documents.
    pub reads: usize,
    /// Writes that were taken.
    pub writes: usize,
    /// Writes that came too fast, and were refused.
    pub throttled: usize,
    /// From the first write to the last.
    pub writing: Duration,
}

impl Secrets {
    /// Serves these, each answer after this time.
    pub async fn start(secrets: impl IntoIterator<Item = (String, String)>, latency: Duration) -> Self {
        let secrets: BTreeMap<_, _> =
            secrets.into_iter().map(|(name, text)| (name, (format!("{:0>32}", 1), text))).collect();
        let names = secrets.keys().cloned().collect();
        let shared = Arc::new(Shared { latency, state: Mutex::new(Vault { secrets, names, ..Vault::default() }) });
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let endpoint = format!("http://{}", listener.local_addr().unwrap());
        let service = Router::new().fallback(answer).with_state(Arc::clone(&shared));
        tokio::spawn(async move { axum::serve(listener, service).await });
        Self { endpoint, shared }
    }

    /// What `AWS_ENDPOINT_URL` is to hold.
    pub fn endpoint(&self) -> &str {
        &self.endpoint
    }

    /// What was asked so far.
    pub fn asked(&self) -> Asked {
        let vault = self.shared.state.lock().unwrap();
        let writing = vault.writes.first().zip(vault.writes.last()).map(|(first, last)| *last - *first);
        Asked {
            reads: vault.reads,
            writes: vault.writes.len(),
            throttled: vault.throttled,
            writing: writing.unwrap_or_default(),
        }
    }
}

async fn answer(State(shared): State<Arc<Shared>>, headers: HeaderMap, body: Bytes) -> (StatusCode, String) {
    tokio::time::sleep(shared.latency).await;
    let operation = headers.get("x-amz-target").and_then(|target| target.to_str().ok()).unwrap_or_default();
    let asked: Value = serde_json::from_slice(&body).unwrap_or_default();
    let mut vault = shared.state.lock().unwrap();
    let answer = match operation.strip_prefix("secretsmanager.") {
        Some("ListSecrets") => vault.list(&asked),
        Some("BatchGetSecretValue") => vault.get_batch(&asked),
        Some("PutSecretValue") => vault.put(&asked),
        // Events are taken and forgotten.
        None if operation == "AWSEvents.PutEvents" => Ok(json!({"FailedEntryCount": 0, "Entries": [{"EventId": "1"}]})),
        _ => Err("NotImplementedHere"),
    };
    match answer {
        Ok(answer) => (StatusCode::OK, answer.to_string()),
        Err(code) => (StatusCode::BAD_REQUEST, json!({"__type": code}).to_string()),
    }
}

impl Vault {
    /// `ListSecrets`: a hundred names, and where to go on.
    fn list(&mut self, asked: &Value) -> Result<Value, &'static str> {
        self.reads += 1;
        let from: usize =
            asked["NextToken"].as_str().map_or(Ok(0), str::parse).map_err(|_| "InvalidNextTokenException")?;
        let prefix = asked["Filters"][0]["Values"][0].as_str().unwrap_or_default();
        let page = self.names.iter().skip(from).take(100);
        let names: Vec<_> = page.filter(|name| name.starts_with(prefix)).map(|name| json!({"Name": name})).collect();
        let next = (from + 100 < self.names.len()).then(|| (from + 100).to_string());
        Ok(json!({"SecretList": names, "NextToken": next}))
    }

    /// `BatchGetSecretValue`, by names.
    fn get_batch(&mut self, asked: &Value) -> Result<Value, &'static str> {
        self.reads += 1;
        let names = asked["SecretIdList"].as_array().ok_or("InvalidParameterException")?;
        let values: Vec<_> = names
            .iter()
            .filter_map(|name| {
                let (name, (version, text)) = self.secrets.get_key_value(name.as_str()?)?;
                Some(json!({"Name": name, "VersionId": version, "SecretString": text, "VersionStages": ["AWSCURRENT"]}))
            })
            .collect();
        Ok(json!({"SecretValues": values, "Errors": []}))
    }

    /// `PutSecretValue`, as often as the quota lets it.
    fn put(&mut self, asked: &Value) -> Result<Value, &'static str> {
        let now = Instant::now();
        let lately = self.writes.iter().rev().take_while(|at| now - **at < Duration::from_secs(1));
        if lately.count() >= QUOTA {
            self.throttled += 1;
            return Err("ThrottlingException");
        }
        let (Some(name), Some(version), Some(text)) =
            (asked["SecretId"].as_str(), asked["ClientRequestToken"].as_str(), asked["SecretString"].as_str())
        else {
            return Err("InvalidParameterException");
        };
        let secret = self.secrets.get_mut(name).ok_or("ResourceNotFoundException")?;
        *secret = (version.to_owned(), text.to_owned());
        self.writes.push(now);
        Ok(json!({"Name": name, "VersionId": version, "VersionStages": ["AWSCURRENT"]}))
    }
}
