//! `infra/examples/website.yaml`: when it sends a token, and to whom.

use std::process::Command;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::extract::State;
use axum::http::{StatusCode, Uri};
use evertoken_core::events::EventKind;
use evertoken_tests::stack::Stack;
use evertoken_tests::template::Template;
use evertoken_tests::{venv, workspace};
use serde_json::{Value, json};
use tokio::net::TcpListener;

fn stack(more: &[(&str, &str)]) -> Stack {
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
    Stack::new(&template, &[&parameters, more].concat()).unwrap()
}

/// A website that misses one of them keeps a token that no longer works.
#[test]
fn the_website_receives_the_token_after_every_event_that_can_bring_a_new_one() {
    let pattern = stack(&[]).properties("Rule")["EventPattern"].clone();
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

/// Runs the function's code for an event with this detail, and returns its exception.
async fn exception(detail: Value, url: &str) -> String {
    let code = tempfile::tempdir().unwrap();
    let function = stack(&[]).properties("Function");
    std::fs::write(code.path().join("index.py"), function["Code"]["ZipFile"].as_str().unwrap()).unwrap();
    std::fs::write(code.path().join("boto3.py"), SDK).unwrap();
    let call = "import index, json, sys; index.handler({'detail': json.loads(sys.argv[1])}, None)";
    let mut python = tokio::process::Command::new(venv::python());
    python.args(["-c", call, &detail.to_string()]).current_dir(code.path()).env_clear();
    python.envs([("ACCOUNT", "my-shop"), ("SECRET", "account"), ("TARGET_URL", url), ("TARGET_LOGIN", "login")]);
    let output = python.output().await.unwrap();
    // Lambda tries again, and the alarm reports it.
    assert!(!output.status.success());
    String::from_utf8(output.stderr).unwrap()
}

#[tokio::test]
async fn the_token_and_the_login_follow_no_redirect() {
    let (url, requests) = redirecting_website().await;
    exception(json!({"name": "my-shop"}), &url).await;
    assert_eq!(*requests.lock().unwrap(), ["/token"]);
}

/// Its secret is a copy that is not renewed.
#[tokio::test]
async fn the_copy_of_an_account_in_a_pack_is_not_sent() {
    let (url, requests) = redirecting_website().await;
    let exception = exception(json!({"name": "my-shop", "pack": "main-00042"}), &url).await;
    assert!(exception.contains("evertoken unpack my-shop"), "{exception}");
    assert!(requests.lock().unwrap().is_empty());
}

#[test]
fn the_function_may_decrypt_with_the_key_of_the_accounts() {
    let statements = |stack: Stack| stack.properties("Role")["Policies"][0]["PolicyDocument"]["Statement"].clone();
    let key = "arn:aws:kms:us-east-1:123456789012:key/1";
    let with_key = statements(stack(&[("KmsKeyArn", key)]));
    let decrypt = json!({"Sid": "Decrypt", "Effect": "Allow", "Action": "kms:Decrypt", "Resource": key});
    assert!(with_key.as_array().unwrap().contains(&decrypt), "{with_key}");
    assert!(!statements(stack(&[])).to_string().contains("kms:"));
}
