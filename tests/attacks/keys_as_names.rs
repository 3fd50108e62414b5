//! A signing key or an app secret in a variable for a secret's name reaches neither an output nor AWS.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::extract::{Request, State};
use axum::http::StatusCode;
use evertoken_tests::browser::Consent;
use evertoken_tests::child_process::ChildProcess;
use evertoken_tests::deployment::Deployment;
use evertoken_tests::test_cli::{self, TestCli};
use evertoken_tests::{binaries, http};
use futures_util::future::join_all;
use tempfile::TempDir;
use tokio::net::TcpListener;

/// As `openssl rand -hex` and `-base64`, Secrets Manager and a person make them. The last one can only be an app secret.
const KEYS: [&str; 5] = [
    "6f1ed002ab5595859014ebf0951522d9aa5c9c5e8f6d5c8a8e0f2d9c6b7a1e3f",
    "q83/EjRWeJCrze8SNFZ4kKvN7xI0VniQq83+EjRWeJA=",
    "Zb1kq0RkYFvN2sM8tQ4xLd7uGh3jWc6eAo9pIi5nTySrKlJmHgBfVdUwXzPqEe1T",
    "a-signing-key-of-at-least-32-characters",
    "0123456789abcdef0123456789abcdef",
];

const SIGNING: [&str; 2] = ["EVERTOKEN_SIGNING_SECRET_NAME", "EVERTOKEN_SIGNING_SECRET"];
const APP: [&str; 2] = ["EVERTOKEN_APP_SECRET_NAME", "EVERTOKEN_APP_SECRET"];

/// CloudFormation's answer for an unknown stack, after which `doctor` goes on to its other checks.
const NO_STACK: &str = "<ErrorResponse><Error><Type>Sender</Type><Code>ValidationError</Code><Message>Stack with id \
     evertoken does not exist</Message></Error></ErrorResponse>";

const FOR_SIGNING: [&[&str]; 3] = [&["invite", "--name", "my-shop"], &["doctor"], &["serve", "--port", "0"]];
const FOR_APP: [&[&str]; 3] = [&["setup", "--answers", "ANSWERS"], &["doctor"], &["serve", "--port", "0"]];

/// Stands in for AWS and for the Lambda runtime. It records every request, and knows no secret.
#[derive(Clone, Default)]
struct Recorder(Arc<Mutex<Vec<String>>>);

impl Recorder {
    /// Starts the server, and returns its host and port.
    async fn start(&self) -> String {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let service = Router::new().fallback(record).with_state(self.clone());
        tokio::spawn(async move { axum::serve(listener, service).await });
        address
    }

    fn assert_never_saw(&self, key: &str) {
        let requests = self.0.lock().unwrap();
        assert!(!requests.iter().any(|request| request.contains(key)), "{requests:?}");
    }
}

