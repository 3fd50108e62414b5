//! Who can assume a role.

use evertoken_tests::stack::{ACCOUNT, Stack};
use serde_json::json;

/// Asserts that only this service can assume a role. EventBridge Scheduler can do so on behalf of this AWS account only
/// (AWS, "Confused deputy prevention in EventBridge Scheduler").
pub(crate) fn assert_trusts_only(stack: &Stack, role: &str, service: &str) {
    let mut statement = json!({"Effect": "Allow", "Principal": {"Service": service}, "Action": "sts:AssumeRole"});
    if service == "scheduler.amazonaws.com" {
        statement["Condition"] = json!({"StringEquals": {"aws:SourceAccount": ACCOUNT}});
    }
    let trust = json!({"Version": "2012-10-17", "Statement": [statement]});
    assert_eq!(stack.properties(role)["AssumeRolePolicyDocument"], trust, "{role}");
}
