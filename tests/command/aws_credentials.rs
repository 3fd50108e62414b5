//! AWS logins: every kind of profile, and what is wrong with a broken one.
//!
//! The file formats are those of the AWS CLI (AWS SDKs and Tools Reference Guide, "Shared config and credentials files").

use std::collections::BTreeSet;
use std::path::Path;

use axum::extract::Query;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::{get, post};
use axum::{Json, Router};
use evertoken_tests::aws_proxy::AwsProxy;
use evertoken_tests::moto::{Moto, REGION};
use evertoken_tests::test_cli::{self, CommandRun};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::net::TcpListener;

/// The ID of the access key that each kind of profile provides.
const KEY: &str = "AKIAFROMTHEPROFILE";
const SECRET: &str = "secret-access-key-of-the-profile";

/// The AWS CLI caches the token of a session in `~/.aws/sso/cache/<SHA-1 of the session's name>.json`. This one is `shop`.
const SSO_CACHE: &str = ".aws/sso/cache/5042d146667518a1a5017644946b8650aafca44c.json";
const SSO_TOKEN: &str = "cached-token-of-identity-center";

/// The AWS CLI caches the session of `aws login` in `~/.aws/login/cache/<SHA-256 of the session's ARN>.json`.
const LOGIN_SESSION: &str = "arn:aws:iam::123456789012:user/anna";
const LOGIN_CACHE: &str = ".aws/login/cache/11bbc882fa0112a0e2aa42512092bdb77bdc2de5bcf739440b5e7e0228647a6c.json";

const FUTURE: &str = "2099-01-01T00:00:00Z";
const PAST: &str = "2020-01-01T00:00:00Z";

/// A home folder with AWS's files, and a Secrets Manager that records who calls it.
struct Machine {
    home: TempDir,
    aws: AwsProxy,
    variables: Vec<(String, String)>,
}

impl Machine {
    /// A machine with this `~/.aws/config`. No environment variable contains a region or credentials.
    async fn with_config(config: &str) -> Self {
        let (home, aws) = (TempDir::new().unwrap(), AwsProxy::start().await);
        let machine = Self { variables: Vec::new(), home, aws };
        machine.file(".aws/config", config);
        let (folder, endpoint) = (machine.home.path().to_str().unwrap().to_owned(), machine.aws.endpoint().to_owned());
        machine
            .variable("HOME", &folder)
            .variable("PATH", "/usr/bin:/bin")
            .variable("AWS_ENDPOINT_URL", &endpoint)
            .variable("AWS_EC2_METADATA_DISABLED", "true")
            .variable("EVERTOKEN_VAULT_PREFIX", "logins")
    }

    fn variable(mut self, name: &str, value: &str) -> Self {
        self.variables.push((name.to_owned(), value.to_owned()));
        self
    }

    fn path(&self, name: &str) -> std::path::PathBuf {
        self.home.path().join(name)
    }

    fn file(&self, name: &str, text: &str) -> std::path::PathBuf {
        let path = self.path(name);
        std::fs::create_dir_all(path.parent().unwrap_or(Path::new("/"))).unwrap();
        std::fs::write(&path, text).unwrap();
        path
    }

    async fn list(&self) -> CommandRun {
        test_cli::run(&["list"], &self.variables, "").await
    }

    /// Lists the accounts, and asserts which access key signed the calls.
    async fn assert_signs_with(&self, key: &str) {
        self.list().await.expect_code(0);
        assert_eq!(self.aws.access_keys(), BTreeSet::from([key.to_owned()]));
    }

    /// Asserts that the command prints this error, with these words, and nothing in front of it.
    async fn assert_fails(&self, error: &str, words: &[&str], hint: &str) {
        let run = self.list().await.expect_code(1);
        assert!(run.stderr.starts_with(&format!("error: {error}")), "{run:?}");
        assert!(run.stderr.contains(&format!("\nhint: {hint}")), "{run:?}");
        // A note says that a variable selects a vault in AWS.
        let lines = run.stderr.lines().filter(|line| !line.starts_with("note: EVERTOKEN_VAULT_PREFIX selects"));
        assert_eq!(lines.count(), 2, "{run:?}");
        for word in words {
            assert!(run.stderr.contains(word), "{word}: {run:?}");
        }
        assert_eq!(self.aws.calls().values().sum::<usize>(), 0, "a request was sent");
    }

    fn sso_token(&self, expires_at: &str) {
        let token = json!({"accessToken": SSO_TOKEN, "expiresAt": expires_at, "region": REGION,
            "startUrl": "https://shop.awsapps.com/start"});
        self.file(SSO_CACHE, &token.to_string());
    }
}

fn sso_profile(region: &str) -> String {
    format!(
        "[profile shop]\n{region}sso_session = shop\nsso_account_id = 123456789012\nsso_role_name = Operator\n\
         [sso-session shop]\nsso_region = {REGION}\nsso_start_url = https://shop.awsapps.com/start\n"
    )
}

async fn serve(router: Router) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, router).await });
    url
}

