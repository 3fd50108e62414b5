//! `refresh`.

use std::collections::BTreeSet;

use evertoken_tests::aws_proxy::AwsProxy;
use evertoken_tests::binaries;
use evertoken_tests::command::CommandHouse;
use evertoken_tests::deployed_stack::DeployedStack;
use evertoken_tests::report::COUNTS;
use evertoken_tests::rie::Lambda;
use serde_json::{Value, json};
use time::Duration;

/// One that is due, one that is not, and one that Instagram would find too young.
async fn three_accounts(house: &CommandHouse) {
    house.plant("due", Duration::days(30)).await;
    house.plant("not-due", Duration::days(5)).await;
    house.plant("young", Duration::hours(3)).await;
}

async fn tokens(house: &CommandHouse) -> [Value; 3] {
    let mut tokens = [const { Value::Null }; 3];
    for (token, name) in tokens.iter_mut().zip(["due", "not-due", "young"]) {
        *token = house.document(name).await.unwrap()["access_token"].clone();
    }
    tokens
}

#[tokio::test]
async fn what_is_due_is_renewed_and_nothing_else() {
    for house in CommandHouse::each().await {
        three_accounts(&house).await;
        let before = tokens(&house).await;
        let run = house.run(&["refresh", "--all"]).await.expect(0);
        let after = tokens(&house).await;
        assert_eq!([0, 1, 2].map(|n| before[n] == after[n]), [false, true, true]);
        assert!(
            run.stdout.starts_with(
                "NAME  USER          RESULT     DAYS LEFT  NEXT ATTEMPT (UTC)\ndue   @blue_bottle  refreshed  "
            ),
            "{run:?}"
        );
        assert_eq!(run.stderr, "3 accounts: 1 refreshed, 1 not due, 1 younger than 24 hours.\n");
    }
}

#[tokio::test]
async fn a_dry_run_says_what_would_be_done_and_does_nothing() {
    for house in CommandHouse::each().await {
        three_accounts(&house).await;
        let before = tokens(&house).await;
        let run = house.run(&["refresh", "--all", "--dry-run"]).await.expect(0);
        assert_eq!((tokens(&house).await, house.instagram().requests("refresh").await), (before, 0));
        assert!(run.stdout.contains("due   @blue_bottle  would be refreshed  "), "{run:?}");
        let run = house.run(&["refresh", "not-due", "young", "--force", "--dry-run"]).await.expect(0);
        assert!(run.stdout.contains("not-due  @blue_bottle  would be refreshed  "), "{run:?}");
        assert!(run.stdout.contains("young    @blue_bottle  too young             "), "{run:?}");
    }
}

#[tokio::test]
async fn force_renews_what_is_not_due_and_keeps_metas_24_hours() {
    for house in CommandHouse::each().await {
        three_accounts(&house).await;
        let before = tokens(&house).await;
        house.run(&["refresh", "not-due", "young", "--force"]).await.expect(0);
        let after = tokens(&house).await;
        assert_eq!([0, 1, 2].map(|n| before[n] == after[n]), [true, false, true]);
        let again = house.run(&["--json", "refresh", "--all", "--force"]).await.expect(0).json();
        assert_eq!((&again["refreshed"], &again["too_young"]), (&json!(1), &json!(2)));
    }
}

#[tokio::test]
async fn json_is_the_report_of_the_lambda() {
    for house in CommandHouse::each().await {
        three_accounts(&house).await;
        let refusal = json!({"error": {"message": "no", "type": "OAuthException", "code": 190, "error_subcode": 463}});
        let answer = json!({"kind": "status", "status": 400, "body": refusal});
        house.instagram().fault(json!({"endpoint": "refresh", "times": 1, "answer": answer})).await;
        let report = house.run(&["--json", "refresh", "due"]).await.expect(3).json();
        let keys: BTreeSet<_> = report.as_object().unwrap().keys().map(String::as_str).collect();
        let others = ["version", "accounts", "soonest_expiry", "duration_ms", "failures"];
        assert_eq!(keys, COUNTS.into_iter().chain(others).collect());
        assert_eq!((&report["accounts"], &report["login_required"]), (&json!(1), &json!(1)));
        assert_eq!(report["failures"][0]["name"], "due");
    }
}

#[tokio::test]
async fn what_fails_is_told_with_its_remedy() {
    let house = CommandHouse::with_files().await;
    house.plant("shop-de", Duration::days(30)).await;
    let refusal = json!({"error": {"message": "no", "type": "OAuthException", "code": 190, "error_subcode": 460}});
    let answer = json!({"kind": "status", "status": 400, "body": refusal});
    house.instagram().fault(json!({"endpoint": "refresh", "times": 1, "answer": answer})).await;
    let run = house.run(&["refresh", "shop-de"]).await.expect(3);
    assert!(run.stdout.contains("needs a new login"), "{run:?}");
    assert!(run.stderr.contains("shop-de: The password was changed"), "{run:?}");
    assert!(run.stderr.ends_with("1 account: 1 waiting for a new login.\n"), "{run:?}");
}

