//! `evertoken debug`.

use evertoken_sandbox::Endpoint;
use evertoken_tests::faults;
use evertoken_tests::test_cli::{CommandRun, TestCli};
use time::{Duration, OffsetDateTime};

/// Ten days, plus an hour so that a slow test does not change the number of whole days.
const TEN_DAYS: Duration = Duration::hours(241);

/// Replaces dates, which change from run to run, with a placeholder.
fn redact_dates(run: &CommandRun) -> String {
    let is_date = |word: &str| word.bytes().filter(u8::is_ascii_digit).count() == 8 && word.matches('-').count() == 2;
    let line = |line: &str| {
        line.split(' ').map(|word| if is_date(word) { "DATE" } else { word }).collect::<Vec<_>>().join(" ")
    };
    run.stdout.lines().map(line).collect::<Vec<_>>().join("\n")
}

#[tokio::test]
async fn debug_explains_a_stored_token() {
    for cli in TestCli::for_each_vault().await {
        cli.add_account("my-shop", TEN_DAYS).await;
        let run = cli.run(&["debug", "my-shop"]).await.expect_code(0);
        insta::assert_snapshot!("a_stored_token", redact_dates(&run));
        let report = cli.run(&["--json", "debug", "my-shop"]).await.expect_code(0).json();
        assert_eq!((&report["valid"], &report["family"]), (&true.into(), &"instagram_login".into()));
        assert_eq!((&report["days_left"], &report["stored_as"]), (&49.into(), &"my-shop".into()));
        assert_eq!(report["scopes"][0], "instagram_business_basic");
    }
}

#[tokio::test]
async fn debug_explains_why_instagram_rejects_a_token() {
    let cli = TestCli::with_file_vault().await;
    cli.add_account("my-shop", TEN_DAYS).await;
    cli.instagram().revoke("blue_bottle").await;
    let run = cli.run(&["debug", "my-shop"]).await.expect_code(3);
    let shown = redact_dates(&run).replace(cli.dir().to_str().unwrap(), "DIR");
    insta::assert_snapshot!("a_revoked_token", shown);
    let report = cli.run(&["--json", "debug", "my-shop"]).await.expect_code(3).json();
    assert_eq!((&report["problem"]["code"], &report["problem"]["subcode"]), (&190.into(), &458.into()));
    assert_eq!(report["problem"]["kind"], "login_required");
}

#[tokio::test]
async fn debug_recognizes_a_pasted_token_that_is_stored() {
    for cli in TestCli::for_each_vault().await {
        let token = cli.instagram().token("blue_bottle", Duration::days(10)).await;
        let run = cli.run_with_stdin(&["debug"], &format!("'{token}'\n")).await.expect_code(0);
        assert!(
            run.stdout.contains("@blue_bottle, BUSINESS") && run.stdout.contains("evertoken import NAME"),
            "{run:?}"
        );
        assert!(run.stderr.contains("quotes"), "{run:?}");
        let issued = (OffsetDateTime::now_utc() - Duration::days(10)).date().to_string();
        cli.run_with_stdin(&["import", "my-shop", "--issued", &issued], &token).await.expect_code(0);
        let report = cli.run_with_stdin(&["--json", "debug"], &token).await.expect_code(0).json();
        assert_eq!(report["stored_as"], "my-shop");
    }
}

#[tokio::test]
async fn debug_identifies_a_facebook_login_token() {
    let cli = TestCli::with_file_vault().await;
    let report =
        cli.run_with_stdin(&["--json", "debug"], "EAABsbCS1iHgBAkZCZBtoken0123456789").await.expect_code(3).json();
    assert_eq!((&report["valid"], &report["family"]), (&false.into(), &"facebook_login".into()));
    assert!(report["next"].as_str().unwrap().contains("Facebook Login"), "{report}");
}

#[tokio::test]
async fn debug_reaches_no_verdict_while_instagram_is_down() {
    let cli = TestCli::with_file_vault().await;
    cli.add_account("my-shop", TEN_DAYS).await;
    cli.instagram().inject_fault(faults::service_unavailable(Endpoint::Me)).await;
    let report = cli.run(&["--json", "debug", "my-shop"]).await.expect_code(1).json();
    assert_eq!(report["valid"], serde_json::Value::Null);
    let run = cli.run(&["debug", "nobody"]).await.expect_code(1);
    assert!(run.stderr.contains("there is no account nobody"), "{run:?}");
}