/// Stands in for the portal of IAM Identity Center (AWS, `GetRoleCredentials`).
async fn identity_center() -> String {
    let role_credentials = async |Query(query): Query<Value>, headers: HeaderMap| {
        if headers.get("x-amz-sso_bearer_token").is_none_or(|token| token != SSO_TOKEN) {
            let error = json!({"message": "Session token not found or invalid"});
            return (StatusCode::UNAUTHORIZED, [("x-amzn-errortype", "UnauthorizedException")], Json(error));
        }
        assert_eq!(query, json!({"account_id": "123456789012", "role_name": "Operator"}));
        let credentials = json!({"roleCredentials": {"accessKeyId": KEY, "secretAccessKey": SECRET,
            "sessionToken": "session", "expiration": 4_070_908_800_000_u64}});
        (StatusCode::OK, [("x-amzn-errortype", "")], Json(credentials))
    };
    serve(Router::new().route("/federation/credentials", get(role_credentials))).await
}

#[tokio::test]
async fn an_identity_center_profile_works_after_aws_sso_login() {
    let machine = Machine::with_config(&sso_profile(&format!("region = {REGION}\n"))).await;
    let machine = machine.variable("AWS_PROFILE", "shop").variable("AWS_ENDPOINT_URL_SSO", &identity_center().await);
    machine.sso_token(FUTURE);
    machine.assert_signs_with(KEY).await;
}

#[tokio::test]
async fn an_expired_identity_center_session_names_the_profile_and_the_command_to_sign_in() {
    let config = format!(
        "{}[profile role]\nrole_arn = arn:aws:iam::123456789012:role/r\nsource_profile = shop\n",
        sso_profile("")
    );
    let (hint, error) =
        ("sign in again: `aws sso login --profile shop`", "the SSO token has expired and cannot be refreshed");
    for name in ["shop", "role"] {
        let machine = Machine::with_config(&config).await.variable("AWS_REGION", REGION).variable("AWS_PROFILE", name);
        machine.sso_token(PAST);
        machine.assert_fails(&format!("cannot load the AWS credentials of the profile {name}: "), &[error], hint).await;
    }
    // Signed out in the portal, or never signed in.
    let machine = Machine::with_config(&config).await.variable("AWS_REGION", REGION).variable("AWS_PROFILE", "shop");
    let machine = machine.variable("AWS_ENDPOINT_URL_SSO", &identity_center().await);
    machine.assert_fails("cannot load the AWS credentials of the profile shop: ", &["cached SSO token"], hint).await;
    machine.file(SSO_CACHE, &json!({"accessToken": "revoked", "expiresAt": FUTURE}).to_string());
    machine
        .assert_fails("cannot load the AWS credentials of the profile shop: ", &["UnauthorizedException"], hint)
        .await;
}

#[tokio::test]
async fn a_credential_process_runs_once_per_command() {
    let machine = Machine::with_config("").await.variable("AWS_REGION", REGION).variable("AWS_PROFILE", "vault");
    let output = json!({"Version": 1, "AccessKeyId": KEY, "SecretAccessKey": SECRET});
    let script = format!("echo run >> {}; echo '{output}'", machine.path("runs").display());
    let script = machine.file("credentials.sh", &script);
    machine.file(".aws/config", &format!("[profile vault]\ncredential_process = sh {}\n", script.display()));
    machine.assert_signs_with(KEY).await;
    // Finding the stack and listing the accounts are two services, so two clients.
    assert_eq!(std::fs::read_to_string(machine.path("runs")).unwrap(), "run\n");
}

#[tokio::test]
async fn a_failing_credential_process_is_shown_with_its_own_error() {
    let hint = "run the profile's credential_process in your shell";
    for (process, cause) in [
        ("sh -c \"echo no such vault >&2; exit 3\"", "no such vault"),
        ("echo nonsense", "could not parse response"),
        ("/nowhere/helper", "not found"),
    ] {
        let config = format!("[profile vault]\ncredential_process = {process}\n");
        let machine = Machine::with_config(&config).await.variable("AWS_REGION", REGION);
        let machine = machine.variable("AWS_PROFILE", "vault");
        machine.assert_fails("cannot load the AWS credentials of the profile vault: ", &[cause], hint).await;
    }
}

fn login_session(expires_at: &str, key: &str) -> String {
    let credentials = json!({"accessKeyId": KEY, "secretAccessKey": SECRET, "sessionToken": "session",
        "accountId": "123456789012", "expiresAt": expires_at});
    json!({"accessToken": credentials, "tokenType": "urn:aws:params:oauth:token-type:access_token_sigv4",
        "refreshToken": "refresh", "clientId": "arn:aws:signin:::devtools/same-device", "dpopKey": key})
    .to_string()
}

