//! `evertoken list` and `evertoken show`.

use std::collections::BTreeSet;

use evertoken_core::document::Document;
use evertoken_core::policy::{Policy, due_at};
use evertoken_tests::child_process::ChildProcess;
use evertoken_tests::test_cli::TestCli;
use evertoken_tests::{binaries, sample, wait};
use serde_json::{Value, json};
use time::format_description::well_known::Rfc3339;
use time::macros::format_description;
use time::{Duration, OffsetDateTime};

/// Stores a healthy account, one that needs attention, and one that needs a login.
async fn three_accounts(cli: &TestCli) {
    let health = |state: &str, subcode: u32, message: &str| json!({"state": state, "since": "2026-11-01T05:00:00Z", "code": 190, "subcode": subcode, "message": message});
    cli.add_account("shop-de", Duration::days(5) - Duration::hours(1)).await;
    for (name, health) in [
        ("shop-es", health("attention", 459, "Instagram wants the owner to confirm something.")),
        ("shop-it", health("login_required", 460, "The password was changed.")),
    ] {
        cli.add_account(name, Duration::days(52) - Duration::hours(1)).await;
        let mut document = cli.document(name).await.unwrap();
        document["health"] = health;
        cli.put_document(name, &document.to_string()).await;
    }
}

/// Times that vary from run to run, and their names in snapshots.
type NamedTimes = Vec<(&'static str, OffsetDateTime)>;

/// Returns the times of an account's document.
async fn times_of(cli: &TestCli, name: &str) -> NamedTimes {
    let document = cli.document(name).await.unwrap();
    let document = Document::decode(&sample::name(name), &document.to_string()).unwrap();
    vec![
        ("<connected>", document.connected_at),
        ("<expires>", document.expires_at.unwrap()),
        ("<due>", due_at(&document, &Policy::default())),
    ]
}

/// Returns every minute in which the run after the next one can start, if the command ran since `start`.
fn times_of_next_run(start: OffsetDateTime) -> NamedTimes {
    let end = OffsetDateTime::now_utc() + Duration::MINUTE;
    let minutes = std::iter::successors(Some(start), |minute| Some(*minute + Duration::MINUTE));
    minutes.take_while(|minute| *minute < end).map(|minute| ("<next run>", minute + Duration::hours(6))).collect()
}

/// Replaces these times with their names. All others stay, so that the snapshot checks them.
fn with_named_times(text: &str, times: &[(&'static str, OffsetDateTime)]) -> String {
    let minute = |time: &OffsetDateTime| {
        format!("{:02}-{:02} {:02}:{:02}", u8::from(time.month()), time.day(), time.hour(), time.minute())
    };
    let year = |time: &OffsetDateTime| format!("{}-", time.year());
    times.iter().fold(text.to_owned(), |text, (name, time)| {
        text.replace(&format!("{}{}", year(time), minute(time)), name).replace(&minute(time), name)
    })
}

#[tokio::test]
async fn list_shows_the_health_of_each_account_and_explains_problems_on_stderr() {
    for cli in TestCli::for_each_vault().await {
        three_accounts(&cli).await;
        let start = OffsetDateTime::now_utc();
        let listed = cli.run(&["list"]).await.expect_code(3);
        let times = [times_of(&cli, "shop-de").await, times_of_next_run(start)].concat();
        insta::assert_snapshot!("list", with_named_times(&listed.stdout, &times));
        insta::assert_snapshot!("list_remarks", listed.stderr);
    }
}

#[tokio::test]
async fn list_shows_only_unhealthy_accounts_if_asked_and_fits_into_sixty_columns() {
    let cli = TestCli::with_file_vault().await;
    three_accounts(&cli).await;
    let run = cli.run(&["list", "--unhealthy"]).await.expect_code(3);
    assert!(run.stdout.contains("shop-it") && !run.stdout.contains("shop-de"), "{run:?}");
    assert!(run.stderr.ends_with("3 accounts: 1 needs a login, 1 needs its owner, 1 healthy.\n"), "{run:?}");
    let listed = cli.run(&["--json", "list", "--unhealthy"]).await.expect_code(3).json();
    assert_eq!(listed.as_array().unwrap().len(), 2);
    for line in cli.run(&["list"]).await.stdout.lines() {
        assert!(line.chars().count() <= 60, "{line}");
    }
    for (interval, reason) in [("0s", "the shortest interval is 1s"), ("20ms", "1s"), ("soon", "expected number")] {
        let run = cli.run(&["list", "--watch", "--every", interval]).await.expect_code(2);
        assert!(run.stderr.contains(reason), "{run:?}");
    }
}

#[tokio::test]
async fn list_as_json_includes_unreadable_accounts() {
    for cli in TestCli::for_each_vault().await {
        three_accounts(&cli).await;
        cli.put_document("odd", r#"{"password": "hunter22"}"#).await;
        let run = cli.run(&["--json", "list"]).await.expect_code(3);
        let listed = run.json();
        let names: Vec<_> =
            listed.as_array().unwrap().iter().map(|account| account["name"].as_str().unwrap()).collect();
        assert_eq!(names, ["shop-it", "odd", "shop-es", "shop-de"], "most urgent first");
        assert!(
            listed[1]["message"].as_str().unwrap().contains("schema") && !run.stdout.contains("hunter22"),
            "{run:?}"
        );
        assert_eq!(listed[3]["days_left"], 55);
        assert_eq!(listed[3]["username"], "blue_bottle");
        assert!(listed[3]["next_attempt_at"].is_string() && listed[0]["next_attempt_at"].is_null());
        assert_eq!(listed[0]["health"], "login_required");
    }
}

#[tokio::test]
async fn listing_an_empty_vault_succeeds() {
    for cli in TestCli::for_each_vault().await {
        let run = cli.run(&["list"]).await.expect_code(0);
        assert_eq!((run.stdout.as_str(), run.stderr.as_str()), ("", "No accounts.\n"));
        assert_eq!(cli.run(&["--json", "list"]).await.expect_code(0).json(), json!([]));
    }
}

#[tokio::test]
async fn list_watch_picks_up_new_accounts() {
    let cli = TestCli::with_file_vault().await;
    cli.add_account("shop-de", Duration::days(5)).await;
    let arguments = ["list", "--watch", "--every", "1s", "--local", cli.dir().to_str().unwrap()];
    let mut list = ChildProcess::start(binaries::path("evertoken"), &arguments, &cli.environment());
    wait::until("the first list", || list.stdout().contains("shop-de").then_some(())).await;
    cli.add_account("shop-fr", Duration::days(5)).await;
    wait::until("an updated list", || list.stdout().contains("shop-fr").then_some(())).await;
    list.interrupt();
    assert_eq!(list.wait_for_exit().await, 0, "{}", list.stderr());
    assert!(list.stderr().contains(" UTC\n"), "{}", list.stderr());
    // Without a terminal the command does not clear the screen.
    assert!(!list.stdout().contains('\u{1b}'));
    cli.scanner().record_log("the watched list", &list.stdout());
}

#[tokio::test]
async fn show_does_not_print_the_token() {
    let cli = TestCli::with_file_vault().await;
    three_accounts(&cli).await;
    let healthy = cli.run(&["show", "shop-de"]).await.expect_code(0).stdout;
    let login_required = cli.run(&["show", "shop-it"]).await.expect_code(3).stdout;
    let dir = cli.dir().to_str().unwrap();
    let healthy = with_named_times(&healthy, &times_of(&cli, "shop-de").await);
    let login_required = with_named_times(&login_required, &times_of(&cli, "shop-it").await);
    insta::assert_snapshot!("show", healthy.replace(dir, "DIR"));
    insta::assert_snapshot!("show_login_required", login_required.replace(dir, "DIR"));
}

#[tokio::test]
async fn show_as_json_has_every_document_field_except_the_token() {
    for cli in TestCli::for_each_vault().await {
        cli.add_account("shop-de", Duration::days(5)).await;
        let shown = cli.run(&["--json", "show", "shop-de"]).await.expect_code(0).json();
        let keys: BTreeSet<_> = shown.as_object().unwrap().keys().map(String::as_str).collect();
        let document = cli.document("shop-de").await.unwrap();
        let omitted = ["schema", "access_token", "token_type"];
        for key in document.as_object().unwrap().keys().filter(|key| !omitted.contains(&key.as_str())) {
            assert!(keys.contains(key.as_str()), "{key} is missing: {shown}");
        }
        assert_eq!((&shown["health"], &shown["parked"]), (&Value::from("healthy"), &Value::from(false)));
        assert!(shown["stored_in"].as_str().unwrap().contains("shop-de"));
    }
}

#[tokio::test]
async fn show_works_if_the_parked_document_is_unreadable() {
    let cli = TestCli::with_file_vault().await;
    cli.add_account("shop-de", Duration::days(5)).await;
    cli.put_document("shop-de.parked", "{").await;
    let shown = cli.run(&["--json", "show", "shop-de"]).await.expect_code(0).json();
    assert_eq!((&shown["health"], &shown["parked"]), (&Value::from("healthy"), &Value::from(true)));
}

#[tokio::test]
async fn show_gives_each_time_of_the_document_its_own_name() {
    for cli in TestCli::for_each_vault().await {
        cli.add_account("shop-de", Duration::days(5)).await;
        let mut document = cli.document("shop-de").await.unwrap();
        let at = |day: u8| format!("2026-10-{day:02}T05:00:00Z");
        document["connected_at"] = at(1).into();
        document["issued_at"] = at(2).into();
        document["expires_at"] = "2036-10-03T05:00:00Z".into();
        document["health"] = json!({"state": "attention", "since": at(4), "code": 190, "subcode": 459, "message": "x"});
        document["last_attempt"] = json!({"at": at(5), "outcome": "failed", "failures": 6});
        cli.put_document("shop-de", &document.to_string()).await;
        let shown = cli.run(&["--json", "show", "shop-de"]).await.expect_code(3).json();
        for key in ["connected_at", "issued_at", "expires_at", "last_attempt"] {
            assert_eq!(shown[key], document[key], "{key}");
        }
        assert_eq!((&shown["health_since"], &shown["health_code"]), (&json!(at(4)), &json!(190)));
        assert_eq!(shown["health_subcode"], 459);
        let text = cli.run(&["show", "shop-de"]).await.expect_code(3).stdout;
        for (name, time) in [
            ("connected", "2026-10-01 05:00"),
            ("token issued", "2026-10-02 05:00"),
            ("token expires", "2036-10-03 05:00"),
            ("since", "2026-10-04 05:00"),
            ("last attempt", "2026-10-05 05:00, failed, 6 failures in a row"),
        ] {
            let line = text.lines().find_map(|line| line.strip_prefix(&format!("{name}  ")));
            assert_eq!(line.map(str::trim), Some(time), "{name}: {text}");
        }
    }
}

#[tokio::test]
async fn an_unknown_name_gets_a_suggestion() {
    for cli in TestCli::for_each_vault().await {
        for command in
            [&["show", "shop-de"][..], &["token", "shop-de"], &["refresh", "shop-de"], &["remove", "shop-de"]]
        {
            let run = cli.run(command).await.expect_code(1);
            assert_eq!(run.stdout, "");
            assert!(
                run.stderr.contains("error: there is no account shop-de\nhint: no account is connected yet"),
                "{run:?}"
            );
        }
        cli.add_account("shop-fr", Duration::days(5)).await;
        cli.add_account("cafe", Duration::days(5)).await;
        for command in
            [&["show", "shop-rf"][..], &["token", "shop-rf"], &["refresh", "shop-rf"], &["remove", "shop-rf"]]
        {
            let run = cli.run(command).await.expect_code(1);
            assert!(run.stderr.contains("hint: did you mean shop-fr?"), "{run:?}");
        }
        let unrelated = cli.run(&["show", "zzz"]).await.expect_code(1);
        assert!(
            unrelated.stderr.contains("hint: `evertoken list") && !unrelated.stderr.contains("did you mean"),
            "{unrelated:?}"
        );
    }
}

/// When the next attempt is, as `list` and `show` give it in text and JSON.
async fn next_attempt(cli: &TestCli, name: &str) -> Option<OffsetDateTime> {
    let shown = cli.run(&["--json", "show", name]).await.json();
    let shown = shown["next_attempt_at"].as_str()?;
    let listed = cli.run(&["--json", "list"]).await.json();
    let listed = listed.as_array().unwrap().iter().find(|account| account["name"] == name).unwrap().clone();
    let time = |text: &str| OffsetDateTime::parse(text, &Rfc3339).unwrap();
    let (shown, listed) = (time(shown), time(listed["next_attempt_at"].as_str().unwrap()));
    // That of an account that is due is relative to the moment of the command.
    assert!(listed - shown < Duration::MINUTE, "{shown} and {listed}");
    let minute = |at: OffsetDateTime| at.format(format_description!("[month]-[day] [hour]:[minute]")).unwrap();
    let minutes = [minute(shown), minute(shown + Duration::MINUTE)];
    for text in [cli.run(&["list"]).await.stdout, cli.run(&["show", name]).await.stdout] {
        assert!(minutes.iter().any(|minute| text.contains(minute)), "{minutes:?} {text}");
    }
    Some(shown)
}

#[tokio::test]
async fn list_and_show_tell_when_the_next_attempt_is() {
    for cli in TestCli::for_each_vault().await {
        // Due after 20 days, spread over one more.
        cli.add_account("young", Duration::days(5)).await;
        let issued_at = cli.document("young").await.unwrap()["issued_at"].as_str().unwrap().to_owned();
        let issued_at = OffsetDateTime::parse(&issued_at, &Rfc3339).unwrap();
        let attempt = next_attempt(&cli, "young").await.unwrap();
        assert!((Duration::days(20)..=Duration::days(21)).contains(&(attempt - issued_at)), "{attempt}");
        // Overdue, so the next run refreshes it.
        cli.add_account("due", Duration::days(30)).await;
        let before = OffsetDateTime::now_utc() - Duration::SECOND;
        let attempt = next_attempt(&cli, "due").await.unwrap() - Duration::hours(6);
        assert!((before..=OffsetDateTime::now_utc()).contains(&attempt), "{attempt}");
        // Checked once a day.
        let mut document = cli.document("due").await.unwrap();
        let at = OffsetDateTime::now_utc().replace_nanosecond(0).unwrap() - Duration::hours(3);
        document["name"] = json!("waiting");
        document["health"] = json!({"state": "attention", "message": "x"});
        document["last_attempt"]["at"] = json!(at.format(&Rfc3339).unwrap());
        cli.put_document("waiting", &document.to_string()).await;
        // Computed from the moment of the command.
        let attempt = next_attempt(&cli, "waiting").await.unwrap();
        assert_eq!((attempt - at).whole_hours(), 24, "{attempt}");
        document["name"] = json!("dead");
        document["health"]["state"] = json!("login_required");
        cli.put_document("dead", &document.to_string()).await;
        assert_eq!(next_attempt(&cli, "dead").await, None);
    }
}
