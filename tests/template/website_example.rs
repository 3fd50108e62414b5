//! `infra/examples/website.yaml`: when it sends a token, and to whom.

use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::extract::State;
use axum::http::{StatusCode, Uri};
use evertoken_core::events::EventKind;
use evertoken_tests::stack::Stack;
use evertoken_tests::template::Template;
use evertoken_tests::{venv, workspace};
use serde_json::json;
use tokio::net::TcpListener;

fn stack() -> Stack {
    let translated = Command::new(venv::python())
        .arg(workspace::root().join("tests/support/translate.py"))
        .arg(workspace::root().join("infra/examples/website.yaml"))
        .output()
        .unwrap();
    assert!(translated.status.success(), "{}", String::from_utf8_lossy(&translated.stderr));
    let template = Template(serde_json::from_slice(&translated.stdout).unwrap());
    let parameters = [
        ("Account", "my-shop"),
        ("TargetUrl", "https://shop.example.test/token"),
        ("TargetLoginArn", "arn:aws:secretsmanager:us-east-1:123456789012:secret:website-a1b2c3"),
    ];
    Stack::new(&template, &parameters).unwrap()
}

/// A website that misses one of them keeps a token that no longer works.
#[test]
fn the_website_receives_the_token_after_every_event_that_can_bring_a_new_one() {
    let pattern = stack().properties("Rule")["EventPattern"].clone();
    let kinds = [
        EventKind::TokenRefreshed,
        EventKind::AccountConnected,
        EventKind::AccountReconnected,
        EventKind::AccountRecovered,
    ];
    let expected =
        json!({"source": ["evertoken"], "detail-type": kinds.map(EventKind::as_str), "detail": {"name": ["my-shop"]}});
    assert_eq!(pattern, expected);
}

type Requests = Arc<Mutex<Vec<String>>>;

/// A website that redirects every request, and the paths that were requested.
async fn redirecting_website() -> (String, Requests) {
    let requests = Requests::default();
    let redirect = async |State(requests): State<Requests>, uri: Uri| {
        requests.lock().unwrap().push(uri.path().to_owned());
        (StatusCode::FOUND, [("location", "/elsewhere")])
    };
    let service = Router::new().fallback(redirect).with_state(Arc::clone(&requests));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/token", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, service).await });
    (url, requests)
}

/// Stands in for the AWS SDK. The value of each secret serves as an account and as a login.
const SDK: &str = r#"
class Client:
    def get_secret_value(self, SecretId):
        return {"SecretString": '{"access_token": "IGAA-website"}'}

def client(service):
    return Client()
"#;

#[tokio::test]
async fn the_token_and_the_login_follow_no_redirect() {
    let (url, requests) = redirecting_website().await;
    let code = tempfile::tempdir().unwrap();
    let function = stack().properties("Function");
    std::fs::write(code.path().join("index.py"), function["Code"]["ZipFile"].as_str().unwrap()).unwrap();
    std::fs::write(code.path().join("boto3.py"), SDK).unwrap();
    let mut python = tokio::process::Command::new(venv::python());
    python.args(["-c", "import index; index.handler({}, None)"]).current_dir(code.path()).env_clear();
    python.envs([
        ("ACCOUNT", "my-shop"),
        ("SECRET", "account"),
        ("TARGET_URL", url.as_str()),
        ("TARGET_LOGIN", "login"),
    ]);
    let status = python.stderr(Stdio::null()).status().await.unwrap();
    // Lambda tries again, and the alarm reports it.
    assert!(!status.success());
    assert_eq!(*requests.lock().unwrap(), ["/token"]);
}
