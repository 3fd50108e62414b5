//! `evertoken refresh`.

use std::collections::BTreeSet;

use evertoken_sandbox::{Endpoint, InjectedFault};
use evertoken_tests::aws_proxy::AwsProxy;
use evertoken_tests::child_process::ChildProcess;
use evertoken_tests::deployed_stack::DeployedStack;
use evertoken_tests::instagram_proxy::InstagramProxy;
use evertoken_tests::lambda_emulator::Lambda;
use evertoken_tests::refresh_report::OUTCOME_COUNTS;
use evertoken_tests::reserved_port::ReservedPort;
use evertoken_tests::test_cli::TestCli;
use evertoken_tests::{binaries, faults, wait};
use serde_json::{Value, json};
use time::Duration;

/// Stores an account that is due, one that is not, and one whose token is too young for Instagram.
async fn three_accounts(cli: &TestCli) {
    cli.add_account("due", Duration::days(30)).await;
    cli.add_account("not-due", Duration::days(5)).await;
    // Proven a moment ago. An older token would be checked if the account's turn was in between, which depends on the time of
    // day.
    cli.add_account("young", Duration::ZERO).await;
}

async fn tokens(cli: &TestCli) -> [Value; 3] {
    let mut tokens = [const { Value::Null }; 3];
    for (token, name) in tokens.iter_mut().zip(["due", "not-due", "young"]) {
        *token = cli.document(name).await.unwrap()["access_token"].clone();
    }
    tokens
}

#[tokio::test]
async fn refresh_renews_only_due_accounts() {
    for cli in TestCli::for_each_vault().await {
        three_accounts(&cli).await;
        let before = tokens(&cli).await;
        let run = cli.run(&["refresh", "--all"]).await.expect_code(0);
        let after = tokens(&cli).await;
        assert_eq!([0, 1, 2].map(|n| before[n] == after[n]), [false, true, true]);
        assert!(
            run.stdout.starts_with("NAME  USER          RESULT     DAYS  NEXT (UTC)\ndue   @blue_bottle  refreshed  "),
            "{run:?}"
        );
        assert_eq!(
            run.stderr,
            "3 accounts: 1 refreshed, 1 not due, 1 younger than 24 hours. Checked 1 token that was not due.\n"
        );
    }
}

#[tokio::test]
async fn a_dry_run_reports_its_plan_and_changes_nothing() {
    for cli in TestCli::for_each_vault().await {
        three_accounts(&cli).await;
        let before = tokens(&cli).await;
        let run = cli.run(&["refresh", "--all", "--dry-run"]).await.expect_code(0);
        assert_eq!((tokens(&cli).await, cli.instagram().request_count("refresh").await), (before, 0));
        assert!(run.stdout.contains("due   @blue_bottle  would be refreshed  "), "{run:?}");
        let run = cli.run(&["refresh", "not-due", "young", "--force", "--dry-run"]).await.expect_code(0);
        assert!(run.stdout.contains("not-due  @blue_bottle  would be refreshed  "), "{run:?}");
        assert!(run.stdout.contains("young    @blue_bottle  too young           "), "{run:?}");
    }
}

#[tokio::test]
async fn force_refreshes_early_but_respects_the_24_hour_minimum() {
    for cli in TestCli::for_each_vault().await {
        three_accounts(&cli).await;
        let before = tokens(&cli).await;
        cli.run(&["refresh", "not-due", "young", "--force"]).await.expect_code(0);
        let after = tokens(&cli).await;
        assert_eq!([0, 1, 2].map(|n| before[n] == after[n]), [true, false, true]);
        let again = cli.run(&["--json", "refresh", "--all", "--force"]).await.expect_code(0).json();
        assert_eq!((&again["refreshed"], &again["too_young"]), (&json!(1), &json!(2)));
    }
}

#[tokio::test]
async fn refresh_as_json_prints_the_report_of_the_lambda() {
    for cli in TestCli::for_each_vault().await {
        three_accounts(&cli).await;
        cli.instagram().inject_fault(faults::invalid_token(Endpoint::Refresh, 463).times(1)).await;
        let report = cli.run(&["--json", "refresh", "due"]).await.expect_code(3).json();
        let keys: BTreeSet<_> = report.as_object().unwrap().keys().map(String::as_str).collect();
        let others = ["version", "accounts", "checked", "soonest_expiry", "duration_ms", "failures"];
        assert_eq!(keys, OUTCOME_COUNTS.into_iter().chain(others).collect());
        assert_eq!((&report["accounts"], &report["login_required"]), (&json!(1), &json!(1)));
        assert_eq!(report["failures"][0]["name"], "due");
    }
}

