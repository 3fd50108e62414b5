//! `evertoken doctor`.

use std::os::unix::fs::PermissionsExt;

use evertoken_tests::binaries;
use evertoken_tests::command::{CommandHouse, Run};
use evertoken_tests::deployed_stack::DeployedStack;
use evertoken_tests::leashed::Leashed;
use evertoken_tests::waiting;
use serde_json::{Value, json};
use tempfile::TempDir;
use time::{Duration, OffsetDateTime};

/// Ten days, and so much that no second more or less makes another day.
const TEN_DAYS: Duration = Duration::hours(241);

/// Where no pages are.
const NOBODY: (&str, &str) = ("EVERTOKEN_PUBLIC_URL", "http://127.0.0.1:9");

/// The state and the text of what was found about a subject.
fn found(run: &Run, subject: &str) -> (String, String) {
    let findings = run.json();
    let all = findings.as_array().unwrap();
    let one = all.iter().find(|finding| finding["subject"] == subject);
    let one: &Value = one.unwrap_or_else(|| panic!("nothing about {subject}: {run:?}"));
    let text = format!("{} {}", one["text"].as_str().unwrap(), one["remedy"].as_str().unwrap_or_default());
    (one["state"].as_str().unwrap().to_owned(), text)
}

fn assert_found(run: &Run, subject: &str, state: &str, word: &str) {
    let (is, text) = found(run, subject);
    assert!(is == state && text.contains(word), "{subject} is {is}: {text}; expected {state}: {word}");
}

/// Pages of our version, on this machine.
async fn pages(dir: &TempDir) -> (Leashed, String) {
    let arguments = ["serve", "--sandbox", "--port", "0", "--local", dir.path().to_str().unwrap()];
    let service = Leashed::start(binaries::path("evertoken"), &arguments, &[]);
    let url = waiting::until("the URL", || service.stdout().strip_suffix('\n').map(str::to_owned)).await;
    (service, url.trim_end_matches('/').to_owned())
}

#[tokio::test]
async fn a_healthy_folder_is_well_and_what_is_unwell_has_its_remedy() {
    let house = CommandHouse::with_files().await;
    house.plant("my-shop", TEN_DAYS).await;
    std::fs::set_permissions(house.dir().join("accounts"), std::fs::Permissions::from_mode(0o700)).unwrap();
    let run = house.run(&["--json", "doctor"]).await.expect(0);
    assert_found(&run, "account my-shop", "ok", "49 days left");
    assert_found(&run, "app secret", "warning", "evertoken setup --local");

    house.plant("old-shop", Duration::days(57)).await;
    let mut dead = house.document("my-shop").await.unwrap();
    dead["name"] = "dead-shop".into();
    dead["health"] = json!({"state": "login_required", "since": "2026-11-20T05:00:00Z", "code": 190, "subcode": 460,
        "message": "The password was changed."});
    house.put("dead-shop", &dead.to_string()).await;
    house.put("nonsense", "{}").await;
    std::fs::set_permissions(house.dir().join("accounts"), std::fs::Permissions::from_mode(0o755)).unwrap();
    let run = house.run(&["--json", "doctor"]).await.expect(3);
    assert_found(&run, "folder", "warning", "makes it private");
    assert_found(&run, "account old-shop", "problem", "evertoken refresh old-shop");
    assert_found(
        &run,
        "account dead-shop",
        "problem",
        "The password was changed. Send the owner a link: evertoken invite --name dead-shop",
    );
    assert_found(&run, "account nonsense", "problem", "not an account document");
    let text = house.run(&["doctor"]).await.expect(3);
    assert!(text.stdout.contains("PROBLEM  account dead-shop: "), "{text:?}");
    assert!(text.stderr.contains("Problems: "), "{text:?}");
    house.run(&["doctor", "--stack", "other"]).await.expect(3);
}

#[tokio::test]
async fn a_folder_that_is_not_there_and_a_bad_variable_are_named() {
    let house = CommandHouse::with_files().await.with_variables(&[("EVERTOKEN_REFRESH_AFTER_DAYS", "soon")]);
    std::fs::remove_dir_all(house.dir().join("accounts")).unwrap();
    let run = house.run(&["--json", "doctor"]).await.expect(3);
    assert_found(&run, "configuration", "problem", "EVERTOKEN_REFRESH_AFTER_DAYS is \"soon\"");
    assert_found(&run, "folder", "problem", "does not exist");
}

