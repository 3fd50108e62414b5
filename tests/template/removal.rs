//! Accounts go with the stack only where the operator said so, and only when the stack itself is deleted.

use std::collections::BTreeSet;
use std::process::Stdio;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::extract::State;
use axum::routing::{post, put};
use evertoken_tests::aws_proxy::AwsProxy;
use evertoken_tests::gatekeeper::{Calls, Gatekeeper};
use evertoken_tests::moto::{Moto, REGION};
use evertoken_tests::permissions::{Call, Grant, differences, granted};
use evertoken_tests::stack::{STACK_ID, Stack};
use evertoken_tests::template::Template;
use evertoken_tests::venv;
use serde_json::{Value, json};
use tokio::io::AsyncWriteExt;
use tokio::net::TcpListener;
use tokio::process::Command;

/// CloudFormation, as far as the function speaks to it: it says how the stack is, and takes an answer.
#[derive(Clone, Debug, Default)]
struct CloudFormation {
    status: &'static str,
    asked: Arc<Mutex<Vec<String>>>,
    answer: Arc<Mutex<Value>>,
}

impl CloudFormation {
    async fn serve(&self) -> String {
        let describe = async |State(here): State<Self>, body: String| {
            here.asked.lock().unwrap().push(body);
            let stack = format!(
                "<member><StackName>end-to-end</StackName><CreationTime>2026-11-22T05:00:00Z</CreationTime>\
                 <StackStatus>{}</StackStatus></member>",
                here.status
            );
            let result = format!("<DescribeStacksResult><Stacks>{stack}</Stacks></DescribeStacksResult>");
            ([("content-type", "text/xml")], format!("<DescribeStacksResponse>{result}</DescribeStacksResponse>"))
        };
        let take = async |State(here): State<Self>, body: String| {
            *here.answer.lock().unwrap() = serde_json::from_str(&body).unwrap();
        };
        let service = Router::new().route("/", post(describe)).route("/answer", put(take)).with_state(self.clone());
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let origin = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(async move { axum::serve(listener, service).await });
        origin
    }
}

/// The nested stack, with the parameters that the main one gives it.
fn removal(prefix: &str) -> Stack {
    let main = Stack::new(Template::main(), &[("VaultPrefix", prefix), ("AccountsOnDeletion", "remove")]).unwrap();
    let given = main.properties("Removal")["Parameters"].clone();
    let given: Vec<(&str, &str)> =
        given.as_object().unwrap().iter().map(|(name, value)| (name.as_str(), value.as_str().unwrap())).collect();
    Stack::new(Template::removal(), &given).unwrap()
}

/// What came of an event while the main stack was in this state.
struct Outcome {
    answer: Value,
    asked: Vec<String>,
    calls: Calls,
}

async fn handle(prefix: &str, request: &str, status: &'static str) -> Outcome {
    let stack = removal(prefix);
    let calls = Calls::default();
    let aws = AwsProxy::guarded(Gatekeeper::of(&stack, "Role", &calls)).await;
    let formation = CloudFormation { status, ..CloudFormation::default() };
    let origin = formation.serve().await;
    let code = tempfile::tempdir().unwrap();
    let function = stack.properties("Function");
    std::fs::write(code.path().join("index.py"), function["Code"]["ZipFile"].as_str().unwrap()).unwrap();
    let event = json!({
        "RequestType": request,
        "ResponseURL": format!("{origin}/answer"),
        "StackId": "arn:of:the:nested:stack",
        "RequestId": "r-1",
        "LogicalResourceId": "Accounts",
        "ResourceProperties": stack.properties("Accounts"),
    });
    let run = "import index, json, sys; index.handler(json.load(sys.stdin), None)";
    let mut process = Command::new(venv::python())
        .args(["-c", run])
        .current_dir(code.path())
        .env_clear()
        .envs([("AWS_ACCESS_KEY_ID", "test"), ("AWS_SECRET_ACCESS_KEY", "test"), ("AWS_DEFAULT_REGION", REGION)])
        .envs([("AWS_EC2_METADATA_DISABLED", "true"), ("AWS_MAX_ATTEMPTS", "1")])
        .env("AWS_ENDPOINT_URL_SECRETS_MANAGER", aws.endpoint())
        .env("AWS_ENDPOINT_URL_CLOUDFORMATION", &origin)
        .stdin(Stdio::piped())
        .spawn()
        .unwrap();
    process.stdin.take().unwrap().write_all(event.to_string().as_bytes()).await.unwrap();
    assert!(process.wait().await.unwrap().success());
    let answer = formation.answer.lock().unwrap().clone();
    for (key, value) in [("RequestId", "r-1"), ("LogicalResourceId", "Accounts"), ("PhysicalResourceId", "accounts")] {
        assert_eq!(answer[key], value);
    }
    assert_eq!(answer["StackId"], "arn:of:the:nested:stack");
    let asked = formation.asked.lock().unwrap().clone();
    Outcome { answer, asked, calls }
}

