//! The life of a stack: deployment, login, refresh, deletion.

use std::time::{Duration, Instant};

use aws_sdk_lambda::types::Environment;
use serde_json::{Value, json};
use url::Url;

use super::account::{LiveAccount, Login, last_line};
use super::finding::{Finding, Observation};
use crate::browser::{Browser, Consent};

/// The assumptions that [`live`] checks. The last three need a login.
pub const CHECKED: [&str; 7] = [
    "stack-deploys",
    "stack-healthy",
    "run-returns-a-report",
    "run-is-found-in-the-log",
    "login-through-the-api",
    "token-lives-60-days",
    "stack-deletion-keeps-accounts",
];

/// The architecture of this machine, so that nothing is compiled for another one.
pub const ARCHITECTURE: &str = if cfg!(target_arch = "aarch64") { "arm64" } else { "x86_64" };

/// How long a person may take to log in, and a log line to be found.
const PATIENCE: Duration = Duration::from_mins(20);

/// Deploys the stack, uses it and deletes it. Without a stack, the rest is not checked.
pub async fn live(account: &LiveAccount, mut tell: impl FnMut(&str)) -> Vec<Finding> {
    tell("deploying the stack");
    let mut findings = vec![Finding::new(CHECKED[0], deploy(account).await)];
    if findings.iter().any(|finding| finding.observation.is_err()) {
        return findings;
    }
    findings.push(Finding::new(CHECKED[1], new_stack_is_healthy(account).await));
    if let (Some(_), true) = (&account.app, account.login != Login::Skipped) {
        let link = invite(account).await;
        if let (Login::Person, Ok(link)) = (&account.login, &link) {
            let redirect_uri = link.join("/callback").map(String::from).unwrap_or_default();
            tell(&format!("register {redirect_uri} with Meta as an OAuth redirect URI, then open {link} and log in"));
        }
        findings.push(Finding::new(CHECKED[4], log_in(account, link).await));
        findings.push(Finding::new(CHECKED[5], token_lives_60_days(account).await));
    }
    tell("starting a run");
    findings.push(Finding::new(CHECKED[2], run(account).await));
    findings.push(Finding::new(CHECKED[3], run_is_found(account).await));
    tell("deleting the stack");
    findings.push(Finding::new(CHECKED[6], delete(account).await));
    findings
}

async fn deploy(account: &LiveAccount) -> Observation {
    let started = Instant::now();
    let prefix = format!("VaultPrefix={}", account.name);
    let architecture = format!("Architecture={ARCHITECTURE}");
    let mut arguments = vec!["deploy", "--template-file", "template.yaml", "--stack-name", &account.name];
    arguments.extend(["--resolve-s3", "--no-confirm-changeset", "--no-progressbar"]);
    arguments.extend(["--capabilities", "CAPABILITY_IAM", "CAPABILITY_AUTO_EXPAND"]);
    arguments.extend(["--parameter-overrides", &prefix, &architecture]);
    account.sam(&arguments).await.map_err(|output| last_line(&output))?;
    if let Some((app_id, app_secret)) = &account.app {
        let app = json!({"app_id": app_id, "app_secret": app_secret, "previous_app_secrets": []});
        let secrets = aws_sdk_secretsmanager::Client::new(&account.config);
        let put = secrets.put_secret_value().secret_id(format!("{}/app", account.name)).secret_string(app.to_string());
        put.send().await.map_err(|_| "the app secret could not be stored".to_owned())?;
    }
    if let Login::Sandbox(origin) = &account.login {
        for function in ["CallbackFunction", "RefreshFunction"] {
            use_sandbox(account, function, origin).await?;
        }
    }
    Ok(format!("in {} s", started.elapsed().as_secs()))
}

/// Lets a function use the sandbox instead of Instagram.
async fn use_sandbox(account: &LiveAccount, function: &str, origin: &str) -> Result<(), String> {
    let cloud_formation = aws_sdk_cloudformation::Client::new(&account.config);
    let described = cloud_formation.describe_stack_resource().stack_name(&account.name).logical_resource_id(function);
    let described = described.send().await.map_err(|_| format!("there is no {function}"))?;
    let name = described.stack_resource_detail.and_then(|detail| detail.physical_resource_id).unwrap_or_default();
    let client = aws_sdk_lambda::Client::new(&account.config);
    let current = client.get_function_configuration().function_name(&name).send().await;
    let mut variables = current.ok().and_then(|found| found.environment?.variables).unwrap_or_default();
    for variable in ["EVERTOKEN_AUTHORIZE_URL", "EVERTOKEN_TOKEN_URL", "EVERTOKEN_GRAPH_URL"] {
        variables.insert(variable.to_owned(), origin.to_owned());
    }
    let environment = Environment::builder().set_variables(Some(variables)).build();
    let update = client.update_function_configuration().function_name(&name).environment(environment).send().await;
    update.map(|_| ()).map_err(|_| format!("the environment of {function} could not be changed"))
}

