//! Tests of the login in Chromium, driven by playwright-core. axe-core checks the accessibility of every page.
//!
//! `make browser` installs all three. The tests are ignored unless the command line asks for them, because a test cannot
//! decide at run time to be ignored. `make test` asks for them if a browser is installed.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test may panic"
)]

mod feed_published;
mod feed_widget;
mod screenshots;
mod wordpress_plugin;

use std::collections::BTreeMap;
use std::path::Path;

use evertoken_core::deletion::{Deleted, Deletion};
use evertoken_core::invite::Invite;
use evertoken_core::signing::SigningKeys;
use evertoken_tests::aws_account::AwsAccount;
use evertoken_tests::browser_client::BrowserClient;
use evertoken_tests::https_gateway::HttpsGateway;
use evertoken_tests::serve_process::ServeProcess;
use evertoken_tests::test_app::{SIGNING_KEY, TestApp};
use evertoken_tests::{binaries, workspace};
use serde_json::{Value, json};
use tempfile::TempDir;
use time::Duration;
use tokio::process::Command;
use url::Url;

/// Returns the path of Chromium or Chrome. The Makefile sets the variable.
fn chromium() -> String {
    std::env::var("CHROMIUM").unwrap_or_else(|_| "/usr/bin/chromium".to_owned())
}

/// Returns the URLs at which a journey can start.
fn pages(app: &TestApp) -> Value {
    let note = "Hello Anna, this connects the shop's account, so that its photos appear on your website. Thank you, Jo";
    let account = Some("17841405793187218".parse().unwrap());
    let keys = SigningKeys::parse(SIGNING_KEY).unwrap();
    let code = Deletion { at: app.now(), what: Deleted::Account }.code(&keys);
    json!({
        "home": app.url("/"),
        "missing": app.url("/login"),
        "nowhere": app.url("/nowhere"),
        "invite": app.link(&app.invite("shop-de")),
        "second": app.link(&app.invite("shop-fr")),
        "reveal": app.link(&Invite { reveal: true, ..app.invite("shop-de") }),
        "note": app.link(&Invite { note: Some(note.to_owned()), ..app.invite("shop-de") }),
        "reconnect": app.link(&Invite { account, ..app.invite("shop-de") }),
        "expired": app.link(&Invite::new(app.now() - Duration::days(1))),
        "deletion": app.url(&format!("/data-deletion/{code}")),
    })
}

async fn run_with_app(journey: &str) {
    let app = TestApp::start().await;
    app.control("PATCH", "accounts/corner_bakery", json!({"role": "invited"})).await;
    if journey == "a_reconnect_with_another_account_names_both" {
        BrowserClient::new().log_in(&app, &app.link(&app.invite("shop-de")), "blue_bottle").await;
    }
    run(journey, &pages(&app), None).await;
}

/// Runs a journey of `journeys.mjs` and returns what it prints. The browser reaches the pages of a deployed stack through its
/// gateway.
async fn run(journey: &str, pages: &Value, gateway: Option<&HttpsGateway>) -> String {
    run_script("journeys.mjs", journey, pages, gateway).await
}