async fn create(names: &[String]) {
    for name in names {
        Moto::shared().client().create_secret().name(name).secret_string("{}").send().await.unwrap();
    }
}

/// Those of these secrets that are not marked deleted.
async fn left(names: &[String]) -> Vec<&str> {
    let client = Moto::shared().client();
    let mut left = Vec::new();
    for name in names {
        if client.describe_secret().secret_id(name).send().await.unwrap().deleted_date().is_none() {
            left.push(name.as_str());
        }
    }
    left
}

fn secrets(prefix: &str) -> Vec<String> {
    let names = ["accounts/one", "accounts/two", "app", "signing"].map(|name| format!("{prefix}/{name}"));
    names.into_iter().chain([format!("{prefix}-other/accounts/one")]).collect()
}

#[tokio::test]
async fn with_the_stack_go_its_accounts_and_nothing_else_and_they_can_be_had_back() {
    let secrets = secrets("leaving");
    create(&secrets).await;
    let outcome = handle("leaving", "Delete", "DELETE_IN_PROGRESS").await;
    assert_eq!(outcome.answer["Status"], "SUCCESS", "{}", outcome.answer);
    assert!(outcome.answer["Reason"].as_str().unwrap().starts_with("2 accounts were removed"), "{}", outcome.answer);
    assert_eq!(left(&secrets).await, [&secrets[2], &secrets[3], &secrets[4]]);
    Moto::shared().client().restore_secret().secret_id(&secrets[0]).send().await.unwrap();
    assert!(left(&secrets).await.contains(&secrets[0].as_str()));

    // Its role, both ways. It has asked CloudFormation for this stack.
    assert!(outcome.asked.iter().all(|body| body.contains("Action=DescribeStacks")) && outcome.asked.len() == 1);
    let context = Vec::new();
    let described = Call { action: "cloudformation:DescribeStacks".into(), resource: STACK_ID.into(), context };
    let calls: BTreeSet<Call> = outcome.calls.of("Role").into_iter().chain([described]).collect();
    let granted = granted(&removal("leaving"), "Role").into_iter();
    let granted: BTreeSet<Grant> = granted.filter(|grant| !grant.action.starts_with("logs:")).collect();
    assert_eq!(differences(&granted, &calls, "leaving"), [""; 0]);
}

#[tokio::test]
async fn without_the_stacks_own_deletion_everything_stays() {
    let secrets = secrets("staying");
    create(&secrets).await;
    for (request, status) in [
        ("Create", "CREATE_IN_PROGRESS"),
        ("Update", "UPDATE_IN_PROGRESS"),
        // The parameter was set back, the deployment failed, or an update was undone.
        ("Delete", "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS"),
        ("Delete", "ROLLBACK_IN_PROGRESS"),
        ("Delete", "UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS"),
    ] {
        let outcome = handle("staying", request, status).await;
        assert_eq!(outcome.answer["Status"], "SUCCESS", "{request} {status}: {}", outcome.answer);
        assert_eq!(left(&secrets).await.len(), secrets.len(), "{request} {status}");
        assert!(outcome.calls.of("Role").is_empty(), "{request} {status}");
    }
}

#[tokio::test]
async fn what_cannot_be_removed_keeps_the_stack_and_says_why() {
    // No state at all: CloudFormation's answer cannot be understood.
    let outcome = handle("failing", "Delete", "</StackStatus>").await;
    assert_eq!(outcome.answer["Status"], "FAILED", "{}", outcome.answer);
    assert!(outcome.answer["Reason"].as_str().unwrap().starts_with("The accounts could not be removed: "));
}