#[tokio::test]
async fn an_app_secret_is_known_by_its_shape_and_at_instagram() {
    let house = CommandHouse::with_secrets_manager().await.with_variables(&[NOBODY]);
    let (id, secret) = ("1234567890123456", "0123456789abcdef0123456789abcdef");
    let table = [
        (json!({"app_id": id, "app_secret": secret}), "ok", "contains an id and a secret"),
        (json!({"app_id": id, "app_secret": format!("{secret}\n")}), "warning", "white space"),
        (json!({"app_id": id, "app_secret": ""}), "problem", "never filled in"),
        (json!({"app_id": id, "app_secret": "REPLACE_ME"}), "problem", "never filled in"),
        (json!({"app_id": "my app", "app_secret": secret}), "problem", "digits only"),
        (json!({"id": id, "secret": secret}), "problem", "evertoken setup"),
        (json!({"app_id": id, "app_secret": "short"}), "warning", "32 hexadecimal digits"),
    ];
    for (app, state, word) in table {
        house.deployment().put_app(&app).await;
        let run = house.run(&["--json", "doctor"]).await;
        assert_found(&run, "app secret", state, word);
    }
    assert_found(&house.run(&["--json", "doctor"]).await, "app at Instagram", "problem", "Settings > Basic");
    house.deployment().put_app(&json!({"app_id": id, "app_secret": secret})).await;
    let run = house.run(&["--json", "doctor"]).await.expect(3);
    assert_found(&run, "app at Instagram", "ok", "only a login proves");
    assert_found(&run, "signing secret", "ok", "is valid");
    assert_found(&run, "public URL", "problem", "is unreachable");
    assert_found(&run, "stack", "warning", "--stack NAME");
}

#[tokio::test]
async fn a_stack_is_well_from_end_to_end() {
    let dir = TempDir::new().unwrap();
    let (_service, url) = pages(&dir).await;
    let house = CommandHouse::with_secrets_manager().await;
    let stack = DeployedStack::of(house.deployment(), &url).await;
    stack.ran(OffsetDateTime::now_utc() - Duration::hours(3)).await;
    let house = house.with_variables(&stack.alone()).with_variables(&[("EVERTOKEN_STACK", &stack.name)]);
    house.plant("my-shop", TEN_DAYS).await;
    let run = house.run(&["--json", "doctor"]).await.expect(0);
    for (subject, state, word) in [
        ("AWS credentials", "ok", "accepts them"),
        ("stack", "ok", "is deployed"),
        ("app secret", "ok", "contains an id"),
        ("signing secret", "ok", "is valid"),
        ("public URL", "ok", "is reachable, version"),
        ("redirect URI", "warning", "/callback is not https"),
        ("schedule", "ok", "is enabled, rate(6 hours)"),
        ("last run", "ok", "20"),
        ("dead-letter queue DeadLetterQueue", "ok", "empty"),
        ("alarms", "ok", "1 configured"),
        ("alarm subscription", "ok", "confirmed"),
        ("account my-shop", "ok", "49 days left"),
    ] {
        assert_found(&run, subject, state, word);
    }
    // The other commands know the stack as well.
    assert!(house.run(&["list"]).await.expect(0).stdout.contains("my-shop"));
    let invite = house.run_unwatched(&["invite", "--name", "my-shop"], "").await.expect(0);
    assert!(invite.stdout.starts_with(&format!("{url}/login?invite=")), "{invite:?}");

    stack.disable().await;
    stack.dead_letter().await;
    stack.unconfirmed();
    let run = house.run(&["--json", "doctor"]).await.expect(3);
    assert_found(&run, "schedule", "problem", "is disabled");
    assert_found(&run, "dead-letter queue DeadLetterQueue", "problem", "1 runs failed");
    assert_found(&run, "alarm subscription", "problem", "click its link");
}

#[tokio::test]
async fn a_refresh_that_has_stopped_is_seen() {
    let house = CommandHouse::with_secrets_manager().await;
    let stack = DeployedStack::of(house.deployment(), NOBODY.1).await;
    let house = house.with_variables(&[NOBODY]);
    let house = house.with_variables(&[("EVERTOKEN_STACK", &stack.name), ("AWS_ENDPOINT_URL", stack.endpoint())]);
    assert_found(&house.run(&["--json", "doctor"]).await.expect(3), "last run", "problem", "none in the last 48 hours");
    stack.ran(OffsetDateTime::now_utc() - Duration::hours(30)).await;
    assert_found(&house.run(&["--json", "doctor"]).await.expect(3), "last run", "problem", "has stopped");
    stack.ran(OffsetDateTime::now_utc() - Duration::hours(15)).await;
    assert_found(&house.run(&["--json", "doctor"]).await.expect(3), "last run", "warning", "every 6 hours");
}

#[tokio::test]
async fn without_credentials_that_is_all_that_is_said() {
    let house = CommandHouse::with_secrets_manager().await;
    let none = [("AWS_ACCESS_KEY_ID", ""), ("AWS_SECRET_ACCESS_KEY", ""), ("AWS_SESSION_TOKEN", "")];
    let house = house.with_variables(&none);
    let run = house.run(&["--json", "doctor"]).await.expect(3);
    assert_found(&run, "AWS credentials", "problem", "AWS_PROFILE");
    assert_eq!(run.json().as_array().unwrap().len(), 1);
}
