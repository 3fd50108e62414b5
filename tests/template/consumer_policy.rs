//! `infra/consumer-policy.json` gives an application the token of one account.

use std::collections::BTreeSet;

use evertoken_tests::permissions::{Grant, of_statements};
use evertoken_tests::workspace;
use serde_json::Value;

#[test]
fn the_consumers_policy_only_allows_reading_the_secret_of_one_account() {
    let text = std::fs::read_to_string(workspace::root().join("infra/consumer-policy.json")).unwrap();
    let policy: Value = serde_json::from_str(&text).unwrap();
    let read = Grant {
        action: "secretsmanager:GetSecretValue".to_owned(),
        resource: "arn:aws:secretsmanager:us-east-1:123456789012:secret:evertoken/accounts/my-shop-??????".to_owned(),
        condition: "null".to_owned(),
    };
    assert_eq!(of_statements(policy["Statement"].as_array().unwrap()), BTreeSet::from([read]));
}