#[tokio::test]
async fn a_write_that_is_not_taken_is_told_at_once_and_made_again() {
    let proxy = AwsProxy::start().await;
    let house = CommandHouse::with_secrets_manager().await;
    house.plant("shop-de", Duration::days(30)).await;
    // As often as the SDK tries by itself.
    for _ in 0..4 {
        drop(proxy.hold("PutSecretValue"));
    }
    let house = house.with_variables(&[("AWS_ENDPOINT_URL", proxy.endpoint())]);
    let run = house.run(&["refresh", "shop-de"]).await.expect(0);
    assert!(run.stderr.contains("retrying until the vault accepts the renewed token"), "{run:?}");
    assert_eq!(proxy.count("PutSecretValue"), 5);
}

#[tokio::test]
async fn the_lambda_does_it_where_it_is_asked_to() {
    let house = CommandHouse::with_secrets_manager().await;
    three_accounts(&house).await;
    let before = tokens(&house).await;
    let lambda = house.deployment().refresh().await;
    // The emulator is the Lambda service, for a function of this name.
    let house = house.with_variables(&[("AWS_ENDPOINT_URL_LAMBDA", &lambda.endpoint())]);
    let remote = ["refresh", "--remote", "--function", "function"];
    let run = house.run(&[&remote[..], &["--all"]].concat()).await.expect(0);
    assert_eq!(run.stderr, "3 accounts: 1 refreshed, 1 not due, 1 younger than 24 hours.\n");
    let run = house.run(&[&["--json"], &remote[..], &["not-due", "--force"]].concat()).await.expect(0);
    assert_eq!(run.json()["refreshed"], 1);
    let after = tokens(&house).await;
    assert_eq!([0, 1, 2].map(|n| before[n] == after[n]), [false, false, true]);
    let run = house.run(&[&remote[..], &["nobody"]].concat()).await.expect(3);
    assert!(run.stderr.contains("nobody: The vault has no account with this name"), "{run:?}");
}

#[tokio::test]
async fn the_stack_says_which_lambda_it_is() {
    let house = CommandHouse::with_secrets_manager().await;
    three_accounts(&house).await;
    let lambda = house.deployment().refresh().await;
    let stack = DeployedStack::of(house.deployment(), "https://login.example.test").await;
    let house = house.with_variables(&stack.alone()).with_variables(&[("AWS_ENDPOINT_URL_LAMBDA", &lambda.endpoint())]);
    let run = house.run(&["refresh", "--remote", "--all", "--stack", &stack.name]).await.expect(0);
    assert_eq!(run.stderr, "3 accounts: 1 refreshed, 1 not due, 1 younger than 24 hours.\n");
    let run = house.run(&["refresh", "--remote", "--all", "--stack", "elsewhere"]).await.expect(1);
    assert!(run.stderr.contains("there is no stack elsewhere in this region\nhint: select your stack with --stack"), "{run:?}");
}

#[tokio::test]
async fn a_lambda_that_fails_or_is_not_there_is_told_with_a_remedy() {
    let house = CommandHouse::with_secrets_manager().await;
    let nobody = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let house = house.with_variables(&[("AWS_ENDPOINT_URL_LAMBDA", &format!("http://{nobody}"))]);
    let run = house.run(&["refresh", "--all", "--remote", "--function", "refresh"]).await.expect(1);
    assert!(run.stderr.contains("cannot invoke the Lambda refresh (connection)\nhint: "), "{run:?}");
    let run = house.run(&["refresh", "--all", "--remote", "--force"]).await.expect(2);
    assert!(run.stderr.contains("hint: name the accounts"), "{run:?}");

    // Its vault does not answer: the run as a whole fails.
    let broken = CommandHouse::with_secrets_manager().await;
    let mut environment = broken.environment();
    environment.push(("AWS_ENDPOINT_URL".to_owned(), format!("http://{nobody}")));
    let lambda = Lambda::start("refresh", binaries::path("evertoken-refresh"), &environment, broken.leaks()).await;
    let broken = broken.with_variables(&[("AWS_ENDPOINT_URL_LAMBDA", &lambda.endpoint())]);
    let run = broken.run(&["refresh", "--all", "--remote", "--function", "function"]).await.expect(1);
    assert!(run.stderr.contains("function failed: cannot read the accounts"), "{run:?}");
}
