//! The nested template `infra/packed.yaml`: the index of accounts that share secrets, and the permissions for packs.

use std::collections::BTreeSet;

use evertoken_tests::permissions::{Grant, granted};
use evertoken_tests::stack::Stack;
use evertoken_tests::template::Template;
use serde_json::json;

use crate::tags::assert_tagged;

const KEY: &str = "arn:aws:kms:us-east-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab";

/// The nested stack, with the parameters that the main template passes to it.
fn stack(kms_key: &str) -> Stack {
    main_stack(&[("Layout", "packed"), ("KmsKeyArn", kms_key)]).nested("Packed", Template::packed())
}

fn main_stack(parameters: &[(&str, &str)]) -> Stack {
    Stack::new(Template::main(), parameters).unwrap().with("Packed.Outputs.TableName", "the-table")
}

const PACKED: (&str, &str) = ("Layout", "packed");

#[test]
fn the_index_is_nested_only_in_the_packed_layout() {
    let is_nested = |parameters| main_stack(parameters).resources().contains_key("Packed");
    assert!(!is_nested(&[]) && is_nested(&[PACKED]));
    for size in ["15", "201"] {
        let error = Stack::new(Template::main(), &[PACKED, ("PackSize", size)]).unwrap_err();
        assert_eq!(error, "PackSize must be a number from 16 to 200");
    }
}

#[test]
fn the_functions_know_the_index_only_in_the_packed_layout() {
    let variables = ["EVERTOKEN_LAYOUT", "EVERTOKEN_INDEX_TABLE", "EVERTOKEN_PACK_SIZE"];
    for function in ["CallbackFunction", "RefreshFunction"] {
        let of = |parameters: &[(&str, &str)]| {
            let environment = main_stack(parameters).properties(function)["Environment"]["Variables"].clone();
            variables.map(|name| environment[name].as_str().unwrap_or("-").to_owned())
        };
        assert_eq!(of(&[]), ["single", "-", "-"], "{function}");
        assert_eq!(of(&[PACKED, ("PackSize", "64")]), ["packed", "the-table", "64"], "{function}");
    }
    let feeds = |parameters: &[(&str, &str)]| {
        let parameters = [parameters, &[("Feed", "on")]].concat();
        let feeds = main_stack(&parameters).nested("Feeds", Template::feed());
        let environment = feeds.properties("Function")["Environment"]["Variables"].clone();
        let permissions: BTreeSet<Grant> = granted(&feeds, "Role");
        let reads_index = permissions.iter().any(|grant| grant.action == "dynamodb:GetItem");
        (environment["EVERTOKEN_INDEX_TABLE"].as_str().unwrap_or("-").to_owned(), reads_index)
    };
    assert_eq!((feeds(&[]), feeds(&[PACKED])), (("-".to_owned(), false), ("the-table".to_owned(), true)));
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
fn the_stack_outputs_the_tables_name_and_the_policy() {
    let outputs = stack("").outputs();
    let expected = [("PolicyArn", "Policy"), ("TableName", "Index")];
    assert_eq!(outputs, expected.map(|(name, value)| (name.to_owned(), value.to_owned())).into());
}

#[test]
fn workers_have_a_queue_only_if_there_are_any() {
    let with = |workers| main_stack(&[PACKED, ("Workers", workers)]);
    let error = Stack::new(Template::main(), &[("Workers", "2")]).unwrap_err();
    assert_eq!(error, "Workers requires Layout=packed.");
    let none = with("0");
    assert!(!none.resources().contains_key("Work"));
    assert!(!none.nested("Packed", Template::packed()).resources().contains_key("Queue"));

    let stack = with("4").with("Packed.Outputs.QueueUrl", "https://sqs.us-east-1.amazonaws.com/1/work");
    let work = json!({
        "EventSourceArn": "Packed.Outputs.QueueArn",
        "FunctionName": "RefreshFunction",
        "BatchSize": 10,
        "FunctionResponseTypes": ["ReportBatchItemFailures"],
        "ScalingConfig": {"MaximumConcurrency": "4"},
        "Tags": [{"Key": "evertoken:stack", "Value": "end-to-end"}],
    });
    assert_eq!(stack.properties("Work"), work);
    let timeout = stack.properties("RefreshFunction")["Timeout"].as_u64().unwrap();
    let queue = stack.nested("Packed", Template::packed()).properties("Queue");
    assert_eq!((&queue["VisibilityTimeout"], &queue["SqsManagedSseEnabled"]), (&json!(6 * timeout), &json!(true)));
    assert_eq!(queue["RedrivePolicy"], json!({"deadLetterTargetArn": "DeadLetterQueue.Arn", "maxReceiveCount": 3}));
    // Three attempts fit into the time that a message lives.
    assert!(queue["MessageRetentionPeriod"].as_u64() > queue["VisibilityTimeout"].as_u64().map(|seconds| 2 * seconds));
    let granted = granted(&stack, "RefreshRole");
    let of_queue = granted.iter().filter(|grant| grant.resource.ends_with(":work")).map(|grant| grant.action.as_str());
    let expected = ["sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ReceiveMessage", "sqs:SendMessage"];
    assert_eq!(of_queue.collect::<Vec<_>>(), expected);
}

#[test]
fn the_table_has_the_tag_of_the_stack() {
    // A managed policy has no tags in CloudFormation.
    assert_tagged(&stack(""), &["AWS::IAM::ManagedPolicy"]);
}