/// No check of `doctor` about AWS reports a problem.
async fn new_stack_is_healthy(account: &LiveAccount) -> Observation {
    let output = match account.evertoken(&["--json", "doctor"]).await {
        Ok(output) | Err(output) => output,
    };
    let end = output.rfind(']').map_or(0, |end| end + 1);
    let findings: Vec<Value> =
        serde_json::from_str(output.get(..end).unwrap_or_default()).map_err(|_| output.clone())?;
    // The app's credentials are optional here.
    let counts =
        |finding: &&Value| finding["state"] == "problem" && !finding["subject"].as_str().unwrap().contains("app");
    let problems: Vec<String> = findings.iter().filter(counts).map(|finding| finding["text"].to_string()).collect();
    if problems.is_empty() { Ok(format!("{} checks of doctor", findings.len())) } else { Err(problems.join("; ")) }
}

async fn invite(account: &LiveAccount) -> Result<Url, String> {
    let link = account.evertoken(&["invite", "--name", "live"]).await.map_err(|output| last_line(&output))?;
    link.trim().parse().map_err(|_| "the invite is not a URL".to_owned())
}

/// A login needs the API to keep the cookie and the redirects, and the function to store a secret.
async fn log_in(account: &LiveAccount, link: Result<Url, String>) -> Observation {
    let link = link?;
    if let Login::Sandbox(origin) = &account.login {
        register_redirect_uri(account, origin, &link).await?;
        let mut browser = Browser::with_client(account.http.clone(), &account.scanner);
        let page = browser.log_in(&link, Consent::allow("blue_bottle")).await;
        if page.status != 200 {
            return Err(format!("the login ended with status {}", page.status));
        }
    }
    let started = Instant::now();
    loop {
        match account.evertoken(&["--json", "show", "live"]).await {
            Ok(_) => return Ok("the account is in the vault".to_owned()),
            Err(output) if started.elapsed() > PATIENCE => return Err(last_line(&output)),
            Err(_) => tokio::time::sleep(Duration::from_secs(2)).await,
        }
    }
}

async fn register_redirect_uri(account: &LiveAccount, sandbox: &str, link: &Url) -> Result<(), String> {
    let redirect_uri = link.join("/callback").map_err(|error| error.to_string())?;
    let change = json!({"redirect_uris": [redirect_uri.as_str()]});
    let answer = account.http.patch(format!("{sandbox}/_sandbox/app")).json(&change).send().await;
    match answer.map(|answer| answer.status().as_u16()) {
        Ok(200..300) => Ok(()),
        Ok(status) => Err(format!("the sandbox answered the registration of the redirect URI with status {status}")),
        Err(_) => Err("the sandbox is unreachable".to_owned()),
    }
}

async fn token_lives_60_days(account: &LiveAccount) -> Observation {
    let days = ["token", "live", "--min-life", "59d"];
    account.evertoken(&days).await.map(|_| "more than 59 days left".to_owned()).map_err(|output| last_line(&output))
}

async fn run(account: &LiveAccount) -> Observation {
    let output =
        account.evertoken(&["--json", "refresh", "--all", "--remote"]).await.map_err(|output| last_line(&output))?;
    let report: Value = serde_json::from_str(&output).map_err(|_| last_line(&output))?;
    Ok(format!("checked {} accounts", report["checked"]))
}

/// CloudWatch Logs takes some seconds to make a line searchable.
async fn run_is_found(account: &LiveAccount) -> Observation {
    let started = Instant::now();
    loop {
        let output = match account.evertoken(&["doctor", "--verbose"]).await {
            Ok(output) | Err(output) => output,
        };
        let line = output.lines().find(|line| line.contains("last run:")).unwrap_or_default();
        if line.starts_with("ok") && !line.contains("none yet") {
            return Ok(format!("after {} s", started.elapsed().as_secs()));
        }
        if started.elapsed() > PATIENCE {
            return Err(line.to_owned());
        }
        tokio::time::sleep(Duration::from_secs(2)).await;
    }
}

/// The account's secret and the stack's own two remain.
async fn delete(account: &LiveAccount) -> Observation {
    account.delete_stack().await?;
    let connected = account.login != Login::Skipped && account.app.is_some();
    let kept = ["app", "signing"].into_iter().chain(connected.then_some("accounts/live"));
    for name in kept.clone() {
        let secret = account.secrets().describe_secret().secret_id(account.secret(name)).send().await;
        if secret.is_err() {
            return Err(format!("{name} was deleted"));
        }
    }
    Ok(format!("kept: {}", kept.collect::<Vec<_>>().join(", ")))
}
