//! A binary that cannot work says why in one line, and starts nothing.

use std::net::TcpListener;

use evertoken_tests::binaries;
use evertoken_tests::leashed::Leashed;

/// What both functions need to start.
const GOOD: [(&str, &str); 5] = [
    ("EVERTOKEN_VAULT_PREFIX", "evertoken"),
    ("EVERTOKEN_APP_SECRET", "evertoken/app"),
    ("EVERTOKEN_SIGNING_SECRET", "evertoken/signing"),
    ("EVERTOKEN_PUBLIC_URL", "https://login.example.test"),
    ("AWS_REGION", "us-east-1"),
];

/// Starts a function with one variable otherwise; without a value, absent.
async fn assert_refused(binary: &str, name: &str, value: Option<&str>) {
    let runtime_api = TcpListener::bind("127.0.0.1:0").unwrap();
    runtime_api.set_nonblocking(true).unwrap();
    let address = runtime_api.local_addr().unwrap().to_string();
    let others = GOOD.iter().copied().filter(|(other, _)| *other != name);
    let changed = value.map(|value| (name, value));
    let of_lambda = [("AWS_LAMBDA_RUNTIME_API", address.as_str()), ("AWS_LAMBDA_FUNCTION_NAME", "f")];
    let environment: Vec<(String, String)> =
        others.chain(changed).chain(of_lambda).map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
    let mut process = Leashed::start(binaries::path(binary), &[], &environment);
    let code = process.ended().await;
    let (stdout, stderr) = (process.stdout(), process.stderr());
    assert_eq!(code, 2, "{binary}, {name} = {value:?}: {stderr}");
    assert_eq!(stdout, "");
    assert_eq!(stderr.lines().count(), 1, "{stderr}");
    assert!(stderr.contains(&format!("{name} ")) && stderr.contains("it should hold"), "{stderr}");
    match value.filter(|value| !value.contains("hunter2")) {
        Some(value) if !value.trim().is_empty() => assert!(stderr.contains(value), "{value} is missing in {stderr}"),
        Some(_) | None => assert!(!stderr.contains("hunter2"), "{stderr}"),
    }
    let polled = runtime_api.accept();
    assert!(polled.is_err_and(|error| error.kind() == std::io::ErrorKind::WouldBlock), "it went to the Runtime API");
}

async fn assert_all_refused(binary: &'static str, cases: &[(&'static str, Option<&'static str>)]) {
    futures_util::future::join_all(cases.iter().map(|(name, value)| assert_refused(binary, name, *value))).await;
}

/// What both read.
const OF_BOTH: [(&str, Option<&str>); 11] = [
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
async fn the_callback_names_a_variable_that_is_missing_or_wrong() {
    assert_all_refused("evertoken-callback", &OF_BOTH).await;
    let cases = [
        ("EVERTOKEN_APP_SECRET", None),
        ("EVERTOKEN_APP_SECRET", Some(r#"{"app_id":"1","app_secret":"hunter2"}"#)),
        ("EVERTOKEN_SIGNING_SECRET", None),
        ("EVERTOKEN_SIGNING_SECRET", Some("hunter2, a signing key of 32 letters and more")),
        ("EVERTOKEN_PUBLIC_URL", None),
        ("EVERTOKEN_PUBLIC_URL", Some("http://login.example.test")),
        ("EVERTOKEN_PUBLIC_URL", Some("login.example.test")),
        ("EVERTOKEN_PUBLIC_URL", Some("https://login.example.test/?a=b")),
        ("EVERTOKEN_SCOPES", Some("Instagram Basic!")),
        ("EVERTOKEN_LOGIN", Some("anyone")),
        ("EVERTOKEN_RETURN_URLS", Some("shop.example.test")),
    ];
    assert_all_refused("evertoken-callback", &cases).await;
}

#[tokio::test]
async fn the_refresh_names_a_variable_that_is_missing_or_wrong() {
    assert_all_refused("evertoken-refresh", &OF_BOTH).await;
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
    assert_all_refused("evertoken-refresh", &cases).await;
}
