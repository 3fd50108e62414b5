//! Missing and invalid configuration of the functions.

use std::net::TcpListener;

use evertoken_tests::binaries;
use evertoken_tests::child_process::ChildProcess;
use evertoken_tests::deployment::Deployment;
use evertoken_tests::http::Request;
use serde_json::{Value, json};

/// The variables that both functions need to start.
const VALID: [(&str, &str); 5] = [
    ("EVERTOKEN_VAULT_PREFIX", "evertoken"),
    ("EVERTOKEN_APP_SECRET_NAME", "evertoken/app"),
    ("EVERTOKEN_SIGNING_SECRET_NAME", "evertoken/signing"),
    ("EVERTOKEN_PUBLIC_URL", "https://login.example.test"),
    ("AWS_REGION", "us-east-1"),
];

/// Starts a function with one variable changed, or unset if there is no value. Asserts that the function exits with a
/// one-line error before it contacts the Lambda runtime.
async fn assert_rejected(binary: &str, name: &str, value: Option<&str>) {
    let runtime_api = TcpListener::bind("127.0.0.1:0").unwrap();
    runtime_api.set_nonblocking(true).unwrap();
    let address = runtime_api.local_addr().unwrap().to_string();
    let others = VALID.iter().copied().filter(|(other, _)| *other != name);
    let changed = value.map(|value| (name, value));
    let from_lambda = [("AWS_LAMBDA_RUNTIME_API", address.as_str()), ("AWS_LAMBDA_FUNCTION_NAME", "f")];
    let environment: Vec<(String, String)> =
        others.chain(changed).chain(from_lambda).map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
    let mut process = ChildProcess::start(binaries::path(binary), &[], &environment);
    let code = process.wait_for_exit().await;
    let (stdout, stderr) = (process.stdout(), process.stderr());
    assert_eq!(code, 2, "{binary}, {name} = {value:?}: {stderr}");
    assert_eq!(stdout, "");
    assert_eq!(stderr.lines().count(), 1, "{stderr}");
    assert!(stderr.contains(&format!("{name} ")) && stderr.contains("; expected "), "{stderr}");
    match value.filter(|value| !value.contains("hunter2")) {
        Some(value) if !value.trim().is_empty() => assert!(stderr.contains(value), "{value} is missing in {stderr}"),
        Some(_) | None => assert!(!stderr.contains("hunter2"), "{stderr}"),
    }
    let polled = runtime_api.accept();
    assert!(
        polled.is_err_and(|error| error.kind() == std::io::ErrorKind::WouldBlock),
        "the function contacted the Lambda runtime"
    );
}

/// AWS, "Configuring JSON and plain text log formats": Lambda sets these variables from the function's logging configuration.
#[tokio::test]
async fn a_function_that_cannot_start_logs_one_json_error_at_every_log_level() {
    for binary in ["evertoken-callback", "evertoken-refresh"] {
        for level in ["FATAL", "ERROR", "WARN", "INFO", "DEBUG"] {
            let environment = [("AWS_LAMBDA_LOG_FORMAT", "JSON"), ("AWS_LAMBDA_LOG_LEVEL", level)];
            let environment = environment.map(|(name, value)| (name.to_owned(), value.to_owned()));
            let mut process = ChildProcess::start(binaries::path(binary), &[], &environment);
            assert_eq!(process.wait_for_exit().await, 2, "{binary}, {level}");
            let (stdout, stderr) = (process.stdout(), process.stderr());
            assert_eq!((stdout.lines().count(), stderr.as_str()), (1, ""), "{binary}, {level}: {stdout}");
            let line: Value = serde_json::from_str(&stdout).unwrap();
            assert_eq!(line["level"], "ERROR", "{stdout}");
            assert!(line["message"].as_str().unwrap().starts_with("evertoken cannot start: EVERTOKEN_"), "{stdout}");
        }
    }
}

async fn assert_all_rejected(binary: &'static str, cases: &[(&'static str, Option<&'static str>)]) {
    futures_util::future::join_all(cases.iter().map(|(name, value)| assert_rejected(binary, name, *value))).await;
}