async fn record(State(recorder): State<Recorder>, request: Request) -> (StatusCode, &'static str) {
    let (parts, body) = request.into_parts();
    let body = axum::body::to_bytes(body, usize::MAX).await.unwrap();
    let text = format!("{} {:?} {}", parts.uri, parts.headers, String::from_utf8_lossy(&body));
    let is_cloud_formation = text.contains("DescribeStacks");
    recorder.0.lock().unwrap().push(text);
    (StatusCode::BAD_REQUEST, if is_cloud_formation { NO_STACK } else { r#"{"__type":"ResourceNotFoundException"}"# })
}

/// The variables of a process in AWS, without the names of the secrets.
fn environment(address: &str, more: &[(&str, &str)]) -> Vec<(String, String)> {
    let url = format!("http://{address}");
    let usual = [
        ("AWS_ENDPOINT_URL", url.as_str()),
        ("AWS_LAMBDA_RUNTIME_API", address),
        ("AWS_LAMBDA_FUNCTION_NAME", "function"),
        ("AWS_REGION", "us-east-1"),
        ("AWS_ACCESS_KEY_ID", "test"),
        ("AWS_SECRET_ACCESS_KEY", "test"),
        ("AWS_EC2_METADATA_DISABLED", "true"),
        ("EVERTOKEN_VAULT_PREFIX", "evertoken"),
        ("EVERTOKEN_EVENT_BUS", "default"),
        ("EVERTOKEN_PUBLIC_URL", "https://login.example.test"),
        ("EVERTOKEN_GRAPH_URL", &url),
        ("EVERTOKEN_TOKEN_URL", &url),
        ("EVERTOKEN_AUTHORIZE_URL", &url),
    ];
    usual.iter().chain(more).map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

#[tokio::test]
async fn a_function_with_a_key_in_place_of_a_name_does_not_start() {
    let start = async |binary: &'static str, variable: &'static str, key: &'static str| {
        let recorder = Recorder::default();
        let address = recorder.start().await;
        let [app, signing] = [(APP[0], "evertoken/app"), (SIGNING[0], "evertoken/signing")];
        let other = if SIGNING.contains(&variable) { app } else { signing };
        let environment = environment(&address, &[other, (variable, key)]);
        let mut process = ChildProcess::start(binaries::path(binary), &[], &environment);
        let code = process.wait_for_exit().await;
        let output = format!("{}{}", process.stdout(), process.stderr());
        assert!(!output.contains(key), "{output}");
        assert!(output.contains(&format!("{variable} is invalid; expected the name or ARN")), "{output}");
        assert_eq!((code, recorder.0.lock().unwrap().len()), (2, 0), "{output}");
    };
    let cases = [
        ("evertoken-callback", SIGNING[0]),
        ("evertoken-callback", SIGNING[1]),
        ("evertoken-callback", APP[0]),
        ("evertoken-callback", APP[1]),
        ("evertoken-refresh", SIGNING[0]),
        ("evertoken-refresh", SIGNING[1]),
    ];
    for key in KEYS {
        join_all(cases.map(|(binary, variable)| start(binary, variable, key))).await;
    }
}

#[tokio::test]
async fn a_command_with_a_key_in_place_of_a_name_neither_shows_nor_sends_it() {
    let folder = TempDir::new().unwrap();
    let answers = folder.path().join("answers.json");
    let answers_text = r#"{"app_id":"1234567890","app_secret":"fedcba9876543210fedcba9876543210"}"#;
    std::fs::write(&answers, answers_text).unwrap();
    let answers = answers.to_str().unwrap();
    let run = async |arguments: &'static [&'static str], variable: &'static str, key: &'static str| {
        let recorder = Recorder::default();
        let address = recorder.start().await;
        // `serve` reads the names of both secrets, in this order.
        let app: &[_] = if SIGNING.contains(&variable) { &[(APP[0], "evertoken/app")] } else { &[] };
        let environment = environment(&address, &[app, &[(variable, key)]].concat());
        let arguments: Vec<_> = arguments.iter().map(|text| if *text == "ANSWERS" { answers } else { text }).collect();
        let run = test_cli::run(&arguments, &environment, "").await;
        assert!(!run.stdout.contains(key) && !run.stderr.contains(key), "{run:?}");
        let output = format!("{}{}", run.stdout, run.stderr);
        assert!(output.contains(&format!("{variable} is invalid; expected the name or ARN")), "{arguments:?} {output}");
        assert_ne!(run.code, 0, "{run:?}");
        recorder.assert_never_saw(key);
    };
    for key in KEYS {
        let signing = FOR_SIGNING.iter().flat_map(|arguments| SIGNING.map(|variable| run(arguments, variable, key)));
        join_all(signing).await;
        join_all(FOR_APP.iter().flat_map(|arguments| APP.map(|variable| run(arguments, variable, key)))).await;
    }
}

#[tokio::test]
async fn an_option_with_a_key_in_place_of_a_name_is_refused() {
    for key in KEYS {
        let recorder = Recorder::default();
        let environment = environment(&recorder.start().await, &[]);
        let run = test_cli::run(&["invite", "--name", "my-shop", "--signing-secret", key], &environment, "").await;
        let run = run.expect_code(2);
        assert!(!run.stdout.contains(key) && !run.stderr.contains(key), "{run:?}");
        assert!(run.stderr.starts_with("error: ") && run.stderr.contains("\nhint: "), "{run:?}");
        recorder.assert_never_saw(key);
    }
}

#[tokio::test]
async fn a_name_in_a_variable_of_an_earlier_version_is_still_accepted() {
    let stack = Deployment::new().await;
    let variables: BTreeMap<_, _> = stack.variables().into_iter().collect();
    let (app, signing) = (&variables[APP[0]], &variables[SIGNING[0]]);
    let earlier = [(APP[0], ""), (SIGNING[0], ""), (APP[1], app), (SIGNING[1], signing)];
    let stack = stack.with_variables(&earlier);
    let callback = stack.callback().await;
    let page = stack.browser(&callback).log_in(&stack.invite_link("shop-de"), Consent::allow("blue_bottle")).await;
    assert_eq!(page.status, 200, "{}", page.body);

    let cli = TestCli::with_secrets_manager().await;
    let signing = format!("{}/signing", cli.deployment().prefix);
    let cli = cli.with_variables(&[(SIGNING[0], ""), (SIGNING[1], signing.as_str())]);
    let link = cli.run(&["invite", "--name", "shop-de"]).await.expect_code(0).stdout.trim_end().parse().unwrap();
    assert!(http::parameter(&link, "invite").contains('.'), "{link}");
}

/// Whoever knows the ARN could otherwise sign invites.
#[tokio::test]
async fn a_name_in_place_of_a_key_signs_nothing() {
    for variable in ["EVERTOKEN_SIGNING_KEY", "EVERTOKEN_SIGNING_SECRET"] {
        let arn = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:evertoken/signing-AbCdEf";
        for name in [arn, "evertoken/signing"] {
            let cli = TestCli::with_file_vault().await.with_variables(&[(variable, name)]);
            let run = cli.run(&["invite", "--public-url", "https://login.example.test"]).await.expect_code(2);
            assert!(
                run.stderr.starts_with(&format!("error: {variable} is invalid; expected a signing key")),
                "{run:?}"
            );
        }
    }
}
