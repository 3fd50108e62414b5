//! Behavior of Secrets Manager that moto does not have, for the proxy in front of it.
//!
//! Sources: AWS Secrets Manager API reference, `DeleteSecret` (asynchronous without a recovery window), `ListSecrets` (recent
//! changes may be missing), `PutSecretValue` and "Secrets Manager quotas" (100 versions, none younger than 24 hours is pruned).

use std::collections::{HashMap, HashSet};

use serde_json::{Value, json};

/// The versions of a secret that AWS keeps. A test lasts less than the 24 hours before AWS prunes one.
const MAX_VERSIONS: usize = 100;

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
}

/// What the proxy remembers to apply the limits.
#[derive(Debug, Default)]
pub struct AwsState {
    limits: AwsLimits,
    calls: HashMap<String, usize>,
    deleted: HashMap<String, usize>,
    unlisted: HashMap<String, usize>,
    versions: HashMap<String, usize>,
}

impl AwsState {
    /// Applies other limits from now on.
    pub fn set_limits(&mut self, limits: AwsLimits) {
        self.limits = limits;
    }

    /// The error code and message of a call that AWS would reject.
    pub fn reject(&mut self, operation: &str, request: &Value) -> Option<Value> {
        let calls = self.calls.entry(operation.to_owned()).or_default();
        *calls += 1;
        if self.limits.throttle_every > 0 && calls.is_multiple_of(self.limits.throttle_every) {
            return Some(error("ThrottlingException", "Rate exceeded"));
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
            "PutSecretValue" if self.limits.limits_versions => {
                let versions = self.versions.get(&secret).copied().unwrap_or(0);
                (versions >= MAX_VERSIONS).then(|| error("LimitExceededException", "too many versions"))
            }
            _ => None,
        }
    }

    /// Records a call that moto accepted, and returns the response as AWS would send it.
    pub fn accept(&mut self, operation: &str, request: &Value, response: Value) -> Value {
        let secret = secret_of(request);
        match operation {
            "CreateSecret" => {
                self.unlisted.insert(secret.clone(), self.limits.lists_until_secret_appears);
                self.versions.insert(secret, usize::from(request.get("SecretString").is_some()));
            }
            "PutSecretValue" => *self.versions.entry(secret).or_default() += 1,
            "DeleteSecret" if request["ForceDeleteWithoutRecovery"] == true => {
                self.deleted.insert(secret, self.limits.creates_until_name_is_free);
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

fn secret_of(request: &Value) -> String {
    let secret = request["Name"].as_str().or(request["SecretId"].as_str());
    secret.unwrap_or_default().to_owned()
}

fn error(code: &str, message: &str) -> Value {
    json!({"__type": code, "Message": message})
}