async fn run_script(script: &str, journey: &str, pages: &Value, gateway: Option<&HttpsGateway>) -> String {
    let (modules, chromium) = (workspace::root().join("target/browser"), chromium());
    for installed in [modules.join("node_modules/playwright-core").as_path(), Path::new(&chromium)] {
        assert!(installed.exists(), "{} is missing: run `make browser` first", installed.display());
    }
    let pictures = workspace::root().join("target/screenshots");
    std::fs::create_dir_all(&pictures).unwrap();
    let gateway = gateway.map(|gateway| gateway.address.to_string());
    let journey = json!({
        "journey": journey,
        "modules": modules,
        "chromium": chromium,
        "pictures": pictures,
        "pages": pages,
        "gateway": gateway,
    });
    let script = workspace::root().join("tests/browser").join(script);
    let output = Command::new("node").arg(script).env("JOURNEY", journey.to_string()).output().await.unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

macro_rules! journeys {
    ($($journey:ident),+ $(,)?) => {
        $(
            #[tokio::test]
            #[ignore = "needs a browser: run `make browser`, and pass --include-ignored"]
            async fn $journey() {
                run_with_app(stringify!($journey)).await;
            }
        )+
    };
}

journeys!(
    an_invite_connects_an_account,
    a_cancelled_login_can_be_retried,
    a_missing_tester_role_links_to_the_tester_settings,
    a_reconnect_with_another_account_names_both,
    an_expired_invite_shows_an_error,
    two_tabs_can_log_in_at_the_same_time,
    reload_and_back_show_the_connected_account,
    a_double_click_on_allow_succeeds,
    pages_fit_dark_and_narrow_screens,
    pages_are_accessible_in_every_language,
    a_login_works_with_the_keyboard_alone,
    a_login_without_cookies_shows_an_error,
    the_token_can_be_copied_once,
);

#[tokio::test]
#[ignore = "needs a browser: run `make browser`, and pass --include-ignored"]
async fn three_accounts_are_chosen_after_a_login_with_facebook() {
    let app = TestApp::with_variables(&[("EVERTOKEN_PROVIDER", "both")]).await;
    let pages = json!({
        "many": app.link(&Invite { many_accounts: true, ..app.invite("agency") }),
        "one": app.link(&Invite { name: None, ..app.invite("shop-de") }),
    });
    run("three_accounts_are_chosen_after_a_login_with_facebook", &pages, None).await;
}

/// The boxes and styles of each page at two widths, in both color schemes and all languages (docs/decisions/0042).
#[tokio::test]
#[ignore = "needs a browser: run `make browser`, and pass --include-ignored"]
async fn the_layout_of_each_page_matches_its_snapshot() {
    let neutral = TestApp::start().await;
    let branded = TestApp::with_variables(&[
        ("EVERTOKEN_BRAND_NAME", "Harbor Studio"),
        ("EVERTOKEN_BRAND_COLOR", "#ffd400"),
        ("EVERTOKEN_CONTACT_URL", "mailto:hello@harbor-studio.example"),
        ("EVERTOKEN_PRIVACY_URL", "https://harbor-studio.example/privacy"),
        ("EVERTOKEN_SCOPES", "instagram_business_basic,instagram_business_manage_comments"),
    ])
    .await;
    let browser = BrowserClient::new();
    let own = Invite { show_location: true, ..neutral.invite("shop-de") };
    let connected = browser.log_in(&neutral, &neutral.link(&own), "blue_bottle").await.location();
    let neutral_pages = pages(&neutral);
    let layouts = json!({
        "home": neutral_pages["home"],
        "invite": neutral_pages["note"],
        "invite_branded": pages(&branded)["note"],
        "connected": connected,
        "deletion": neutral_pages["deletion"],
        "reveal": neutral_pages["reveal"],
        "error": neutral_pages["expired"],
        "error_branded": branded.url("/login?invite=x"),
    });
    let output = run("layouts", &layouts, None).await;
    let layouts: BTreeMap<String, String> = serde_json::from_str(&output).unwrap();
    for (page, layout) in layouts {
        insta::assert_snapshot!(format!("layout_{page}"), layout);
    }
}

#[tokio::test]
#[ignore = "needs a browser: run `make browser`, and pass --include-ignored"]
async fn the_demo_report_is_accessible() {
    let folder = TempDir::new().unwrap();
    let report = folder.path().join("year.html");
    let mut demo = Command::new(binaries::path("evertoken"));
    demo.args(["demo", "--accounts", "8", "--days", "200", "--report"]).arg(&report);
    let output = demo.output().await.unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    run("report", &json!({ "report": Url::from_file_path(&report).unwrap() }), None).await;
}

#[tokio::test]
#[ignore = "needs a browser: run `make browser`, and pass --include-ignored"]
async fn the_sandboxs_pages_are_accessible_and_work_without_a_script() {
    let folder = TempDir::new().unwrap();
    let service = ServeProcess::start(&["--sandbox", "--local", folder.path().to_str().unwrap()], &[]).await;
    let stderr = service.stderr();
    let control = stderr.lines().map(str::trim).find(|line| line.ends_with("/sandbox")).unwrap();
    run("sandbox", &json!({ "home": service.url, "control": control }), None).await;
    service.shut_down().await;
}

#[tokio::test]
#[ignore = "needs a browser: run `make browser`, and pass --include-ignored"]
async fn a_login_succeeds_on_a_deployed_stack() {
    let owner = AwsAccount::new().await;
    owner.deploy(&owner.package().await, "shop", &[]).await;
    let pages = json!({ "invite": owner.invite("shop", "my-shop").await });
    run("a_login_succeeds_on_a_deployed_stack", &pages, Some(&owner.gateway)).await;
    assert_eq!(owner.document("evertoken/accounts/my-shop").await["username"], "blue_bottle");
}