#[tokio::test]
async fn a_failed_refresh_is_reported_with_its_reason() {
    let cli = TestCli::with_file_vault().await;
    cli.add_account("shop-de", Duration::days(30)).await;
    cli.instagram().inject_fault(faults::invalid_token(Endpoint::Refresh, 460).times(1)).await;
    let run = cli.run(&["refresh", "shop-de"]).await.expect_code(3);
    assert!(run.stdout.contains("needs a new login"), "{run:?}");
    assert!(run.stderr.contains("shop-de: The password was changed"), "{run:?}");
    assert!(run.stderr.ends_with("1 account: 1 waiting for a new login.\n"), "{run:?}");
}

#[tokio::test]
async fn an_account_that_needs_its_owner_makes_the_command_exit_with_status_3() {
    for cli in TestCli::for_each_vault().await {
        cli.add_account("shop-de", Duration::days(30)).await;
        cli.instagram().inject_fault(faults::invalid_token(Endpoint::Refresh, 459).times(1)).await;
        let run = cli.run(&["refresh", "shop-de"]).await.expect_code(3);
        assert!(run.stderr.ends_with("1 account: 1 waiting for the owner.\n"), "{run:?}");
    }
}

#[tokio::test]
async fn ctrl_c_finishes_the_refresh_in_flight_and_starts_no_new_one() {
    let cli = TestCli::with_file_vault().await.with_variables(&[("EVERTOKEN_CONCURRENCY", "1")]);
    let names = [1, 2, 3, 4, 5, 6, 7, 8, 9].map(|number| format!("shop-{number}"));
    let mut before = Vec::new();
    for name in &names {
        cli.add_account(name, Duration::days(30)).await;
        before.push(cli.document(name).await.unwrap()["access_token"].clone());
    }
    cli.instagram().inject_fault(InjectedFault::latency(Endpoint::Refresh, 1500).always()).await;
    let arguments = ["refresh", "--all", "--local", cli.dir().to_str().unwrap()];
    let mut refresh = ChildProcess::start(binaries::path("evertoken"), &arguments, &cli.environment());
    while cli.instagram().request_count("refresh").await == 0 {
        wait::briefly().await;
    }
    refresh.interrupt();
    assert_eq!(refresh.wait_for_exit().await, 3);
    assert!(!cli.dir().join("last-run.json").exists());
    let mut renewed = 0;
    for (name, before) in names.iter().zip(&before) {
        renewed += u64::from(cli.document(name).await.unwrap()["access_token"] != *before);
    }
    assert_eq!(renewed, cli.instagram().request_count("refresh").await);
    assert!((1..9).contains(&renewed), "{renewed}");
    let left = format!("9 accounts: {renewed} refreshed, {} left for the next run.", 9 - renewed);
    assert!(refresh.stderr().contains(&left), "{}", refresh.stderr());
    cli.scanner().record_log("the standard output of the refresh", &refresh.stdout());
    cli.scanner().record_log("the standard error of the refresh", &refresh.stderr());
}

#[tokio::test]
async fn a_failed_write_is_reported_and_retried() {
    let proxy = AwsProxy::start().await;
    let cli = TestCli::with_secrets_manager().await;
    cli.add_account("shop-de", Duration::days(30)).await;
    // The SDK makes four attempts.
    for _ in 0..4 {
        drop(proxy.pause_next("PutSecretValue"));
    }
    let cli = cli.with_variables(&[("AWS_ENDPOINT_URL", proxy.endpoint())]);
    let run = cli.run(&["refresh", "shop-de"]).await.expect_code(0);
    assert!(run.stderr.contains("retrying until the vault accepts the renewed token"), "{run:?}");
    assert_eq!(proxy.count("PutSecretValue"), 5);
}

#[tokio::test]
async fn an_event_that_the_bus_rejects_is_not_recorded_and_the_next_command_sends_it() {
    let proxy = AwsProxy::start().await;
    let cli = TestCli::with_secrets_manager().await.with_variables(&[("AWS_ENDPOINT_URL", proxy.endpoint())]);
    cli.add_account("shop-de", Duration::days(30)).await;
    cli.instagram().inject_fault(faults::invalid_token(Endpoint::Refresh, 460)).await;
    proxy.reject_event_entries(1);
    cli.run(&["refresh", "shop-de"]).await.expect_code(3);
    assert_eq!(cli.document("shop-de").await.unwrap()["health"].get("announced_at"), None);
    cli.run(&["refresh", "shop-de"]).await.expect_code(3);
    assert!(cli.document("shop-de").await.unwrap()["health"]["announced_at"].is_string());
    let sent: Vec<_> = proxy.events().iter().map(|event| event["DetailType"].clone()).collect();
    assert_eq!(sent, ["Login Required"]);
}

