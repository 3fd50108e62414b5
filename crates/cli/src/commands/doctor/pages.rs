//! Checks the web pages: reachable, of this version, and at the redirect URI.

use std::time::Duration;

use evertoken_core::public_url;
use evertoken_core::variables::{self, Variables, is_loopback};
use evertoken_https::Tls;
use serde_json::Value;
use url::Url;

use super::finding::Finding;
use crate::aws::stack::Stack;

const URL: &str = "public URL";
const REDIRECT: &str = "redirect URI";

/// The version of this command, which the deployed service should have too.
const VERSION: &str = env!("CARGO_PKG_VERSION");

/// Where the service runs.
#[derive(Clone, Copy, Debug)]
enum Service {
    OnThisMachine,
    InAws,
}

/// Checks the pages of a stack's service.
pub(super) async fn check_stack(variables: &Variables, stack: Option<&Stack>) -> Vec<Finding> {
    check(variables, stack, Service::InAws).await
}

async fn check(variables: &Variables, stack: Option<&Stack>, service: Service) -> Vec<Finding> {
    // The configuration check reports an invalid URL.
    let Ok(public_url) = variables::public_url(variables) else {
        let remedy = "Set EVERTOKEN_PUBLIC_URL, or select the stack with --stack NAME.";
        return vec![Finding::warning(URL, "unknown", remedy)];
    };
    vec![reach(&public_url, service).await, redirect_uri(&public_url, stack)]
}

/// Checks the pages of a service with a file vault, if the public URL is set.
pub(super) async fn check_local(variables: &Variables) -> Vec<Finding> {
    if variables.get("EVERTOKEN_PUBLIC_URL").is_none() {
        let remedy = "Set EVERTOKEN_PUBLIC_URL to the public base URL of the service.";
        return vec![Finding::warning(URL, "not checked: it is unknown", remedy)];
    }
    check(variables, None, Service::OnThisMachine).await
}

async fn reach(public_url: &Url, service: Service) -> Finding {
    let client = Tls::with_system_roots()
        .client()
        .connect_timeout(Duration::from_secs(5))
        .timeout(Duration::from_secs(15))
        .build();
    let Ok(client) = client else {
        return Finding::problem(
            URL,
            "TLS is not available",
            "Install the root certificates of this machine (package ca-certificates).",
        );
    };
    let healthz = public_url::join(public_url, "healthz");
    let response = match client.get(healthz.clone()).send().await {
        Ok(response) => response,
        Err(error) => {
            let reason = if error.is_timeout() { "no response in time" } else { "no connection" };
            let remedy = "Check that the service is running, and check the URL, its DNS record and its certificate.";
            return Finding::problem(URL, format!("{public_url} is unreachable: {reason}"), remedy);
        }
    };
    let status = response.status();
    let health = response.json::<Value>().await.unwrap_or_default();
    match health.get("version").and_then(Value::as_str) {
        Some(VERSION) if status.is_success() => {
            Finding::ok(URL, format!("{public_url} is reachable, version {VERSION}"))
        }
        Some(version) if status.is_success() => {
            // The server may not be Evertoken, so the text is only shown if it looks like a version.
            let shown = if version.len() <= 20 && version.is_ascii() { version } else { "unknown" };
            let text = format!("{public_url} runs version {shown}, but this command has version {VERSION}");
            let remedy = match service {
                Service::InAws => "Deploy the same version: `sam build && sam deploy`.",
                Service::OnThisMachine => "Start the service again with this command, or install the same version.",
            };
            Finding::warning(URL, text, remedy)
        }
        _ => {
            let text = format!("{healthz} returns {status}, and not the response of Evertoken");
            let remedy = match service {
                Service::InAws => "Check that the URL points to the API of the stack.",
                Service::OnThisMachine => "Check that the URL, or the proxy behind it, points to `evertoken serve`.",
            };
            Finding::problem(URL, text, remedy)
        }
    }
}

fn redirect_uri(public_url: &Url, stack: Option<&Stack>) -> Finding {
    let uri = public_url::join(public_url, "callback");
    if let Some(deployed) = stack.and_then(|stack| stack.output("RedirectUri").ok())
        && deployed != uri.as_str()
    {
        let text = format!("the stack uses {deployed}, but EVERTOKEN_PUBLIC_URL results in {uri}");
        return Finding::problem(REDIRECT, text, "Unset EVERTOKEN_PUBLIC_URL, or deploy with the parameter PublicUrl.");
    }
    if uri.scheme() != "https" && !is_loopback(&uri) {
        return Finding::problem(REDIRECT, format!("{uri} is not https"), "Instagram accepts https only.");
    }
    if uri.scheme() != "https" {
        let remedy = "Instagram accepts https only; the sandbox accepts http too.";
        return Finding::warning(REDIRECT, format!("{uri} is not https"), remedy);
    }
    Finding::ok(REDIRECT, format!("{uri}; Meta's dashboard must list exactly this URI, which only a login verifies"))
}

#[cfg(test)]
mod tests {
    use axum::http::StatusCode;
    use axum::routing::get;
    use axum::{Json, Router};
    use serde_json::json;

    use super::super::finding::Severity;
    use super::*;

    /// Serves on this machine, and returns the origin.
    async fn serve(router: Router) -> String {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let origin = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(async move { axum::serve(listener, router).await });
        origin
    }

    #[tokio::test]
    async fn names_the_health_check_below_a_public_url_with_a_path() {
        let origin = serve(Router::new()).await;
        let finding = reach(&format!("{origin}/instagram").parse().unwrap(), Service::InAws).await;
        assert_eq!(finding.state, Severity::Problem);
        assert!(finding.text.starts_with(&format!("{origin}/instagram/healthz returns 404")), "{}", finding.text);
    }

    #[tokio::test]
    async fn only_a_healthy_service_of_this_version_passes() {
        for (status, version, state, words) in [
            (StatusCode::OK, VERSION, Severity::Ok, "is reachable, version"),
            (StatusCode::OK, "0.0.1", Severity::Warning, "runs version 0.0.1, but this command has version"),
            (StatusCode::OK, "a text of another server", Severity::Warning, "runs version unknown"),
            (StatusCode::SERVICE_UNAVAILABLE, VERSION, Severity::Problem, "returns 503"),
            (StatusCode::SERVICE_UNAVAILABLE, "0.0.1", Severity::Problem, "returns 503"),
        ] {
            let health = get(move || async move { (status, Json(json!({ "version": version }))) });
            let origin = serve(Router::new().route("/healthz", health)).await;
            let finding = reach(&origin.parse().unwrap(), Service::InAws).await;
            assert!(finding.state == state && finding.text.contains(words), "{status} {version}: {finding:?}");
        }
    }

    #[test]
    fn instagram_accepts_only_an_https_redirect_uri() {
        for (public_url, state) in [
            ("https://login.example.com", Severity::Ok),
            ("http://127.0.0.1:8080", Severity::Warning),
            ("http://login.example.com", Severity::Problem),
        ] {
            assert_eq!(redirect_uri(&public_url.parse().unwrap(), None).state, state, "{public_url}");
        }
    }
}
