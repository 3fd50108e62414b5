//! `evertoken serve --sandbox`: the login pages, the refresh and the sandbox in one process.

use std::path::Path;

use evertoken_tests::browser::{Browser, Consent};
use evertoken_tests::child_process::ChildProcess;
use evertoken_tests::secret_scanner::SecretScanner;
use evertoken_tests::serve_process::ServeProcess;
use evertoken_tests::{binaries, wait};
use serde_json::{Value, json};
use tempfile::TempDir;
use url::Url;

/// Runs the command, and returns its exit code and standard output.
async fn evertoken(arguments: &[&str]) -> (i32, String) {
    let mut process = ChildProcess::start(binaries::path("evertoken"), arguments, &[]);
    let code = process.wait_for_exit().await;
    (code, process.stdout())
}

async fn serve(dir: &Path) -> ServeProcess {
    ServeProcess::start(&["--sandbox", "--local", dir.to_str().unwrap()], &[]).await
}

/// Shuts the service down, and asserts that its port is free again.
async fn shut_down(service: ServeProcess) {
    let port = service.url.port().unwrap();
    service.shut_down().await;
    std::net::TcpListener::bind(("127.0.0.1", port)).expect("the port is still in use");
}

#[tokio::test]
async fn an_account_is_connected_listed_and_refreshed_and_survives_a_restart() {
    let dir = TempDir::new().unwrap();
    let local = dir.path().to_str().unwrap();
    let scanner = SecretScanner::default();
    let service = serve(dir.path()).await;
    assert_eq!(service.stdout().lines().count(), 1, "more than the URL: {}", service.stdout());

    // Connect an account.
    let mut browser = Browser::new(&scanner);
    let page = browser.get(&service.url).await;
    assert_eq!(page.status, 200);
    let connect = page.body.split("href=\"").nth(1).and_then(|rest| rest.split('"').next()).unwrap();
    let consent = browser.open(&service.url.join(connect).unwrap()).await;
    let instagram = consent.url.clone();
    let callback_url = browser.consent(&consent, Consent::allow("blue_bottle")).await;
    let connected = browser.open(&callback_url).await;
    assert_eq!((connected.status, connected.url.path()), (200, "/connected"));
    assert!(connected.body.contains("@blue_bottle is connected"), "{}", connected.body);
    scanner.record_output("the page", &connected.body);

    // Read the stored account.
    let name = "17841405793187218";
    let (code, listed) = evertoken(&["list", "--local", local]).await;
    assert!(code == 0 && listed.contains(name) && listed.contains("healthy"), "{listed}");
    let (code, listed) = evertoken(&["--json", "list", "--local", local]).await;
    let listed: Value = serde_json::from_str(&listed).unwrap();
    assert_eq!((code, &listed[0]["username"]), (0, &json!("blue_bottle")));
    let (code, token) = evertoken(&["token", name, "--local", local]).await;
    assert_eq!(code, 0);
    assert_eq!(me(&instagram, token.trim_end()).await, 200);

    // Three weeks pass, and the service refreshes the token.
    let clock = instagram.join("/_sandbox/clock").unwrap();
    let moved = evertoken_tests::http::client().post(clock).json(&json!({"advance_seconds": 1_900_800})).send().await;
    assert_eq!(moved.unwrap().status(), 200);
    wait::until("the refresh", || service.stderr().contains("1 of 1 accounts refreshed").then_some(())).await;
    let (_, renewed) = evertoken(&["token", name, "--local", local]).await;
    assert_ne!(renewed, token);
    assert_eq!(me(&instagram, renewed.trim_end()).await, 200);

    scanner.record_log("the standard error of the service", &service.stderr());
    scanner.record_log("the standard output of the service", &service.stdout());
    shut_down(service).await;

    // The folder holds all state. The new sandbox does not know the token, so the first run may already have found that out.
    let service = serve(dir.path()).await;
    assert_eq!(evertoken(&["token", name, "--local", local]).await.1, renewed);
    shut_down(service).await;
    assert_eq!(scanner.findings(), [""; 0]);
}

async fn me(instagram: &Url, token: &str) -> u16 {
    let me = evertoken_tests::http::client().get(instagram.join("/me?fields=username").unwrap()).bearer_auth(token);
    me.send().await.unwrap().status().as_u16()
}

#[tokio::test]
async fn an_idle_connection_does_not_delay_shutdown() {
    let dir = TempDir::new().unwrap();
    let service = serve(dir.path()).await;
    assert_eq!(service.stdout().lines().count(), 1, "more than the URL: {}", service.stdout());
    let address = (service.url.host_str().unwrap().to_owned(), service.url.port().unwrap());
    let _idle = tokio::net::TcpStream::connect(address).await.unwrap();
    shut_down(service).await;
}

#[tokio::test]
async fn exit_codes_distinguish_usage_errors_from_missing_resources() {
    let dir = TempDir::new().unwrap();
    let local = dir.path().to_str().unwrap();
    assert_eq!(evertoken(&["list", "--local", local]).await, (1, String::new()), "the folder is not a vault");
    std::fs::create_dir(dir.path().join("accounts")).unwrap();
    assert_eq!(evertoken(&["list", "--local", local]).await, (0, String::new()));
    assert_eq!(evertoken(&["token", "nobody", "--local", local]).await, (1, String::new()));
    assert_eq!(evertoken(&["token", "No Such Name", "--local", local]).await, (2, String::new()));
    assert_eq!(evertoken(&["list"]).await, (2, String::new()), "no vault is configured");
    assert_eq!(
        evertoken(&["serve", "--port", "0", "--local", local]).await,
        (2, String::new()),
        "no app is configured"
    );
}
