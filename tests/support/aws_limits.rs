//! Behavior of Secrets Manager and DynamoDB that moto does not have, for the proxy in front of it.
//!
//! Sources: AWS Secrets Manager API reference, `DeleteSecret` (asynchronous without a recovery window), `ListSecrets` (recent
//! changes may be missing), `PutSecretValue` (a secret that is scheduled for deletion accepts no value) and "Secrets Manager
//! quotas" (64 KiB, and 100 versions, of which none younger than 24 hours is pruned); DynamoDB API reference,
//! `TransactWriteItems` (a token is applied once).

mod latency;
mod rates;
mod versions;

use std::collections::{HashMap, HashSet};
use std::time::{Duration, Instant};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use self::latency::Latency;
use self::rates::Rates;
use self::versions::Versions;

/// The largest value of a secret in bytes.
const LARGEST_VALUE: usize = 65_536;

/// How far the emulated AWS differs from an ideal one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct AwsLimits {
    /// How many times `CreateSecret` is rejected after a secret of that name was deleted without a recovery window.
    pub creates_until_name_is_free: usize,
    /// How many times `ListSecrets` leaves out a secret after it was created.
    pub lists_until_secret_appears: usize,
    /// Of each operation, every n-th call is throttled; zero throttles none.
    pub throttle_every: usize,
    /// Whether a secret accepts no more versions than AWS's quota.
    pub limits_versions: bool,
    /// Whether reads of AWSCURRENT may return a version that was current less than two seconds before. The seed decides which
    /// reads do.
    pub stale_reads: Option<u64>,
    /// Whether operations are throttled above the rates that AWS publishes.
    pub limits_rates: bool,
    /// Whether requests take as long as in AWS, drawn from this seed.
    pub latency: Option<u64>,
}

/// What the proxy remembers to apply the limits.
#[derive(Debug, Default)]
pub struct AwsState {
    limits: AwsLimits,
    calls: HashMap<String, usize>,
    deleted: HashMap<String, usize>,
    scheduled_for_deletion: HashSet<String>,
    unlisted: HashMap<String, usize>,
    versions: Versions,
    rates: Rates,
    latency: Option<Latency>,
    applied_transactions: HashSet<String>,
}

impl AwsState {
    /// Applies other limits from now on.
    pub fn set_limits(&mut self, limits: AwsLimits) {
        self.limits = limits;
        self.versions.make_stale(limits.stale_reads);
        self.latency = limits.latency.map(Latency::new);
    }

    /// The error code and message of a call that AWS would reject.
    pub fn reject(&mut self, operation: &str, request: &Value) -> Option<Value> {
        let calls = self.calls.entry(operation.to_owned()).or_default();
        *calls += 1;
        if self.limits.limits_rates && self.rates.throttle(operation, Instant::now()) {
            return Some(error("ThrottlingException", "Rate exceeded"));
        }
        if self.limits.throttle_every > 0 && calls.is_multiple_of(self.limits.throttle_every) {
            return Some(error("ThrottlingException", "Rate exceeded"));
        }
        if ["CreateSecret", "PutSecretValue"].contains(&operation) && size_of_value(request) > LARGEST_VALUE {
            let message = "1 validation error detected: Member must have length less than or equal to 65536";
            return Some(error("ValidationException", message));
        }
        let secret = secret_of(request);
        match operation {
            "CreateSecret" => {
                let left = self.deleted.get_mut(&secret).filter(|left| **left > 0)?;
                *left -= 1;
                let message =
                    "You can't create this secret because a secret with this name is already scheduled for deletion.";
                Some(error("InvalidRequestException", message))
            }
            "PutSecretValue" if self.scheduled_for_deletion.contains(&secret) => {
                let message = "You can't perform this operation on the secret because it was marked for deletion.";
                Some(error("InvalidRequestException", message))
            }
            "PutSecretValue" if self.limits.limits_versions => {
                let token = request["ClientRequestToken"].as_str().unwrap_or_default();
                self.versions.is_full_for(&secret, token).then(|| error("LimitExceededException", "too many versions"))
            }
            _ => None,
        }
    }

    /// How many requests were above AWS's rates.
    pub fn throttled(&self) -> usize {
        self.rates.throttled()
    }

