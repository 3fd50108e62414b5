//! The login in a real browser: Debian's Chromium, led by playwright-core, with axe-core looking at every page.
//!
//! `make browser` installs all three. Where they are not there, each test says so and looks at nothing.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stderr,
    reason = "a test may stop at the first surprise, and says why it looks at nothing"
)]

use std::path::{Path, PathBuf};

use evertoken_core::deletion::{Deleted, Deletion};
use evertoken_core::invite::Invite;
use evertoken_core::signing::SigningKeys;
use evertoken_tests::binaries;
use evertoken_tests::login_house::{House, SIGNING_KEY};
use evertoken_tests::visitor::Visitor;
use serde_json::{Value, json};
use tempfile::TempDir;
use time::Duration;
use tokio::process::Command;
use url::Url;

/// Where Debian puts it.
const CHROMIUM: &str = "/usr/bin/chromium";

/// What `make browser` has installed; none if it was not called.
fn modules() -> Option<PathBuf> {
    let modules = root().join("target/browser");
    let complete =
        modules.join("node_modules/playwright-core").exists() && modules.join("node_modules/axe-core").exists();
    (complete && Path::new(CHROMIUM).exists()).then_some(modules)
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap()
}

/// Where a journey may begin.
fn pages(house: &House) -> Value {
    let note = "Hello Anna, this connects the shop's account, so that its photos appear on your website. Thank you, Jo";
    let account = Some("17841405793187218".parse().unwrap());
    let keys = SigningKeys::parse(SIGNING_KEY).unwrap();
    let code = Deletion { at: house.now(), what: Deleted::Account }.code(&keys);
    json!({
        "home": house.url("/"),
        "missing": house.url("/login"),
        "nowhere": house.url("/nowhere"),
        "invite": house.link(&house.invite("shop-de")),
        "second": house.link(&house.invite("shop-fr")),
        "note": house.link(&Invite { note: Some(note.to_owned()), ..house.invite("shop-de") }),
        "reconnect": house.link(&Invite { account, ..house.invite("shop-de") }),
        "expired": house.link(&Invite::new(house.now() - Duration::days(1))),
        "deletion": house.url(&format!("/data-deletion/{code}")),
    })
}

async fn travel(journey: &str) {
    let Some(modules) = modules() else {
        eprintln!("{journey}: no browser was found, so nothing was looked at; `make browser` installs it");
        return;
    };
    let house = House::start().await;
    house.control("PATCH", "accounts/corner_bakery", json!({"role": "invited"})).await;
    if journey == "wrong_account" {
        Visitor::new().log_in(&house, &house.link(&house.invite("shop-de")), "blue_bottle").await;
    }
    lead(journey, &modules, &pages(&house)).await;
}

/// Through a journey of `journeys.mjs`.
async fn lead(journey: &str, modules: &Path, pages: &Value) {
    let pictures = root().join("target/screenshots");
    std::fs::create_dir_all(&pictures).unwrap();
    let journey = json!({
        "journey": journey, "modules": modules, "chromium": CHROMIUM, "pictures": pictures, "pages": pages
    });
    let script = root().join("tests/browser/journeys.mjs");
    let travelled = Command::new("node").arg(script).env("JOURNEY", journey.to_string()).output().await.unwrap();
    assert!(travelled.status.success(), "{}", String::from_utf8_lossy(&travelled.stderr));
}

macro_rules! journeys {
    ($($journey:ident),+ $(,)?) => {
        $(
            #[tokio::test]
            async fn $journey() {
                travel(stringify!($journey)).await;
            }
        )+
    };
}

journeys!(
    happy_path,
    cancel,
    tester_refusal,
    wrong_account,
    expired_invite,
    several_tabs,
    reload_and_back,
    double_click,
    dark_and_narrow,
    every_language_is_accessible,
    keyboard_alone,
    without_cookies,
);

#[tokio::test]
async fn the_demos_report() {
    let Some(modules) = modules() else {
        eprintln!("the demo's report: no browser was found, so nothing was looked at; `make browser` installs it");
        return;
    };
    let folder = TempDir::new().unwrap();
    let report = folder.path().join("year.html");
    let mut demo = Command::new(binaries::path("evertoken"));
    demo.args(["demo", "--accounts", "8", "--days", "200", "--report"]).arg(&report);
    let year = demo.output().await.unwrap();
    assert!(year.status.success(), "{}", String::from_utf8_lossy(&year.stderr));
    lead("report", &modules, &json!({ "report": Url::from_file_path(&report).unwrap() })).await;
}
