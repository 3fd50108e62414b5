//! The nested template `infra/packed.yaml`: the index of accounts that share secrets.

use evertoken_tests::stack::Stack;
use evertoken_tests::template::Template;
use serde_json::json;

use crate::tags::assert_tagged;

const KEY: &str = "arn:aws:kms:us-east-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab";

fn stack(kms_key: &str) -> Stack {
    Stack::new(Template::packed(), &[("Stack", "end-to-end"), ("KmsKeyArn", kms_key)]).unwrap()
}

#[test]
fn the_index_survives_the_stack_and_mistakes() {
    let index = stack("").resources()["Index"].clone();
    assert_eq!((&index["DeletionPolicy"], &index["UpdateReplacePolicy"]), (&json!("Retain"), &json!("Retain")));
    let table = &index["Properties"];
    assert_eq!(table["DeletionProtectionEnabled"], true);
    assert_eq!(table["PointInTimeRecoverySpecification"], json!({"PointInTimeRecoveryEnabled": true}));
    assert_eq!(table["BillingMode"], "PAY_PER_REQUEST");
    // A name of its own would prevent a second stack, and a new table beside a retained one.
    assert_eq!(table.get("TableName"), None);
}

#[test]
fn the_index_is_encrypted_with_the_key_of_the_secrets() {
    assert_eq!(stack("").properties("Index").get("SSESpecification"), None, "a key that AWS owns costs nothing");
    let encryption = json!({"SSEEnabled": true, "SSEType": "KMS", "KMSMasterKeyId": KEY});
    assert_eq!(stack(KEY).properties("Index")["SSESpecification"], encryption);
}

/// As in `tests/support/index_table.rs`, where the contract tests of the adapter run.
#[test]
fn the_index_has_the_key_and_the_expiry_that_the_adapter_uses() {
    let table = stack("").properties("Index");
    assert_eq!(table["AttributeDefinitions"], json!([{"AttributeName": "key", "AttributeType": "S"}]));
    assert_eq!(table["KeySchema"], json!([{"AttributeName": "key", "KeyType": "HASH"}]));
    assert_eq!(table["TimeToLiveSpecification"], json!({"AttributeName": "expires_at", "Enabled": true}));
}

#[test]
fn the_stack_outputs_the_tables_name_and_arn() {
    let outputs = stack("").outputs();
    let expected = [("TableArn", "Index.Arn"), ("TableName", "Index")];
    assert_eq!(outputs, expected.map(|(name, value)| (name.to_owned(), value.to_owned())).into());
}

#[test]
fn the_table_has_the_tag_of_the_stack() {
    assert_tagged(&stack(""), &[]);
}
