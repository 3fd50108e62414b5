//! The live check against MiniStack: what it confirms, what it cleans up, and how it stops.

use std::collections::BTreeMap;
use std::process::Command;

use evertoken_tests::aws_account::AwsAccount;
use evertoken_tests::live::account::{LiveAccount, Login};
use evertoken_tests::live::finding::{Finding, report};
use evertoken_tests::live::{event_facts, secret_facts, stack_facts};
use evertoken_tests::moto::Moto;
use evertoken_tests::{binaries, venv};

/// Where MiniStack differs from AWS's documentation, so that the check refutes an assumption.
const DIFFERENCES: [&str; 3] = [
    "event-rejected-entry",        // accepts a detail that is not JSON
    "secret-batch-of-20",          // accepts more
    "secret-create-while-deleted", // answers ResourceExistsException
];

fn live_account(owner: &AwsAccount, template: &std::path::Path) -> LiveAccount {
    let settings = evertoken_sandbox::Settings::default();
    LiveAccount {
        config: owner.aws.config(),
        http: owner.gateway.client(),
        variables: [owner.aws.variables(), owner.gateway.variables()].concat(),
        template: template.to_owned(),
        sam: venv::program("sam"),
        evertoken: binaries::path("evertoken").to_owned(),
        name: "live-check".to_owned(),
        app: Some((settings.app_id, settings.app_secret)),
        login: Login::Sandbox(owner.instagram.origin().to_owned()),
        scanner: owner.scanner.clone(),
    }
}

fn refuted(findings: &[Finding]) -> BTreeMap<&str, &str> {
    findings.iter().filter_map(|finding| Some((finding.id, finding.observation.as_ref().err()?.as_str()))).collect()
}

#[tokio::test]
async fn the_check_confirms_the_assumptions_and_removes_everything() {
    let owner = AwsAccount::new().await;
    let package = owner.package().await;
    let account = live_account(&owner, package.folder());
    let mut findings = secret_facts::check(&account).await;
    findings.extend(event_facts::check(&account).await);
    let mut told = Vec::new();
    findings.extend(stack_facts::live(&account, |text| told.push(text.to_owned())).await);
    let mut refuted = refuted(&findings);
    for known in DIFFERENCES {
        assert!(refuted.remove(known).is_some(), "MiniStack now behaves like AWS: {known}");
    }
    assert!(refuted.is_empty(), "{refuted:#?}");
    assert_eq!(told, ["deploying the stack", "starting a run", "deleting the stack"]);

    assert_eq!(account.clean_up().await, [""; 0]);
    let secrets = account.secrets().list_secrets().include_planned_deletion(true).send().await.unwrap();
    assert_eq!(secrets.secret_list().len(), 0, "{secrets:?}");
    assert!(owner.stack(&account.name).await.is_none());
    let text = report(&findings, &[]);
    assert!(text.contains("| `stack-deploys` | confirmed |"), "{text}");
    assert!(text.contains("Everything that the check created was removed."), "{text}");
}

/// In MiniStack, request tokens are those of `ministack_server.py`. moto implements them itself.
#[tokio::test]
async fn the_check_confirms_request_tokens_in_moto() {
    let owner = AwsAccount::new().await;
    let mut account = live_account(&owner, std::path::Path::new("."));
    account.config = account.config.into_builder().endpoint_url(Moto::shared().endpoint()).build();
    let findings = secret_facts::check(&account).await;
    let refuted = refuted(&findings);
    for id in ["secret-put-conflict", "secret-put-idempotent", "secret-put-moves-labels"] {
        assert!(!refuted.contains_key(id), "{refuted:#?}");
    }
}

#[tokio::test]
async fn a_check_that_stops_halfway_removes_the_stack_and_the_secrets() {
    let owner = AwsAccount::new().await;
    let package = owner.package().await;
    let mut account = live_account(&owner, package.folder());
    account.login = Login::Skipped;
    secret_facts::check(&account).await;
    // As after Ctrl-C: the stack exists, and nobody has deleted it.
    owner.deploy(&package, &account.name, &[("VaultPrefix", account.name.as_str())]).await;
    assert_eq!(account.clean_up().await, [""; 0]);
    let secrets = account.secrets().list_secrets().include_planned_deletion(true).send().await.unwrap();
    assert_eq!((secrets.secret_list().len(), owner.stack(&account.name).await), (0, None));
}

#[test]
fn without_credentials_the_check_prints_its_plan_and_does_nothing() {
    let home = tempfile::TempDir::new().unwrap();
    let run = Command::new(binaries::path("evertoken-live"))
        .env_clear()
        .env("HOME", home.path())
        .env("AWS_REGION", "us-east-1")
        .env("AWS_EC2_METADATA_DISABLED", "true")
        .output()
        .unwrap();
    let [stdout, stderr] = [run.stdout, run.stderr].map(|text| String::from_utf8(text).unwrap());
    assert_eq!(run.status.code(), Some(1));
    assert!(stdout.contains("deploy, log in, refresh, delete"), "{stdout}");
    assert_eq!(stderr, "Nothing was done: no AWS credentials were found (AWS_PROFILE).\n");
}

#[test]
fn the_report_names_what_was_refuted_and_what_is_left() {
    let findings = [Finding::new("a", Ok("fine".to_owned())), Finding::new("b", Err("error code: x | y".to_owned()))];
    let text = report(&findings, &["the secret live/app".to_owned()]);
    assert!(text.contains("1 assumptions confirmed, 1 refuted"), "{text}");
    assert!(text.contains("| `b` | **refuted** | error code: x \\| y |"), "{text}");
    assert!(text.contains("remove it yourself: the secret live/app."), "{text}");
}
