//! What a role may, and what was called, in IAM's terms.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::moto::REGION;
use crate::stack::{ACCOUNT, Stack};

/// One action on one pattern of resources, under a condition (IAM's JSON; `null` for none).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Grant {
    /// As `secretsmanager:GetSecretValue`.
    pub action: String,
    /// An ARN in which `*` stands for anything.
    pub resource: String,
    /// As `{"StringEquals":{"events:source":"evertoken"}}`.
    pub condition: String,
}

/// One action that was carried out on one resource.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Call {
    /// As `secretsmanager:GetSecretValue`.
    pub action: String,
    /// Its ARN; `*` where the action knows no resources.
    pub resource: String,
    /// The condition keys that the request carries, and their values.
    pub context: Vec<(String, String)>,
}

/// Everything that a role of the stack allows.
pub fn granted(stack: &Stack, role: &str) -> BTreeSet<Grant> {
    let role = stack.properties(role);
    assert!(role.get("ManagedPolicyArns").is_none(), "a ready-made policy is wider than needed");
    let policies = role["Policies"].as_array().unwrap();
    let statements = policies.iter().flat_map(|policy| policy["PolicyDocument"]["Statement"].as_array().unwrap());
    let mut grants = BTreeSet::new();
    for statement in statements {
        assert_eq!(statement["Effect"], "Allow", "only what is allowed is understood here: {statement}");
        for other in ["NotAction", "NotResource"] {
            assert!(statement.get(other).is_none(), "only what is allowed is understood here: {statement}");
        }
        for action in one_or_many(&statement["Action"]) {
            for resource in one_or_many(&statement["Resource"]) {
                let condition = statement.get("Condition").unwrap_or(&Value::Null).to_string();
                grants.insert(Grant { action: action.clone(), resource, condition });
            }
        }
    }
    grants
}

impl Grant {
    /// Whether this lets the call through, as IAM matches: `*` and `?` in action and resource, all conditions met.
    pub fn allows(&self, call: &Call) -> bool {
        matches(&self.action.to_lowercase(), &call.action.to_lowercase())
            && matches(&self.resource, &call.resource)
            && self.condition_is_met(call)
    }

    fn condition_is_met(&self, call: &Call) -> bool {
        let condition: Value = serde_json::from_str(&self.condition).unwrap();
        let Value::Object(operators) = condition else { return true };
        operators.iter().all(|(operator, keys)| {
            assert_eq!(operator, "StringEquals", "this operator is not understood here");
            let is_met = |(key, value): (&String, &Value)| {
                call.context.iter().any(|(name, carried)| name == key && Some(carried.as_str()) == value.as_str())
            };
            keys.as_object().unwrap().iter().all(is_met)
        })
    }
}

impl Call {
    /// The narrowest grant that a role needs for calls like this one: its secret's family, its own two secrets one by one.
    pub fn needs(&self, prefix: &str) -> Grant {
        let secrets = format!("arn:aws:secretsmanager:{REGION}:{ACCOUNT}:secret:{prefix}/");
        let family = ["accounts/", "invites/", "logins/"].iter().map(|family| format!("{secrets}{family}"));
        let family = family.into_iter().find(|family| self.resource.starts_with(family));
        let equals: serde_json::Map<_, _> =
            self.context.iter().map(|(key, value)| (key.clone(), json!(value))).collect();
        let condition = if equals.is_empty() { Value::Null } else { json!({ "StringEquals": equals }) };
        Grant {
            action: self.action.clone(),
            resource: family.map_or_else(|| self.resource.clone(), |family| format!("{family}*")),
            condition: condition.to_string(),
        }
    }
}

/// Both ways: what was called and is not allowed, and what is allowed and was never called.
pub fn differences(granted: &BTreeSet<Grant>, called: &BTreeSet<Call>, prefix: &str) -> Vec<String> {
    let needed: BTreeSet<Grant> = called.iter().map(|call| call.needs(prefix)).collect();
    let refused = called.iter().filter(|call| !granted.iter().any(|grant| grant.allows(call)));
    let refused = refused.map(|call| format!("called and not allowed: {} on {}", call.action, call.resource));
    let idle = granted.difference(&needed);
    let idle = idle.map(|grant| format!("allowed and never called: {} on {}", grant.action, grant.resource));
    refused.chain(idle).collect()
}

fn one_or_many(value: &Value) -> Vec<String> {
    match value {
        Value::Array(values) => values.iter().map(|value| value.as_str().unwrap().to_owned()).collect(),
        value => vec![value.as_str().unwrap().to_owned()],
    }
}

/// IAM's wildcards. Actions and ARNs are ASCII.
fn matches(pattern: &str, text: &str) -> bool {
    fn bytes(pattern: &[u8], text: &[u8]) -> bool {
        match pattern.split_first() {
            None => text.is_empty(),
            Some((b'*', rest)) => (0..=text.len()).any(|skipped| bytes(rest, &text[skipped..])),
            Some((letter, rest)) => text
                .split_first()
                .is_some_and(|(first, others)| (*letter == b'?' || letter == first) && bytes(rest, others)),
        }
    }
    bytes(pattern.as_bytes(), text.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wildcards_match_as_in_iam() {
        for (pattern, text) in [("*", ""), ("a*", "a"), ("a/*/c", "a/b/c"), ("a-??????", "a-AbCdEf"), ("a*b*", "a-b")] {
            assert!(matches(pattern, text), "{pattern} {text}");
        }
        for (pattern, text) in [("", "a"), ("a", "ab"), ("a/*", "b/a/c"), ("a-??????", "a-AbCdE"), ("a*b", "abc")] {
            assert!(!matches(pattern, text), "{pattern} {text}");
        }
    }

    #[test]
    fn a_condition_is_part_of_a_grant() {
        let call = |source: &str| Call {
            action: "events:PutEvents".to_owned(),
            resource: "*".to_owned(),
            context: vec![("events:source".to_owned(), source.to_owned())],
        };
        let grant = call("evertoken").needs("p");
        assert!(grant.allows(&call("evertoken")) && !grant.allows(&call("aws.health")));
    }
}