/// Invalid values of the variables that both functions read.
const INVALID_IN_BOTH: [(&str, Option<&str>); 11] = [
    ("EVERTOKEN_VAULT_PREFIX", None),
    ("EVERTOKEN_VAULT_PREFIX", Some("  ")),
    ("EVERTOKEN_VAULT_PREFIX", Some("/evertoken/")),
    ("EVERTOKEN_STACK", Some("my*stack")),
    ("EVERTOKEN_KMS_KEY", Some("alias/mine")),
    ("EVERTOKEN_PROVIDER", Some("myspace")),
    ("EVERTOKEN_GRAPH_VERSION", Some("26")),
    ("EVERTOKEN_AUTHORIZE_URL", Some("http://www.instagram.com")),
    ("EVERTOKEN_TOKEN_URL", Some("api.instagram.com")),
    ("EVERTOKEN_GRAPH_URL", Some("https://graph.instagram.com/v26.0")),
    ("EVERTOKEN_GRAPH_URL", Some("ftp://127.0.0.1")),
];

#[tokio::test]
async fn the_callback_function_reports_missing_and_invalid_variables() {
    assert_all_rejected("evertoken-callback", &INVALID_IN_BOTH).await;
    let cases = [
        ("EVERTOKEN_APP_SECRET_NAME", None),
        ("EVERTOKEN_APP_SECRET_NAME", Some(r#"{"app_id":"1","app_secret":"hunter2"}"#)),
        ("EVERTOKEN_SIGNING_SECRET_NAME", None),
        ("EVERTOKEN_SIGNING_SECRET_NAME", Some("hunter2, a signing key of 32 letters and more")),
        ("EVERTOKEN_PUBLIC_URL", None),
        ("EVERTOKEN_PUBLIC_URL", Some("http://login.example.test")),
        ("EVERTOKEN_PUBLIC_URL", Some("login.example.test")),
        ("EVERTOKEN_PUBLIC_URL", Some("https://login.example.test/?a=b")),
        ("EVERTOKEN_SCOPES", Some("Instagram Basic!")),
        ("EVERTOKEN_LOGIN", Some("anyone")),
        ("EVERTOKEN_RETURN_URLS", Some("shop.example.test")),
    ];
    assert_all_rejected("evertoken-callback", &cases).await;
}

#[tokio::test]
async fn the_refresh_function_reports_missing_and_invalid_variables() {
    assert_all_rejected("evertoken-refresh", &INVALID_IN_BOTH).await;
    let cases = [
        ("EVERTOKEN_REFRESH_AFTER_DAYS", Some("0")),
        ("EVERTOKEN_REFRESH_AFTER_DAYS", Some("60")),
        ("EVERTOKEN_REFRESH_AFTER_DAYS", Some("twenty")),
        ("EVERTOKEN_CONCURRENCY", Some("0")),
        ("EVERTOKEN_CONCURRENCY", Some("-1")),
        ("EVERTOKEN_WRITES_PER_SECOND", Some("1.5")),
        ("EVERTOKEN_EVENT_BUS", Some("a bus")),
        ("EVERTOKEN_ROTATION", Some("yes")),
    ];
    assert_all_rejected("evertoken-refresh", &cases).await;
}

#[tokio::test]
async fn missing_app_credentials_show_one_message_to_the_owner_and_another_to_the_operator() {
    let unfilled = [
        json!({"app_id": "", "app_secret": "", "previous_app_secrets": []}),
        json!({"app_id": "1234567890", "app_secret": "REPLACE_ME"}),
    ];
    for app in &unfilled {
        let stack = Deployment::new().await;
        stack.put_app_credentials(app).await;
        let callback = stack.callback().await;
        for (language, title, for_the_operator) in [
            ("en", "This service is not set up yet", "Fill in the app secret"),
            ("de", "Dieser Dienst ist noch nicht eingerichtet", "Füllen Sie das App-Secret aus"),
            ("es", "Este servicio todavía no está configurado", "Rellene el secreto de la aplicación"),
        ] {
            let request = Request::get(&stack.invite_link("shop-de")).header("accept-language", language);
            let page = stack.browser(&callback).send(&request).await;
            assert_eq!(page.status, 500, "{}", page.body);
            let (for_the_visitor, apart) = page.body.split_once("<details").unwrap_or_else(|| panic!("{}", page.body));
            assert!(for_the_visitor.contains(title) && !for_the_visitor.contains("app_secret"), "{for_the_visitor}");
            assert!(apart.contains(for_the_operator) && apart.contains("app_secret"), "{apart}");
        }
        let line: Value = serde_json::from_str(&callback.wait_for_log("app_not_set_up").await).unwrap();
        assert!(line["error.detail"].as_str().unwrap().contains(&format!("{}/app", stack.prefix)), "{line}");
    }
}
