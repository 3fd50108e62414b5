//! Compares the permissions of a role with the calls it makes, in IAM's terms.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::moto::REGION;
use crate::stack::{ACCOUNT, Stack};
use crate::template::Template;

/// A permission for one action on one resource pattern.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Grant {
    /// The action, such as `secretsmanager:GetSecretValue`.
    pub action: String,
    /// An ARN pattern, in which `*` matches anything.
    pub resource: String,
    /// The condition as IAM's JSON, such as `{"StringEquals":{"events:source":"evertoken"}}`, or `null`.
    pub condition: String,
}

/// One action that a role performed on one resource.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Call {
    /// The action, such as `secretsmanager:GetSecretValue`.
    pub action: String,
    /// The resource's ARN, or `*` if the action does not support resource-level permissions.
    pub resource: String,
    /// The condition keys of the request, and their values.
    pub context: Vec<(String, String)>,
}

/// Returns all permissions of a role in the stack, with those that the nested stack of the packed layout adds.
pub fn granted(stack: &Stack, role: &str) -> BTreeSet<Grant> {
    let properties = stack.properties(role);
    let mut grants = of_policies(properties["Policies"].as_array().unwrap());
    match properties.get("ManagedPolicyArns") {
        None => {}
        Some(arns) => {
            for arn in one_or_many(arns) {
                let policy = arn.strip_prefix("Packed.Outputs.").and_then(|output| output.strip_suffix("Arn"));
                let policy = policy.unwrap_or_else(|| panic!("a policy of AWS grants more than is needed: {arn}"));
                grants.extend(of_policies(&[packed(stack).properties(policy)]));
            }
        }
    }
    grants
}

/// Returns the nested stack of the packed layout, whose table and queue are those that the main stack's functions use.
fn packed(stack: &Stack) -> Stack {
    let variables = stack.properties("RefreshFunction")["Environment"]["Variables"].clone();
    let last = |variable: &str| variables[variable].as_str().unwrap_or_default().rsplit('/').next().unwrap().to_owned();
    stack
        .nested("Packed", Template::packed())
        .with("Index.Arn", &format!("arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/{}", last("EVERTOKEN_INDEX_TABLE")))
        .with("Queue.Arn", &format!("arn:aws:sqs:{REGION}:{ACCOUNT}:{}", last("EVERTOKEN_WORK_QUEUE")))
}

fn of_policies(policies: &[Value]) -> BTreeSet<Grant> {
    of_statements(policies.iter().flat_map(|policy| policy["PolicyDocument"]["Statement"].as_array().unwrap()))
}

/// Returns all permissions of a policy's statements.
pub fn of_statements<'a>(statements: impl IntoIterator<Item = &'a Value>) -> BTreeSet<Grant> {
    let mut grants = BTreeSet::new();
    for statement in statements {
        assert_eq!(statement["Effect"], "Allow", "the tests support only Allow statements: {statement}");
        for other in ["NotAction", "NotResource"] {
            assert!(statement.get(other).is_none(), "the tests do not support {other}: {statement}");
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
    /// Returns whether this grant allows the call. As in IAM, `*` and `?` are wildcards in the action and the resource, and
    /// all conditions must be met.
    pub fn allows(&self, call: &Call) -> bool {
        matches(&self.action.to_lowercase(), &call.action.to_lowercase())
            && matches(&self.resource, &call.resource)
            && self.condition_is_met(call)
    }

    fn condition_is_met(&self, call: &Call) -> bool {
        let condition: Value = serde_json::from_str(&self.condition).unwrap();
        let Value::Object(operators) = condition else { return true };
        operators.iter().all(|(operator, keys)| {
            assert_eq!(operator, "StringEquals", "the tests do not support this operator");
            let is_met = |(key, value): (&String, &Value)| {
                call.context.iter().any(|(name, carried)| name == key && Some(carried.as_str()) == value.as_str())
            };
            keys.as_object().unwrap().iter().all(is_met)
        })
    }
}

impl Call {
    /// Returns the narrowest grant that allows calls like this one. Secrets of accounts, invites and logins are granted per
    /// group; the app's secret and the signing secret are granted one by one.
    pub fn needs(&self, prefix: &str) -> Grant {
        let secrets = format!("arn:aws:secretsmanager:{REGION}:{ACCOUNT}:secret:{prefix}/");
        let group = ["accounts/", "invites/", "logins/", "packs/"].iter().map(|group| format!("{secrets}{group}"));
        let schedules = format!("arn:aws:scheduler:{REGION}:{ACCOUNT}:schedule/default/evertoken-removal-");
        // Files are granted per bucket.
        let object = self.resource.strip_prefix("arn:aws:s3:::").and_then(|path| path.split_once('/'));
        let object = object.map(|(bucket, _)| format!("arn:aws:s3:::{bucket}/"));
        let group = group.chain([schedules]).chain(object).find(|group| self.resource.starts_with(group));
        // The app's secret is granted by name, with any random suffix.
        let app = format!("{secrets}app-??????");
        let app = matches(&app, &self.resource).then_some(app);
        let equals: serde_json::Map<_, _> =
            self.context.iter().map(|(key, value)| (key.clone(), json!(value))).collect();
        let condition = if equals.is_empty() { Value::Null } else { json!({ "StringEquals": equals }) };
        Grant {
            action: self.action.clone(),
            resource: group.map(|group| format!("{group}*")).or(app).unwrap_or_else(|| self.resource.clone()),
            condition: condition.to_string(),
        }
    }
}

/// Lists the calls that are not allowed, and the grants that no call used.
pub fn differences(granted: &BTreeSet<Grant>, called: &BTreeSet<Call>, prefix: &str) -> Vec<String> {
    let needed: BTreeSet<Grant> = called.iter().map(|call| call.needs(prefix)).collect();
    let denied = called.iter().filter(|call| !granted.iter().any(|grant| grant.allows(call)));
    let denied = denied.map(|call| format!("called but not allowed: {} on {}", call.action, call.resource));
    let unused = granted.difference(&needed);
    let unused = unused.map(|grant| format!("allowed but never called: {} on {}", grant.action, grant.resource));
    denied.chain(unused).collect()
}

fn one_or_many(value: &Value) -> Vec<String> {
    match value {
        Value::Array(values) => values.iter().map(|value| value.as_str().unwrap().to_owned()).collect(),
        value => vec![value.as_str().unwrap().to_owned()],
    }
}

/// Matches IAM's wildcards. Actions and ARNs are ASCII.
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
    fn a_grant_applies_only_if_its_condition_is_met() {
        let call = |source: &str| Call {
            action: "events:PutEvents".to_owned(),
            resource: "*".to_owned(),
            context: vec![("events:source".to_owned(), source.to_owned())],
        };
        let grant = call("evertoken").needs("p");
        assert!(grant.allows(&call("evertoken")) && !grant.allows(&call("aws.health")));
    }
}