    /// How long the next request takes.
    pub fn latency(&mut self) -> Duration {
        self.latency.as_mut().map_or(Duration::ZERO, Latency::next)
    }

    /// The response to a call that AWS answers without doing anything: a transaction whose token was applied before.
    pub fn replay(&self, operation: &str, request: &Value) -> Option<Value> {
        let token = request["ClientRequestToken"].as_str()?;
        (operation == "TransactWriteItems" && self.applied_transactions.contains(token)).then(|| json!({}))
    }

    /// The request to send instead of this one, so that an old version is read.
    pub fn stale_request(&mut self, operation: &str, request: &Value) -> Option<Value> {
        if operation != "GetSecretValue" || !reads_current(request) {
            return None;
        }
        let version = self.versions.stale(&secret_of(request))?;
        Some(json!({"SecretId": request["SecretId"], "VersionId": version}))
    }

    /// Records a call that moto accepted, and returns the response as AWS would send it.
    pub fn accept(&mut self, operation: &str, request: &Value, mut response: Value) -> Value {
        let secret = secret_of(request);
        let version = response["VersionId"].as_str();
        match operation {
            "CreateSecret" => {
                self.unlisted.insert(secret.clone(), self.limits.lists_until_secret_appears);
                if let Some(version) = version {
                    self.versions.record_current(&secret, version);
                }
            }
            "PutSecretValue" => {
                let version = version.unwrap_or_default();
                match &request["VersionStages"] {
                    Value::Array(stages) if !stages.contains(&json!("AWSCURRENT")) => {
                        self.versions.record(&secret, version);
                    }
                    _ => self.versions.record_current(&secret, version),
                }
            }
            "UpdateSecretVersionStage" => self.versions.forget_order(&secret),
            "DeleteSecret" if request["ForceDeleteWithoutRecovery"] == true => {
                self.versions.forget(&secret);
                self.scheduled_for_deletion.remove(&secret);
                self.deleted.insert(secret, self.limits.creates_until_name_is_free);
            }
            "DeleteSecret" => {
                self.scheduled_for_deletion.insert(secret);
            }
            "RestoreSecret" => {
                self.scheduled_for_deletion.remove(&secret);
            }
            "TransactWriteItems" => {
                self.applied_transactions.extend(request["ClientRequestToken"].as_str().map(str::to_owned));
            }
            // The labels are as old as the version.
            "GetSecretValue" if reads_current(request) => {
                response["VersionStages"] = with_current(&response["VersionStages"]);
            }
            "ListSecrets" => return self.without_recent(response),
            _ => {}
        }
        response
    }

    fn without_recent(&mut self, mut response: Value) -> Value {
        let hidden: HashSet<String> =
            self.unlisted.iter().filter(|(_, left)| **left > 0).map(|(secret, _)| secret.clone()).collect();
        self.unlisted.values_mut().for_each(|left| *left = left.saturating_sub(1));
        if let Some(listed) = response["SecretList"].as_array_mut() {
            listed.retain(|secret| !hidden.contains(secret["Name"].as_str().unwrap_or_default()));
        }
        response
    }
}

/// The labels of a version that was read as the current one.
fn with_current(labels: &Value) -> Value {
    let current = json!("AWSCURRENT");
    match labels {
        Value::Array(labels) if labels.contains(&current) => labels.clone().into(),
        _ => json!([current]),
    }
}

/// Whether the request names neither a version nor another label.
fn reads_current(request: &Value) -> bool {
    request["VersionId"].is_null() && request["VersionStage"].as_str().is_none_or(|stage| stage == "AWSCURRENT")
}

/// In bytes.
fn size_of_value(request: &Value) -> usize {
    let binary = request["SecretBinary"].as_str().map(|binary| STANDARD.decode(binary).unwrap().len());
    binary.or(request["SecretString"].as_str().map(str::len)).unwrap_or(0)
}

fn secret_of(request: &Value) -> String {
    let secret = request["Name"].as_str().or(request["SecretId"].as_str());
    secret.unwrap_or_default().to_owned()
}

fn error(code: &str, message: &str) -> Value {
    json!({"__type": code, "Message": message})
}
