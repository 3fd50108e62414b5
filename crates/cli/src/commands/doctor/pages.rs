//! The pages: reachable, of our version, and at the address that Instagram sends people back to.

use std::time::Duration;

use evertoken_core::public_url;
use evertoken_core::variables::{self, Variables, is_loopback};
use evertoken_https::Tls;
use reqwest::redirect::Policy;
use serde_json::Value;
use url::Url;

use super::finding::Finding;
use crate::aws::stack::Stack;

const URL: &str = "public URL";
const REDIRECT: &str = "redirect URI";

/// The version of this command, and of the Lambdas that were deployed with it.
const VERSION: &str = env!("CARGO_PKG_VERSION");

/// The pages of a stack.
pub(super) async fn check(variables: &Variables, stack: Option<&Stack>) -> Vec<Finding> {
    // One that cannot be used is told among the variables.
    let Ok(public_url) = variables::public_url(variables) else {
        let remedy = "Set EVERTOKEN_PUBLIC_URL, or name the stack with --stack NAME.";
        return vec![Finding::warning(URL, "not known", remedy)];
    };
    let reached = reach(&public_url).await;
    vec![reached, redirect_uri(&public_url, stack)]
}

/// The pages of a service over a vault of files, where its address is known.
pub(super) async fn check_local(variables: &Variables) -> Vec<Finding> {
    if variables.get("EVERTOKEN_PUBLIC_URL").is_none() {
        let remedy = "Set EVERTOKEN_PUBLIC_URL to where people reach the service.";
        return vec![Finding::warning(URL, "not looked at: it is not known", remedy)];
    }
    check(variables, None).await
}

async fn reach(public_url: &Url) -> Finding {
    let client = Tls::with_system_roots()
        .client()
        .redirect(Policy::none())
        .connect_timeout(Duration::from_secs(5))
        .timeout(Duration::from_secs(15))
        .build();
    let Ok(client) = client else {
        return Finding::problem(URL, "TLS could not be set up", "Install the machine's root certificates.");
    };
    let answer = match client.get(public_url::join(public_url, "healthz")).send().await {
        Ok(answer) => answer,
        Err(error) => {
            let why = if error.is_timeout() { "it did not answer in time" } else { "no connection could be made" };
            let remedy =
                "Check that the service runs and that the address, its DNS entry and its certificate are right.";
            return Finding::problem(URL, format!("{public_url} is not reached: {why}"), remedy);
        }
    };
    let status = answer.status();
    let health = answer.json::<Value>().await.unwrap_or_default();
    match health.get("version").and_then(Value::as_str) {
        Some(VERSION) if status.is_success() => Finding::ok(URL, format!("{public_url} answers, version {VERSION}")),
        Some(version) if status.is_success() => {
            // A stranger's text is shown only where it looks like a version.
            let shown = if version.len() <= 20 && version.is_ascii() { version } else { "unknown" };
            let text = format!("{public_url} serves version {shown}, this command is {VERSION}");
            Finding::warning(URL, text, "Deploy the same version: `sam build && sam deploy`.")
        }
        _ => {
            let text = format!("{public_url}healthz answers {status}, and not as Evertoken does");
            Finding::problem(URL, text, "Check that the address leads to the stack's API.")
        }
    }
}

fn redirect_uri(public_url: &Url, stack: Option<&Stack>) -> Finding {
    let uri = public_url::join(public_url, "callback");
    if let Some(deployed) = stack.and_then(|stack| stack.output("RedirectUri").ok())
        && deployed != uri.as_str()
    {
        let text = format!("the stack uses {deployed}, EVERTOKEN_PUBLIC_URL makes {uri}");
        return Finding::problem(
            REDIRECT,
            text,
            "Unset EVERTOKEN_PUBLIC_URL here, or deploy with the parameter PublicUrl.",
        );
    }
    if uri.scheme() != "https" && !is_loopback(&uri) {
        return Finding::problem(REDIRECT, format!("{uri} is not https"), "Instagram takes https only.");
    }
    if uri.scheme() != "https" {
        let remedy = "Put https before it for logins at Instagram; the sandbox takes it as it is.";
        return Finding::warning(REDIRECT, format!("{uri} is not https"), remedy);
    }
    Finding::ok(REDIRECT, format!("{uri}; Meta's dashboard must have it to the letter, which only a login shows"))
}
