//! `make live`: checks docs/assumptions.md in a real AWS account, and removes everything it created.
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a program for a terminal")]

use std::env;
use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;

use aws_config::BehaviorVersion;
use aws_credential_types::provider::ProvideCredentials;
use evertoken_aws::Connections;
use evertoken_tests::live::account::{LiveAccount, Login};
use evertoken_tests::live::finding::{Finding, report};
use evertoken_tests::live::{event_facts, secret_facts, stack_facts};
use evertoken_tests::{binaries, http, venv, workspace};

const PLAN: &str = "\
This check creates resources in your AWS account and removes them at the end, also after Ctrl-C:

  1. Secrets below a prefix of its own, to check Secrets Manager (up to 10 minutes)
  2. One rejected event, and one question about a stack that does not exist
  3. The stack of template.yaml with the same name: deploy, log in, refresh, delete
  4. It deletes the stack and the secrets, and writes target/live/report.md

It costs less than $0.10. `sam deploy` uploads the packages to the bucket of the stack
aws-sam-cli-managed-default, which it creates if your account has none yet. Both remain.

Settings (environment variables):
  AWS_PROFILE, AWS_REGION         the account and the region
  EVERTOKEN_LIVE_ACCOUNT          the ID of the account, instead of typing it
  EVERTOKEN_LIVE_APP_ID           the Instagram app ID and
  EVERTOKEN_LIVE_APP_SECRET       its secret; without them, nobody logs in
  EVERTOKEN_LIVE_SANDBOX_URL      a public HTTPS URL of `evertoken sandbox`, which stands in for Instagram
  EVERTOKEN_LIVE_TEMPLATE         the folder of a built template, instead of building it
  EVERTOKEN_LIVE_INSTAGRAM=1      use the real Instagram; you click through the login
";

#[tokio::main]
async fn main() -> ExitCode {
    println!("{PLAN}");
    let account = match account().await {
        Ok(account) => account,
        Err(reason) => {
            eprintln!("Nothing was done: {reason}.");
            return ExitCode::FAILURE;
        }
    };
    let mut findings = Vec::new();
    tokio::select! {
        () = check(&account, &mut findings) => {}
        _ = tokio::signal::ctrl_c() => eprintln!("Interrupted: removing what was created."),
    }
    let left = account.clean_up().await;
    let folder = workspace::root().join("target/live");
    let path = folder.join("report.md");
    let written = std::fs::create_dir_all(&folder).and_then(|()| std::fs::write(&path, report(&findings, &left)));
    match written {
        Ok(()) => println!("The report is in {}.", path.display()),
        Err(error) => eprintln!("{} cannot be written: {error}", path.display()),
    }
    let is_complete = !findings.is_empty() && findings.iter().all(|finding| finding.observation.is_ok());
    if is_complete && left.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

async fn check(account: &LiveAccount, findings: &mut Vec<Finding>) {
    let note = |text: &str| println!("... {text}");
    note("checking Secrets Manager");
    add(findings, secret_facts::check(account).await);
    add(findings, event_facts::check(account).await);
    add(findings, stack_facts::live(account, note).await);
}

fn add(findings: &mut Vec<Finding>, new: Vec<Finding>) {
    for finding in &new {
        println!("{}", finding.line());
    }
    findings.extend(new);
}

/// The account, if the credentials work and the person confirms it.
async fn account() -> Result<LiveAccount, String> {
    let variable = |name: &str| env::var(name).ok().filter(|value| !value.is_empty());
    let defaults = aws_config::defaults(BehaviorVersion::latest()).http_client(Connections::new(http::client()));
    let config = defaults.load().await;
    let region = config.region().ok_or("no AWS region is set (AWS_REGION)")?.clone();
    let provider = config.credentials_provider().ok_or("no AWS credentials were found (AWS_PROFILE)")?;
    provider.provide_credentials().await.map_err(|_| "no AWS credentials were found (AWS_PROFILE)")?;
    let identity = aws_sdk_sts::Client::new(&config).get_caller_identity().send().await;
    let identity = identity.map_err(|_| "AWS does not accept the credentials")?;
    let id = identity.account.unwrap_or_default();
    let confirmed = match variable("EVERTOKEN_LIVE_ACCOUNT") {
        Some(confirmed) => confirmed,
        None => ask(&format!("To check account {id} in {region}, type its ID: "))?,
    };
    if confirmed != id {
        return Err(format!("account {id} was not confirmed"));
    }
    let app = variable("EVERTOKEN_LIVE_APP_ID").zip(variable("EVERTOKEN_LIVE_APP_SECRET"));
    let login = match (variable("EVERTOKEN_LIVE_INSTAGRAM").as_deref(), variable("EVERTOKEN_LIVE_SANDBOX_URL")) {
        (Some("1"), _) => Login::Person,
        (_, Some(origin)) => Login::Sandbox(origin.trim_end_matches('/').to_owned()),
        _ => Login::Skipped,
    };
    let template = match variable("EVERTOKEN_LIVE_TEMPLATE") {
        Some(folder) => PathBuf::from(folder),
        None => build()?,
    };
    Ok(LiveAccount {
        config,
        http: http::client(),
        variables: Vec::new(),
        template,
        sam: venv::program("sam"),
        evertoken: binaries::path("evertoken").to_owned(),
        name: format!("evertoken-live-{:08x}", std::process::id()),
        app,
        login,
        scanner: evertoken_tests::secret_scanner::SecretScanner::default(),
    })
}

/// Builds the functions for the architecture of this machine, and returns the folder of the built template.
fn build() -> Result<PathBuf, String> {
    println!("... building the functions");
    let architecture = format!("Architecture={}", stack_facts::ARCHITECTURE);
    let sam = std::process::Command::new(venv::program("sam"))
        .args(["build", "--parameter-overrides", &architecture])
        .current_dir(workspace::root())
        .status();
    if sam.is_ok_and(|status| status.success()) {
        Ok(workspace::root().join(".aws-sam/build"))
    } else {
        Err("`sam build` failed".to_owned())
    }
}

fn ask(question: &str) -> Result<String, String> {
    print!("{question}");
    std::io::stdout().flush().ok();
    let mut answer = String::new();
    std::io::stdin().read_line(&mut answer).map_err(|error| error.to_string())?;
    Ok(answer.trim().to_owned())
}
