//! `evertoken serve --sandbox`: the whole house in one process.

use std::path::Path;

use evertoken_tests::binaries;
use evertoken_tests::browser::{Browser, Consent};
use evertoken_tests::leaks::Leaks;
use evertoken_tests::leashed::Leashed;
use evertoken_tests::waiting;
use serde_json::{Value, json};
use tempfile::TempDir;
use url::Url;

/// Runs the command to its end: exit code and what it printed.
async fn evertoken(arguments: &[&str]) -> (i32, String) {
    let mut process = Leashed::start(binaries::path("evertoken"), arguments, &[]);
    let code = process.ended().await;
    (code, process.stdout())
}

/// Starts the service and waits for the one URL that it prints.
async fn serve(dir: &Path) -> (Leashed, Url) {
    let arguments = ["serve", "--sandbox", "--port", "0", "--local", dir.to_str().unwrap()];
    let service = Leashed::start(binaries::path("evertoken"), &arguments, &[]);
    let printed = waiting::until("the URL", || service.stdout().strip_suffix('\n').map(str::to_owned)).await;
    let url = printed.parse().unwrap_or_else(|_| panic!("{printed} is not one URL: {}", service.stderr()));
    (service, url)
}

/// Ends the service as Ctrl-C does.
async fn assert_ends_cleanly(mut service: Leashed, home: &Url) {
    service.interrupt();
    assert_eq!(service.ended().await, 0, "{}", service.stderr());
    std::net::TcpListener::bind(("127.0.0.1", home.port().unwrap())).expect("the port is still taken");
}

#[tokio::test]
async fn an_account_is_connected_listed_renewed_and_still_there_after_a_restart() {
    let dir = TempDir::new().unwrap();
    let local = dir.path().to_str().unwrap();
    let leaks = Leaks::default();
    let (service, home) = serve(dir.path()).await;

    // Connect.
    let mut browser = Browser::new(&leaks);
    let page = browser.get(&home).await;
    assert_eq!(page.status, 200);
    let connect = page.body.split("href=\"").nth(1).and_then(|rest| rest.split('"').next()).unwrap();
    let consent = browser.open(&home.join(connect).unwrap()).await;
    let instagram = consent.url.clone();
    let back = browser.consent(&consent, Consent::allow("blue_bottle")).await;
    let connected = browser.open(&back).await;
    assert_eq!((connected.status, connected.url.path()), (200, "/connected"));
    assert!(connected.body.contains("@blue_bottle is connected"), "{}", connected.body);
    leaks.wrote("the page", &connected.body);

    // Read what it has stored.
    let name = "17841405793187218";
    let (code, listed) = evertoken(&["list", "--local", local]).await;
    assert!(code == 0 && listed.contains(name) && listed.contains("healthy"), "{listed}");
    let (code, listed) = evertoken(&["--json", "list", "--local", local]).await;
    let listed: Value = serde_json::from_str(&listed).unwrap();
    assert_eq!((code, &listed[0]["username"]), (0, &json!("blue_bottle")));
    let (code, token) = evertoken(&["token", name, "--local", local]).await;
    assert_eq!(code, 0);
    assert_eq!(me(&instagram, token.trim_end()).await, 200);

    // Three weeks pass, and the service sees it by itself.
    let clock = instagram.join("/_sandbox/clock").unwrap();
    let moved = evertoken_tests::web::client().post(clock).json(&json!({"advance_seconds": 1_900_800})).send().await;
    assert_eq!(moved.unwrap().status(), 200);
    waiting::until("the renewal", || service.stderr().contains("1 of 1 accounts refreshed").then_some(())).await;
    let (_, renewed) = evertoken(&["token", name, "--local", local]).await;
    assert_ne!(renewed, token);
    assert_eq!(me(&instagram, renewed.trim_end()).await, 200);

    leaks.logged("the service's remarks", &service.stderr());
    leaks.logged("the service's output", &service.stdout());
    assert_ends_cleanly(service, &home).await;

    // The folder is the whole memory.
    let (service, home) = serve(dir.path()).await;
    assert_eq!(evertoken(&["token", name, "--local", local]).await, (0, renewed));
    assert_ends_cleanly(service, &home).await;
    assert_eq!(leaks.found(), [""; 0]);
}

async fn me(instagram: &Url, token: &str) -> u16 {
    let me = evertoken_tests::web::client().get(instagram.join("/me?fields=username").unwrap()).bearer_auth(token);
    me.send().await.unwrap().status().as_u16()
}

#[tokio::test]
async fn an_idle_connection_does_not_hold_up_the_end() {
    let dir = TempDir::new().unwrap();
    let (service, home) = serve(dir.path()).await;
    let address = (home.host_str().unwrap().to_owned(), home.port().unwrap());
    let _idle = tokio::net::TcpStream::connect(address).await.unwrap();
    assert_ends_cleanly(service, &home).await;
}

#[tokio::test]
async fn the_command_tells_wrong_usage_from_what_is_not_there() {
    let dir = TempDir::new().unwrap();
    let local = dir.path().to_str().unwrap();
    assert_eq!(evertoken(&["list", "--local", local]).await, (1, String::new()), "this folder is no vault");
    std::fs::create_dir(dir.path().join("accounts")).unwrap();
    assert_eq!(evertoken(&["list", "--local", local]).await, (0, String::new()));
    assert_eq!(evertoken(&["token", "nobody", "--local", local]).await, (1, String::new()));
    assert_eq!(evertoken(&["token", "No Such Name", "--local", local]).await, (2, String::new()));
    assert_eq!(evertoken(&["list"]).await, (2, String::new()), "no vault is named");
    assert_eq!(evertoken(&["serve", "--port", "0", "--local", local]).await, (2, String::new()), "no app is named");
}
