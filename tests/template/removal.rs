//! `infra/removal.yaml` deletes accounts only when the main stack is deleted.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::extract::State;
use axum::routing::post;
use evertoken_tests::aws_proxy::AwsProxy;
use evertoken_tests::iam_policy_check::{IamPolicyCheck, RecordedCalls};
use evertoken_tests::moto::Moto;
use evertoken_tests::permissions::{Call, Grant, differences, granted};
use evertoken_tests::stack::{STACK_ID, Stack};
use evertoken_tests::template::Template;
use serde_json::Value;
use tokio::net::TcpListener;

use crate::removal_handler::Handler;
use crate::trust::assert_trusts_only;

/// A fake CloudFormation that reports a stack status.
#[derive(Clone, Debug, Default)]
struct CloudFormation {
    status: &'static str,
    requests: Arc<Mutex<Vec<String>>>,
}

impl CloudFormation {
    async fn serve(&self) -> String {
        let describe = async |State(here): State<Self>, body: String| {
            here.requests.lock().unwrap().push(body);
            let stack = format!(
                "<member><StackName>end-to-end</StackName><CreationTime>2026-11-22T05:00:00Z</CreationTime>\
                 <StackStatus>{}</StackStatus></member>",
                here.status
            );
            let result = format!("<DescribeStacksResult><Stacks>{stack}</Stacks></DescribeStacksResult>");
            ([("content-type", "text/xml")], format!("<DescribeStacksResponse>{result}</DescribeStacksResponse>"))
        };
        let service = Router::new().route("/", post(describe)).with_state(self.clone());
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let origin = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(async move { axum::serve(listener, service).await });
        origin
    }
}

/// The nested stack, with the parameters that the main template passes to it.
fn removal_stack(prefix: &str) -> Stack {
    let main = Stack::new(Template::main(), &[("VaultPrefix", prefix), ("AccountsOnDeletion", "remove")]).unwrap();
    main.nested("Removal", Template::removal())
}

/// The result of handling one CloudFormation event.
struct Outcome {
    response: Value,
    requests: Vec<String>,
    calls: RecordedCalls,
}

async fn handle(prefix: &str, request: &str, status: &'static str) -> Outcome {
    let stack = removal_stack(prefix);
    let calls = RecordedCalls::default();
    let aws = AwsProxy::with_policy_check(IamPolicyCheck::new(&stack, "Role", &calls)).await;
    let formation = CloudFormation { status, requests: Arc::default() };
    let origin = formation.serve().await;
    let variables = vec![
        ("AWS_ENDPOINT_URL_SECRETS_MANAGER", aws.endpoint()),
        ("AWS_ENDPOINT_URL_CLOUDFORMATION", origin.as_str()),
    ];
    let handler = Handler { stack: &stack, resource: "Accounts", function: "Function", variables };
    let response = handler.handle(request).await;
    assert_eq!(response["PhysicalResourceId"], "accounts");
    let requests = formation.requests.lock().unwrap().clone();
    Outcome { response, requests, calls }
}

async fn create_secrets(names: &[String]) {
    for name in names {
        Moto::shared().client().create_secret().name(name).secret_string("{}").send().await.unwrap();
    }
}

/// The secrets among these that are not marked as deleted.
async fn remaining(names: &[String]) -> Vec<&str> {
    let client = Moto::shared().client();
    let mut remaining = Vec::new();
    for name in names {
        if client.describe_secret().secret_id(name).send().await.unwrap().deleted_date().is_none() {
            remaining.push(name.as_str());
        }
    }
    remaining
}

fn secrets(prefix: &str) -> Vec<String> {
    let names = ["accounts/one", "packs/main-00001/1", "app", "signing"].map(|name| format!("{prefix}/{name}"));
    names.into_iter().chain([format!("{prefix}-other/accounts/one")]).collect()
}

#[tokio::test]
async fn deleting_the_stack_deletes_its_accounts_only_and_they_can_be_restored() {
    let secrets = secrets("leaving");
    create_secrets(&secrets).await;
    let outcome = handle("leaving", "Delete", "DELETE_IN_PROGRESS").await;
    assert_eq!(outcome.response["Status"], "SUCCESS", "{}", outcome.response);
    assert!(outcome.response["Reason"].as_str().unwrap().starts_with("Deleted 2 secrets."), "{}", outcome.response);
    assert_eq!(remaining(&secrets).await, [&secrets[2], &secrets[3], &secrets[4]]);
    Moto::shared().client().restore_secret().secret_id(&secrets[0]).send().await.unwrap();
    assert!(remaining(&secrets).await.contains(&secrets[0].as_str()));

    // The role allows exactly these calls. The function has asked CloudFormation about the main stack.
    assert!(outcome.requests.iter().all(|body| body.contains("Action=DescribeStacks")) && outcome.requests.len() == 1);
    let context = Vec::new();
    let described = Call { action: "cloudformation:DescribeStacks".into(), resource: STACK_ID.into(), context };
    let calls: BTreeSet<Call> = outcome.calls.of("Role").into_iter().chain([described]).collect();
    let granted = granted(&removal_stack("leaving"), "Role").into_iter();
    let granted: BTreeSet<Grant> = granted.filter(|grant| !grant.action.starts_with("logs:")).collect();
    assert_eq!(differences(&granted, &calls, "leaving"), [""; 0]);
}

#[tokio::test]
async fn keeps_all_secrets_unless_the_stack_is_deleted() {
    let secrets = secrets("staying");
    create_secrets(&secrets).await;
    for (request, status) in [
        ("Create", "CREATE_IN_PROGRESS"),
        ("Update", "UPDATE_IN_PROGRESS"),
        // The parameter was changed back, the deployment failed, or an update was rolled back.
        ("Delete", "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS"),
        ("Delete", "ROLLBACK_IN_PROGRESS"),
        ("Delete", "UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS"),
    ] {
        let outcome = handle("staying", request, status).await;
        assert_eq!(outcome.response["Status"], "SUCCESS", "{request} {status}: {}", outcome.response);
        assert_eq!(remaining(&secrets).await.len(), secrets.len(), "{request} {status}");
        assert!(outcome.calls.of("Role").is_empty(), "{request} {status}");
    }
}

#[tokio::test]
async fn reports_why_the_accounts_could_not_be_deleted() {
    // CloudFormation's response is not valid XML.
    let outcome = handle("failing", "Delete", "</StackStatus>").await;
    assert_eq!(outcome.response["Status"], "FAILED", "{}", outcome.response);
    assert!(outcome.response["Reason"].as_str().unwrap().starts_with("Could not delete the accounts: "));
}

#[test]
fn only_lambda_can_assume_the_role_that_deletes_accounts_and_it_has_the_permissions_boundary() {
    let boundary = "arn:aws:iam::123456789012:policy/boundary";
    let parameters = [("AccountsOnDeletion", "remove"), ("PermissionsBoundary", boundary)];
    let bounded = Stack::new(Template::main(), &parameters).unwrap().nested("Removal", Template::removal());
    assert_eq!(bounded.properties("Role")["PermissionsBoundary"], boundary);
    assert_eq!(removal_stack("evertoken").properties("Role").get("PermissionsBoundary"), None);
    assert_trusts_only(&bounded, "Role", "lambda.amazonaws.com");
}
