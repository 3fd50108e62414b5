//! Checks requests to AWS against the IAM policies that the template gives a role.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};

use crate::iam_actions;
use crate::permissions::{Call, Grant, granted};
use crate::stack::Stack;

/// The calls that each role has made. Clones share the record.
#[derive(Clone, Debug, Default)]
pub struct RecordedCalls(Arc<Mutex<Record>>);

#[derive(Debug, Default)]
struct Record {
    by_role: BTreeMap<&'static str, BTreeSet<Call>>,
    denied: Vec<String>,
}

impl RecordedCalls {
    /// Returns the calls that a role has made so far.
    pub fn of(&self, role: &str) -> BTreeSet<Call> {
        self.0.lock().unwrap().by_role.get(role).cloned().unwrap_or_default()
    }

    /// Describes the calls that the policies did not allow.
    pub fn denied(&self) -> Vec<String> {
        self.0.lock().unwrap().denied.clone()
    }
}

/// Evaluates the policies of one role, and records each call it makes.
#[derive(Debug)]
pub struct IamPolicyCheck {
    role: &'static str,
    grants: BTreeSet<Grant>,
    kms_key: Option<String>,
    calls: RecordedCalls,
}

impl IamPolicyCheck {
    /// Reads the policies that the stack gives to the role.
    pub fn new(stack: &Stack, role: &'static str, calls: &RecordedCalls) -> Self {
        let kms_key = Some(stack.parameter("KmsKeyArn").to_owned()).filter(|key| !key.is_empty());
        Self { role, grants: granted(stack, role), kms_key, calls: calls.clone() }
    }

    /// Checks the calls of somebody who has these permissions, on secrets with the keys of AWS.
    pub fn with_grants(role: &'static str, grants: BTreeSet<Grant>, calls: &RecordedCalls) -> Self {
        Self { role, grants, kms_key: None, calls: calls.clone() }
    }

    /// Records a request, and returns whether the policies allow it.
    pub fn allows(&self, target: &str, body: &[u8]) -> bool {
        self.allows_calls(iam_actions::required(target, body, self.kms_key.as_deref()))
    }

    /// Records the calls of a request to S3 or CloudFront, and returns whether the policies allow all of them.
    pub fn allows_calls(&self, calls: Vec<Call>) -> bool {
        let mut record = self.calls.0.lock().unwrap();
        let mut allowed = true;
        for call in calls {
            if !self.grants.iter().any(|grant| grant.allows(&call)) {
                record.denied.push(format!("{} may not {} on {}", self.role, call.action, call.resource));
                allowed = false;
            }
            record.by_role.entry(self.role).or_default().insert(call);
        }
        allowed
    }
}