#[tokio::test]
async fn a_session_of_aws_login_works_until_it_ends() {
    let config = format!("[default]\nregion = {REGION}\nlogin_session = {LOGIN_SESSION}\n");
    let machine = Machine::with_config(&config).await;
    machine.file(LOGIN_CACHE, &login_session(FUTURE, "unused"));
    machine.assert_signs_with(KEY).await;

    // AWS's sign-in service does not renew it any more (AWS, `CreateOAuth2Token`).
    let ended = async || {
        let error = json!({"error": "TOKEN_EXPIRED", "message": "the session has expired"});
        (StatusCode::FORBIDDEN, [("x-amzn-errortype", "AccessDeniedException")], Json(error))
    };
    let signin = serve(Router::new().route("/v1/token", post(ended))).await;
    let machine = Machine::with_config(&config).await.variable("AWS_ENDPOINT_URL_SIGNIN", &signin);
    machine.file(LOGIN_CACHE, &login_session(PAST, &ec_key()));
    let hint = "sign in again: `aws login --profile default`";
    let words = ["failed to refresh cached Login token", "Your session has expired"];
    machine.assert_fails("cannot load the AWS credentials of the profile default: ", &words, hint).await;
}

/// A private key for proofs of possession, in the format of the AWS CLI.
fn ec_key() -> String {
    let key = p256::SecretKey::from_slice(&[7; 32]).unwrap();
    key.to_sec1_pem(p256::pkcs8::LineEnding::LF).unwrap().to_string()
}

#[tokio::test]
async fn environment_variables_take_precedence_over_a_profile() {
    let machine = Machine::with_config(&sso_profile("")).await.variable("AWS_PROFILE", "shop");
    let machine = machine.variable("AWS_REGION", REGION);
    let machine = machine.variable("AWS_ACCESS_KEY_ID", "AKIAENVIRONMENT").variable("AWS_SECRET_ACCESS_KEY", SECRET);
    machine.assert_signs_with("AKIAENVIRONMENT").await;
}

#[tokio::test]
async fn a_web_identity_is_exchanged_for_credentials() {
    let machine = Machine::with_config("").await.variable("AWS_REGION", REGION);
    let token = machine.file("token", "eyJhbGciOiJub25lIn0.e30.");
    let machine = machine
        .variable("AWS_WEB_IDENTITY_TOKEN_FILE", token.to_str().unwrap())
        .variable("AWS_ROLE_ARN", "arn:aws:iam::123456789012:role/deploy")
        .variable("AWS_ENDPOINT_URL_STS", Moto::shared().endpoint());
    machine.list().await.expect_code(0);
    let keys = machine.aws.access_keys();
    // moto issues temporary access keys, as STS does.
    assert!(keys.len() == 1 && keys.iter().all(|key| key.starts_with("ASIA")), "{keys:?}");

    let machine = Machine::with_config("").await.variable("AWS_REGION", REGION);
    let machine = machine
        .variable("AWS_WEB_IDENTITY_TOKEN_FILE", "/nowhere/token")
        .variable("AWS_ROLE_ARN", "arn:aws:iam::123456789012:role/deploy");
    let error = "cannot load the AWS credentials of the web identity in AWS_WEB_IDENTITY_TOKEN_FILE: ";
    machine.assert_fails(error, &["No such file"], "check AWS_ROLE_ARN, the token").await;
}

#[tokio::test]
async fn the_shared_credentials_file_works() {
    let machine = Machine::with_config(&format!("[default]\nregion = {REGION}\n")).await;
    machine
        .file(".aws/credentials", &format!("[default]\naws_access_key_id = {KEY}\naws_secret_access_key = {SECRET}\n"));
    machine.assert_signs_with(KEY).await;
}

#[tokio::test]
async fn missing_credentials_a_missing_profile_and_a_missing_region_are_different_errors() {
    let none = Machine::with_config("").await.variable("AWS_REGION", REGION);
    none.assert_fails("no AWS credentials were found\n", &["aws configure sso"], "select a profile").await;
    let unknown = none.variable("AWS_PROFILE", "tpyo");
    let hint = "set AWS_PROFILE to one of the profiles";
    unknown.assert_fails("there is no AWS profile tpyo\n", &["aws configure list-profiles"], hint).await;
    let no_region = Machine::with_config("[default]\n").await;
    no_region.assert_fails("no AWS region is set\n", &["us-east-1"], "set AWS_REGION to the region of the stack").await;
}

#[tokio::test]
async fn a_profile_that_cannot_be_parsed_names_the_cause() {
    let machine = Machine::with_config("[profile shop\nregion = us-east-1\n").await;
    let machine = machine.variable("AWS_REGION", REGION).variable("AWS_PROFILE", "shop");
    let hint = "check the profile: `aws sts get-caller-identity --profile shop`";
    machine.assert_fails("cannot load the AWS credentials of the profile shop: ", &["could not parse"], hint).await;
}

#[tokio::test]
async fn doctor_reports_a_broken_profile_as_the_only_finding() {
    let machine = Machine::with_config(&sso_profile("")).await.variable("AWS_REGION", REGION);
    let machine = machine.variable("AWS_PROFILE", "shop");
    machine.sso_token(PAST);
    let run = test_cli::run(&["--json", "doctor"], &machine.variables, "").await.expect_code(3);
    let findings = run.json();
    assert_eq!(findings.as_array().unwrap().len(), 1, "{run:?}");
    assert_eq!(findings[0]["remedy"], "Sign in again: `aws sso login --profile shop`.");
}
