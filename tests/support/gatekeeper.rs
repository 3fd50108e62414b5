//! IAM before moto: a role's policies decide what goes through, and all that was asked is remembered.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};

use crate::aws_call;
use crate::permissions::{Call, Grant, granted};
use crate::stack::Stack;

/// What was called, by role. Clones share it.
#[derive(Clone, Debug, Default)]
pub struct Calls(Arc<Mutex<Seen>>);

#[derive(Debug, Default)]
struct Seen {
    by_role: BTreeMap<&'static str, BTreeSet<Call>>,
    refused: Vec<String>,
}

impl Calls {
    /// What a role's function has called so far.
    pub fn of(&self, role: &str) -> BTreeSet<Call> {
        self.0.lock().unwrap().by_role.get(role).cloned().unwrap_or_default()
    }

    /// What was called and not allowed.
    pub fn refused(&self) -> Vec<String> {
        self.0.lock().unwrap().refused.clone()
    }
}

/// One role's.
#[derive(Debug)]
pub struct Gatekeeper {
    role: &'static str,
    grants: BTreeSet<Grant>,
    kms_key: Option<String>,
    calls: Calls,
}

impl Gatekeeper {
    /// Holds to the policies that the stack gives the role.
    pub fn of(stack: &Stack, role: &'static str, calls: &Calls) -> Self {
        let kms_key = Some(stack.parameter("KmsKeyArn").to_owned()).filter(|key| !key.is_empty());
        Self { role, grants: granted(stack, role), kms_key, calls: calls.clone() }
    }

    /// Whether a request may go on.
    pub fn admits(&self, target: &str, body: &[u8]) -> bool {
        let mut seen = self.calls.0.lock().unwrap();
        let mut admitted = true;
        for call in aws_call::calls(target, body, self.kms_key.as_deref()) {
            if !self.grants.iter().any(|grant| grant.allows(&call)) {
                seen.refused.push(format!("{} may not {} on {}", self.role, call.action, call.resource));
                admitted = false;
            }
            seen.by_role.entry(self.role).or_default().insert(call);
        }
        admitted
    }
}
