//! `list` and `show`.

use std::collections::BTreeSet;

use evertoken_tests::command::CommandHouse;
use evertoken_tests::leashed::Leashed;
use evertoken_tests::{binaries, waiting};
use serde_json::{Value, json};
use time::Duration;

/// A healthy one with some days to go, one whose owner must act, and a dead one.
async fn three_accounts(house: &CommandHouse) {
    let waiting = |state: &str, subcode: u32, message: &str| json!({"state": state, "since": "2026-11-01T05:00:00Z", "code": 190, "subcode": subcode, "message": message});
    house.plant("shop-de", Duration::days(5) - Duration::hours(1)).await;
    for (name, health) in [
        ("shop-es", waiting("attention", 459, "Instagram wants the owner to confirm something.")),
        ("shop-it", waiting("login_required", 460, "The password was changed.")),
    ] {
        house.plant(name, Duration::days(52) - Duration::hours(1)).await;
        let mut document = house.document(name).await.unwrap();
        document["health"] = health;
        house.put(name, &document.to_string()).await;
    }
}

/// What stands there, with times that change from run to run taken out.
fn timeless(text: &str) -> String {
    let is_time = |word: &[u8]| {
        word.len() == 16
            && word
                .iter()
                .zip(b"0000-00-00 00:00")
                .all(|(one, other)| if other.is_ascii_digit() { one.is_ascii_digit() } else { one == other })
    };
    let mut text = text.as_bytes().to_vec();
    for at in 0..text.len().saturating_sub(15) {
        if is_time(&text[at..at + 16]) {
            text[at..at + 16].copy_from_slice(b"YYYY-MM-DD hh:mm");
        }
    }
    String::from_utf8(text).unwrap()
}

#[tokio::test]
async fn the_table_shows_who_is_well_and_the_remarks_say_why_not() {
    for house in CommandHouse::each().await {
        three_accounts(&house).await;
        let listed = house.run(&["list"]).await.expect(3);
        insta::assert_snapshot!("list", timeless(&listed.stdout));
        insta::assert_snapshot!("list_remarks", listed.stderr);
    }
}

#[tokio::test]
async fn json_has_the_same_and_names_what_could_not_be_read() {
    for house in CommandHouse::each().await {
        three_accounts(&house).await;
        house.put("odd", r#"{"password": "hunter22"}"#).await;
        let run = house.run(&["--json", "list"]).await.expect(3);
        let listed = run.json();
        let names: Vec<_> =
            listed.as_array().unwrap().iter().map(|account| account["name"].as_str().unwrap()).collect();
        assert_eq!(names, ["odd", "shop-de", "shop-es", "shop-it"]);
        assert!(
            listed[0]["message"].as_str().unwrap().contains("schema") && !run.stdout.contains("hunter22"),
            "{run:?}"
        );
        assert_eq!(listed[1]["days_left"], 55);
        assert_eq!(listed[1]["username"], "blue_bottle");
        assert!(listed[1]["next_attempt_at"].is_string() && listed[3]["next_attempt_at"].is_null());
        assert_eq!(listed[3]["health"], "login_required");
    }
}

#[tokio::test]
async fn an_empty_vault_is_no_failure() {
    for house in CommandHouse::each().await {
        let run = house.run(&["list"]).await.expect(0);
        assert_eq!((run.stdout.as_str(), run.stderr.as_str()), ("", "No accounts.\n"));
        assert_eq!(house.run(&["--json", "list"]).await.expect(0).json(), json!([]));
    }
}

#[tokio::test]
async fn a_watched_list_changes_with_the_vault() {
    let house = CommandHouse::with_files().await;
    house.plant("shop-de", Duration::days(5)).await;
    let arguments = ["list", "--watch", "--every", "20ms", "--local", house.dir().to_str().unwrap()];
    let mut list = Leashed::start(binaries::path("evertoken"), &arguments, &house.environment());
    waiting::until("a first look", || list.stdout().contains("shop-de").then_some(())).await;
    house.plant("shop-fr", Duration::days(5)).await;
    waiting::until("another look", || list.stdout().contains("shop-fr").then_some(())).await;
    list.interrupt();
    assert_eq!(list.ended().await, 0, "{}", list.stderr());
    // No terminal is cleared where there is none.
    assert!(!list.stdout().contains('\u{1b}'));
    house.leaks().logged("the watched list", &list.stdout());
}

#[tokio::test]
async fn an_account_is_shown_without_its_token() {
    let house = CommandHouse::with_files().await;
    three_accounts(&house).await;
    let healthy = house.run(&["show", "shop-de"]).await.expect(0).stdout;
    let dead = house.run(&["show", "shop-it"]).await.expect(3).stdout;
    let dir = house.dir().to_str().unwrap();
    insta::assert_snapshot!("show", timeless(&healthy).replace(dir, "DIR"));
    insta::assert_snapshot!("show_login_required", timeless(&dead).replace(dir, "DIR"));
}

#[tokio::test]
async fn json_of_one_account_holds_what_the_document_does_but_the_token() {
    for house in CommandHouse::each().await {
        house.plant("shop-de", Duration::days(5)).await;
        let shown = house.run(&["--json", "show", "shop-de"]).await.expect(0).json();
        let keys: BTreeSet<_> = shown.as_object().unwrap().keys().map(String::as_str).collect();
        let document = house.document("shop-de").await.unwrap();
        let elsewhere = ["schema", "access_token", "token_type"];
        for key in document.as_object().unwrap().keys().filter(|key| !elsewhere.contains(&key.as_str())) {
            assert!(keys.contains(key.as_str()), "{key} is missing: {shown}");
        }
        assert_eq!((&shown["health"], &shown["parked"]), (&Value::from("healthy"), &Value::from(false)));
        assert!(shown["stored_in"].as_str().unwrap().contains("shop-de"));
    }
}

#[tokio::test]
async fn a_wrong_name_is_met_with_the_right_one() {
    for house in CommandHouse::each().await {
        for command in
            [&["show", "shop-de"][..], &["token", "shop-de"], &["refresh", "shop-de"], &["remove", "shop-de"]]
        {
            let run = house.run(command).await.expect(1);
            assert_eq!(run.stdout, "");
            assert!(
                run.stderr.contains("error: there is no account shop-de\nhint: no account is connected yet"),
                "{run:?}"
            );
        }
        house.plant("shop-fr", Duration::days(5)).await;
        house.plant("cafe", Duration::days(5)).await;
        for command in
            [&["show", "shop-rf"][..], &["token", "shop-rf"], &["refresh", "shop-rf"], &["remove", "shop-rf"]]
        {
            let run = house.run(command).await.expect(1);
            assert!(run.stderr.contains("hint: did you mean shop-fr?"), "{run:?}");
        }
        let far = house.run(&["show", "zzz"]).await.expect(1);
        assert!(far.stderr.contains("`evertoken list` shows") && !far.stderr.contains("did you mean"), "{far:?}");
    }
}
