//! The README's pictures, taken of the running service with an operator's brand: `make screenshots`.

use evertoken_tests::serve_process::ServeProcess;
use evertoken_tests::{binaries, http, workspace};
use reqwest::Method;
use serde_json::json;
use tempfile::TempDir;
use tokio::process::Command;
use url::Url;

use crate::run;

const NOTE: &str = "Hello Anna, this lets your new website show your photos. It takes a minute. Thank you, Jo";

/// The address of the sandbox's control page, which `serve --sandbox` prints.
fn control_page(service: &ServeProcess) -> Url {
    let output = service.stderr();
    let line = output.lines().map(str::trim).find(|line| line.starts_with("http") && line.ends_with("/sandbox"));
    line.unwrap_or_else(|| panic!("no address of the control page: {output}")).parse().unwrap()
}

#[tokio::test]
#[ignore = "needs a browser: run `make browser`, and pass --include-ignored"]
async fn pictures_of_the_running_service() {
    let folder = TempDir::new().unwrap();
    let vault = folder.path().to_str().unwrap();
    let logo = workspace::root().join("tests/browser/harbor_studio.svg");
    let mut arguments =
        vec!["--sandbox", "--local", vault, "--brand-name", "Harbor Studio", "--brand-color", "#0f5e5a"];
    arguments.extend(["--brand-logo", logo.to_str().unwrap(), "--contact-url", "mailto:hello@harbor-studio.example"]);
    arguments.extend(["--privacy-url", "https://harbor-studio.example/privacy"]);
    let service = ServeProcess::start(&arguments, &[]).await;
    let account = control_page(&service).join("/_sandbox/accounts/corner_bakery").unwrap();
    let invited = http::client().request(Method::PATCH, account).json(&json!({"role": "invited"}));
    assert!(invited.send().await.unwrap().status().is_success());
    let public_url = service.url.as_str().trim_end_matches('/');
    let invite = ["invite", "--local", vault, "--public-url", public_url, "--name", "blue-bottle", "--note", NOTE];
    let invite = Command::new(binaries::path("evertoken")).args(invite).output().await.unwrap();
    let invite = String::from_utf8(invite.stdout).unwrap();
    run("pictures_of_the_running_service", &json!({ "invite": invite.trim() }), None).await;
    service.shut_down().await;
}
