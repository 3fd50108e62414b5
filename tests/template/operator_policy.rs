//! `infra/operator-policy.json` allows what the command calls in daily work, on one stack.

use std::collections::BTreeSet;

use evertoken_tests::deployed_stack::DeployedStack;
use evertoken_tests::deployment::Deployment;
use evertoken_tests::feed_function::FeedFunction;
use evertoken_tests::operator_proxy::OperatorProxy;
use evertoken_tests::permissions::{Call, Grant, of_statements};
use evertoken_tests::test_cli::TestCli;
use evertoken_tests::workspace;
use serde_json::Value;
use time::Duration;

/// Every command of daily work, with the calls it made.
async fn work() -> (String, BTreeSet<Call>) {
    let cli = TestCli::with_deployment(Deployment::new().await.with_parameters(&[("Feed", "on")]));
    cli.add_account("due", Duration::days(21)).await;
    cli.add_account("old", Duration::days(5)).await;
    let refresh = cli.deployment().refresh().await;
    let feed = FeedFunction::start(cli.deployment()).await;
    let stack = DeployedStack::new(cli.deployment(), "https://login.example.test").await;
    let aws = OperatorProxy::start(&stack, &refresh, &feed.lambda).await;
    let cli = cli
        .with_variables(&stack.stack_only_variables())
        .with_variables(&[("AWS_ENDPOINT_URL", aws.endpoint()), ("EVERTOKEN_STACK", &stack.name)])
        .with_variables(&[("EVERTOKEN_EVENT_BUS", "")]);
    for command in [
        &["list"][..],
        &["show", "due"],
        &["refresh", "--all"],
        &["refresh", "--all", "--remote"],
        &["feed", "enable", "due", "--posts", "1"],
        &["feed", "list"],
        &["feed", "show", "due"],
        &["feed", "refresh", "due"],
        &["feed", "embed", "due"],
        &["remove", "old", "--yes"],
    ] {
        cli.run(command).await.expect_code(0);
    }
    cli.run_without_scan(&["invite", "--name", "due"], "").await.expect_code(0);
    cli.run_without_scan(&["token", "due"], "").await.expect_code(0);
    // The pages are unreachable; all that asks AWS is fine.
    let findings = cli.run(&["--json", "doctor"]).await.expect_code(3).json();
    let unchecked = |finding: &&Value| finding["text"].as_str().unwrap().contains("not checked");
    assert_eq!(findings.as_array().unwrap().iter().filter(unchecked).count(), 0, "{findings:#}");
    let feeds: Vec<_> = findings.as_array().unwrap().iter().filter(|finding| finding["group"] == "feeds").collect();
    assert_eq!(feeds.len(), 1, "{findings:#}");
    cli.run(&["feed", "disable", "due"]).await.expect_code(0);
    let folder = tempfile::TempDir::new().unwrap();
    let file = folder.path().join("accounts.json");
    cli.run(&["export", file.to_str().unwrap()]).await.expect_code(0);
    // A new account, and one that replaces a removed one.
    for name in ["new", "old"] {
        let token = cli.instagram().token("blue_bottle", Duration::days(5)).await;
        cli.run_with_stdin(&["import", name], &token).await.expect_code(0);
    }
    let mut calls = aws.calls();
    calls.extend(work_with_packs(&stack.name).await);
    (stack.name.clone(), calls)
}

/// The same for a stack in the packed layout, as if it had this name.
async fn work_with_packs(name: &str) -> BTreeSet<Call> {
    let deployment = Deployment::new().await.with_packs().await.with_parameters(&[("Feed", "on")]);
    let cli = TestCli::with_deployment(deployment);
    for account in ["one", "two", "three"] {
        cli.add_account(account, Duration::days(5)).await;
    }
    let refresh = cli.deployment().refresh().await;
    let feed = FeedFunction::start(cli.deployment()).await;
    let stack = DeployedStack::new(cli.deployment(), "https://login.example.test").await;
    let aws = OperatorProxy::start(&stack, &refresh, &feed.lambda).await;
    let cli = cli.with_variables(&[("AWS_ENDPOINT_URL", aws.endpoint())]);
    for command in [
        &["pack", "one"][..],
        &["pack", "--all"],
        &["pack", "--check"],
        &["unpack", "one"],
        &["reindex"],
        &["list"],
        &["remove", "two", "--yes"],
        &["remove", "three", "--yes", "--for-good"],
    ] {
        cli.run(command).await.expect_code(0);
    }
    let here = |call: Call| {
        let table = format!("table/{name}-Packed-1A2B3C4D-Index-1A2B3C4D");
        let resource = call.resource.replace(&format!("table/{}", cli.deployment().index_table()), &table);
        Call { resource: resource.replace(&stack.name, name), ..call }
    };
    aws.calls().into_iter().map(here).collect()
}

fn policy(stack: &str) -> BTreeSet<Grant> {
    let text = std::fs::read_to_string(workspace::root().join("infra/operator-policy.json")).unwrap();
    let policy: Value = serde_json::from_str(&text.replace("evertoken", stack)).unwrap();
    of_statements(policy["Statement"].as_array().unwrap())
}

#[tokio::test]
async fn the_operators_policy_allows_exactly_what_the_command_calls() {
    let (stack, calls) = work().await;
    let granted = policy(&stack);
    let denied: Vec<_> = calls.iter().filter(|call| !granted.iter().any(|grant| grant.allows(call))).collect();
    assert!(denied.is_empty(), "called but not allowed: {denied:#?}");
    let service = |arn: &str| arn.split(':').nth(2).map(ToOwned::to_owned);
    // One statement combines actions and resources of several services.
    let applies =
        |grant: &&Grant| grant.resource == "*" || service(&grant.resource).as_deref() == grant.action.split(':').next();
    let unused: Vec<_> =
        granted.iter().filter(applies).filter(|grant| !calls.iter().any(|call| grant.allows(call))).collect();
    assert!(unused.is_empty(), "allowed but never called: {unused:#?}");
}

#[tokio::test]
async fn the_operators_policy_is_limited_to_one_stack() {
    let (stack, calls) = work().await;
    let granted = policy(&stack);
    let mut checked = 0;
    for call in calls.iter().filter(|call| call.resource != "*") {
        let elsewhere = Call { resource: call.resource.replace(&stack, "other"), ..call.clone() };
        assert_ne!(elsewhere.resource, call.resource);
        assert!(!granted.iter().any(|grant| grant.allows(&elsewhere)), "{elsewhere:?}");
        checked += 1;
    }
    assert!(checked > 10, "{calls:#?}");
}

#[test]
fn the_operators_policy_has_no_wildcard_action_and_no_wildcard_resource_except_for_searches() {
    for grant in policy("evertoken") {
        assert!(!grant.action.contains('*'), "{grant:?}");
        let searches = ["secretsmanager:BatchGetSecretValue", "secretsmanager:ListSecrets"];
        assert!(grant.resource != "*" || searches.contains(&grant.action.as_str()), "{grant:?}");
    }
}
