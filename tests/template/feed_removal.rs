//! Turning feeds off, or deleting the stack, deletes all files before the bucket.

use std::collections::BTreeSet;

use evertoken_tests::feed_proxy::FeedProxy;
use evertoken_tests::moto::Moto;
use evertoken_tests::permissions::{Grant, differences, granted};
use evertoken_tests::stack::Stack;
use evertoken_tests::template::Template;
use serde_json::{Value, json};

use crate::feed::feed_stack;
use crate::removal_handler::Handler;

/// Sends a request of CloudFormation about the stack's bucket to the function.
async fn handle(request: &str, stack: &Stack, aws: &str) -> Value {
    let variables = vec![("AWS_ENDPOINT_URL_S3", aws)];
    Handler { stack, resource: "Content", function: "RemovalFunction", variables }.handle(request).await
}

/// A bucket with this many files, and the stack that owns it.
async fn bucket(name: &str, files: usize) -> (Stack, aws_sdk_s3::Client) {
    let client = aws_sdk_s3::Client::new(&Moto::shared().config());
    client.create_bucket().bucket(name).send().await.unwrap();
    for number in 0..files {
        client.put_object().bucket(name).key(format!("img/shop/{number}.jpg")).send().await.unwrap();
    }
    (feed_stack(&[]).with("Bucket", name).with("Bucket.Arn", &format!("arn:aws:s3:::{name}")), client)
}

async fn count(client: &aws_sdk_s3::Client, bucket: &str) -> usize {
    client.list_objects_v2().bucket(bucket).send().await.unwrap().contents().len()
}

#[tokio::test]
async fn deleting_the_feeds_empties_the_bucket_with_exactly_the_permissions_of_the_role() {
    // More than one page.
    let (stack, client) = bucket("feeds-to-delete", 1_005).await;
    let aws = FeedProxy::start(&stack, "RemovalRole").await;
    let response = handle("Delete", &stack, aws.endpoint()).await;
    assert_eq!((&response["Status"], &response["Reason"]), (&json!("SUCCESS"), &json!("Deleted 1005 files.")));
    assert_eq!(response["PhysicalResourceId"], "feeds-to-delete");
    assert_eq!(count(&client, "feeds-to-delete").await, 0);
    let granted: BTreeSet<Grant> =
        granted(&stack, "RemovalRole").into_iter().filter(|grant| !grant.action.starts_with("logs:")).collect();
    assert_eq!(differences(&granted, &aws.calls().of("RemovalRole"), ""), [""; 0]);
}

#[tokio::test]
async fn creating_and_updating_the_feeds_deletes_nothing() {
    let (stack, client) = bucket("feeds-to-keep", 1).await;
    let aws = FeedProxy::start(&stack, "RemovalRole").await;
    for request in ["Create", "Update"] {
        let response = handle(request, &stack, aws.endpoint()).await;
        assert_eq!(response["Status"], "SUCCESS", "{response}");
    }
    assert_eq!(count(&client, "feeds-to-keep").await, 1);
}

#[tokio::test]
async fn a_bucket_that_cannot_be_emptied_fails_the_deletion_with_the_reason() {
    let stack = feed_stack(&[]).with("Bucket", "no-such-bucket").with("Bucket.Arn", "arn:aws:s3:::no-such-bucket");
    let aws = FeedProxy::start(&stack, "RemovalRole").await;
    let response = handle("Delete", &stack, aws.endpoint()).await;
    assert_eq!(response["Status"], "FAILED");
    assert!(response["Reason"].as_str().unwrap().contains("NoSuchBucket"), "{response}");
}

/// The resources that a resource names, directly or through others. CloudFormation deletes it before them.
fn dependencies(resource: &str) -> BTreeSet<String> {
    fn names(value: &Value, found: &mut BTreeSet<String>) {
        match value {
            Value::Object(object) => {
                for (key, value) in object {
                    let text = match (key.as_str(), value) {
                        ("Ref" | "Fn::Sub", Value::String(text)) => text.clone(),
                        ("Fn::Sub" | "Fn::GetAtt", Value::Array(parts)) => parts[0].as_str().unwrap().to_owned(),
                        ("DependsOn", value) => value.to_string(),
                        _ => String::new(),
                    };
                    let words = text.split(|letter: char| !letter.is_alphanumeric());
                    let resources = &Template::feed().0["Resources"];
                    found.extend(words.filter(|word| resources.get(word).is_some()).map(str::to_owned));
                    names(value, found);
                }
            }
            Value::Array(items) => items.iter().for_each(|item| names(item, found)),
            _ => {}
        }
    }
    let mut all = BTreeSet::new();
    let mut open = vec![resource.to_owned()];
    while let Some(name) = open.pop() {
        let mut found = BTreeSet::new();
        names(&Template::feed().0["Resources"][&name], &mut found);
        open.extend(found.into_iter().filter(|name| all.insert(name.clone())));
    }
    all
}

#[test]
fn all_that_writes_files_is_deleted_before_they_are_and_the_bucket_after_them() {
    for writer in ["FunctionTick", "AccountChanged", "AccountChangedPermission", "Function", "Role", "SchedulerRole"] {
        assert!(dependencies(writer).contains("Content"), "{writer} may write after the bucket was emptied");
    }
    for needed in ["Bucket", "RemovalFunction", "RemovalRole", "RemovalLogs"] {
        assert!(dependencies("Content").contains(needed), "{needed} would be gone");
    }
    assert!(!dependencies("Content").contains("Function"));
}