#[tokio::test]
async fn remote_refresh_invokes_the_lambda() {
    let cli = TestCli::with_secrets_manager().await;
    three_accounts(&cli).await;
    let before = tokens(&cli).await;
    let lambda = cli.deployment().refresh().await;
    // The emulator stands in for the Lambda API; its function is named `function`.
    let cli = cli.with_variables(&[("AWS_ENDPOINT_URL_LAMBDA", &lambda.endpoint())]);
    let remote = ["refresh", "--remote", "--function", "function"];
    let run = cli.run(&[&remote[..], &["--all"]].concat()).await.expect_code(0);
    // The third account is checked in one of the day's runs.
    assert!(run.stderr.starts_with("3 accounts: 1 refreshed, 1 not due, 1 younger than 24 hours."), "{run:?}");
    let run = cli.run(&[&["--json"], &remote[..], &["not-due", "--force"]].concat()).await.expect_code(0);
    assert_eq!(run.json()["refreshed"], 1);
    let after = tokens(&cli).await;
    assert_eq!([0, 1, 2].map(|n| before[n] == after[n]), [false, false, true]);
    let run = cli.run(&[&remote[..], &["nobody"]].concat()).await.expect_code(3);
    assert!(run.stderr.contains("nobody: The vault has no account with this name"), "{run:?}");
}

#[tokio::test]
async fn remote_refresh_finds_the_lambda_through_the_stack() {
    let cli = TestCli::with_secrets_manager().await;
    three_accounts(&cli).await;
    let lambda = cli.deployment().refresh().await;
    let stack = DeployedStack::new(cli.deployment(), "https://login.example.test").await;
    let cli = cli
        .with_variables(&stack.stack_only_variables())
        .with_variables(&[("AWS_ENDPOINT_URL_LAMBDA", &lambda.endpoint())]);
    let run = cli.run(&["refresh", "--remote", "--all", "--stack", &stack.name]).await.expect_code(0);
    // The third account is checked in one of the day's runs.
    assert!(run.stderr.starts_with("3 accounts: 1 refreshed, 1 not due, 1 younger than 24 hours."), "{run:?}");
    let run = cli.run(&["refresh", "--remote", "--all", "--stack", "elsewhere"]).await.expect_code(1);
    assert!(
        run.stderr.contains("there is no stack elsewhere in this region\nhint: select your stack with --stack"),
        "{run:?}"
    );
}

#[tokio::test]
async fn an_unreachable_or_failing_lambda_is_reported_with_a_hint() {
    let cli = TestCli::with_secrets_manager().await;
    let nobody = ReservedPort::new();
    let unreachable = nobody.address();
    let cli = cli.with_variables(&[("AWS_ENDPOINT_URL_LAMBDA", &format!("http://{unreachable}"))]);
    let run = cli.run(&["refresh", "--all", "--remote", "--function", "refresh"]).await.expect_code(1);
    assert!(run.stderr.contains("cannot invoke the Lambda refresh (connection)\nhint: "), "{run:?}");
    let run = cli.run(&["refresh", "--all", "--remote", "--force"]).await.expect_code(2);
    assert!(run.stderr.contains("hint: name the accounts"), "{run:?}");

    // The run fails as a whole because its vault is unreachable.
    let broken = TestCli::with_secrets_manager().await;
    let mut environment = broken.environment();
    environment.push(("AWS_ENDPOINT_URL".to_owned(), format!("http://{unreachable}")));
    let lambda = Lambda::start("refresh", binaries::path("evertoken-refresh"), &environment, broken.scanner()).await;
    let broken = broken.with_variables(&[("AWS_ENDPOINT_URL_LAMBDA", &lambda.endpoint())]);
    let run = broken.run(&["refresh", "--all", "--remote", "--function", "function"]).await.expect_code(1);
    assert!(run.stderr.contains("function failed: cannot read the accounts"), "{run:?}");
}

#[tokio::test]
async fn a_local_refresh_renews_at_most_the_configured_number_of_accounts_at_once() {
    for limit in [1, 3] {
        let cli = TestCli::with_file_vault().await;
        for number in 0..6 {
            cli.add_account(&format!("shop-{number}"), Duration::days(30)).await;
        }
        let proxy = InstagramProxy::start(cli.instagram().origin()).await;
        // Long enough for a run without a limit to start all six.
        cli.instagram().inject_fault(InjectedFault::latency(Endpoint::Refresh, 300).always()).await;
        let limit_text = limit.to_string();
        let cli = cli
            .with_variables(&[("EVERTOKEN_CONCURRENCY", limit_text.as_str()), ("EVERTOKEN_GRAPH_URL", proxy.origin())]);
        let run = cli.run(&["refresh", "--all"]).await.expect_code(0);
        assert!(run.stderr.starts_with("6 accounts: 6 refreshed."), "{run:?}");
        assert_eq!(proxy.most_concurrent_refreshes(), limit);
    }
}
