//! A refresh that loses nothing: killed at the worst moment, in bad weather, and counted.

use std::io::Write;
use std::process::Command;
use std::sync::Arc;

use evertoken_tests::aws_proxy::AwsProxy;
use evertoken_tests::binaries;
use evertoken_tests::deployment::Deployment;
use evertoken_tests::waiting;
use serde_json::{Value, json};
use time::Duration;

async fn deployment() -> (Deployment, AwsProxy) {
    let proxy = AwsProxy::start().await;
    let changed = [("AWS_ENDPOINT_URL", proxy.endpoint())];
    (Deployment::new().await.with_variables(&changed), proxy)
}

fn kinds(events: &[Value]) -> Vec<&str> {
    events.iter().map(|event| event["DetailType"].as_str().unwrap()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_between_renewal_and_write_the_next_run_renews_again() {
    let (stack, aws) = deployment().await;
    stack.plant("shop-de", Duration::days(21)).await;
    let before = stack.current("shop-de").await;
    let mut held = aws.hold("PutSecretValue");
    let refresh = Arc::new(stack.refresh().await);
    let killed = Arc::clone(&refresh);
    let invocation = tokio::spawn(async move { killed.invoke(&json!({})).await });
    held.arrived().await;
    assert_eq!(stack.instagram.requests("refresh").await, 1, "renewed, and not written");
    invocation.abort();
    invocation.await.unwrap_err();
    drop(refresh);
    drop(held);
    assert_eq!(stack.current("shop-de").await, before);

    let report = stack.refresh().await.invoke(&json!({})).await;
    assert_eq!((&report["refreshed"], &report["failures"]), (&json!(1), &json!([])), "{report}");
    let (_, document) = stack.current("shop-de").await;
    assert_eq!(document["last_attempt"]["outcome"], "refreshed");
    assert_eq!(stack.instagram.me(document["access_token"].as_str().unwrap()).await.0, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_between_write_and_event_the_next_run_tells() {
    let (stack, aws) = deployment().await;
    stack.plant("shop-de", Duration::days(21)).await;
    let expired = json!({"error": {"message": "x", "type": "OAuthException", "code": 190, "error_subcode": 463}});
    let answer = json!({"kind": "status", "status": 400, "body": expired});
    stack.instagram.fault(json!({"endpoint": "refresh", "times": "always", "answer": answer})).await;
    let mut held = aws.hold("PutEvents");
    let refresh = Arc::new(stack.refresh().await);
    let killed = Arc::clone(&refresh);
    let invocation = tokio::spawn(async move { killed.invoke(&json!({})).await });
    held.arrived().await;
    invocation.abort();
    invocation.await.unwrap_err();
    drop(refresh);
    drop(held);
    let (_, document) = stack.current("shop-de").await;
    assert_eq!(document["health"]["state"], "login_required");
    assert_eq!(aws.events(), [json!(null); 0]);

    let refresh = stack.refresh().await;
    assert_eq!(refresh.invoke(&json!({})).await["login_required"], 1);
    let events = aws.events();
    assert_eq!(kinds(&events), ["Login Required"]);
    let (source, detail) = (&events[0]["Source"], &events[0]["Detail"]);
    assert_eq!((source, &detail["name"], &detail["version"]), (&json!("evertoken"), &json!("shop-de"), &json!(1)));
    assert_eq!(detail["health"], "login_required");
    let link = detail["reconnect_url"].as_str().unwrap();
    assert!(link.starts_with("https://login.example.test/login?invite="), "{link}");
    refresh.logged(detail["reference"].as_str().unwrap()).await;
    // Told once: not again at every run.
    refresh.invoke(&json!({})).await;
    assert_eq!(aws.events().len(), 1);
    assert_eq!(stack.instagram.requests("refresh").await, 1, "left alone until a login");
}

#[tokio::test]
async fn an_event_that_cannot_be_sent_costs_no_token() {
    let (stack, _) = deployment().await;
    // Nobody listens there.
    let stack = stack.with_variables(&[("AWS_ENDPOINT_URL_EVENTBRIDGE", "http://127.0.0.1:9")]);
    stack.plant("shop-de", Duration::days(21)).await;
    let refresh = stack.refresh().await;
    let report = refresh.invoke(&json!({})).await;
    assert_eq!((&report["refreshed"], &report["failures"]), (&json!(1), &json!([])), "{report}");
    refresh.logged("the event could not be sent").await;
}

#[tokio::test]
async fn a_renewed_account_costs_two_requests_and_one_write() {
    const ACCOUNTS: usize = 100;
    let (stack, aws) = deployment().await;
    for number in 0..ACCOUNTS {
        stack.plant(&format!("shop-{number}"), Duration::days(21)).await;
    }
    let stack = stack.with_parameters(&[("EventBusName", "")]);
    let report = stack.refresh().await.invoke(&json!({})).await;
    assert_eq!(report["refreshed"], ACCOUNTS, "{report}");
    let (renewed, proven) = (stack.instagram.requests("refresh").await, stack.instagram.requests("me").await);
    assert_eq!((renewed, proven), (100, 100));
    let mut calls = aws.calls();
    assert_eq!(calls.remove("PutSecretValue"), Some(ACCOUNTS));
    let reads: usize = calls.values().sum();
    assert!(reads * 10 <= ACCOUNTS, "{calls:?}");
}

/// `make bulk` in small: with ten times as many it takes some 15 MB, and may take 64.
#[test]
fn a_run_keeps_little_of_what_passes_through_it() {
    let run = Command::new(binaries::path("bulk-run")).arg("10000").output().unwrap();
    let said = String::from_utf8(run.stdout).unwrap();
    assert!(said.starts_with("10000 of 10000 accounts renewed"), "{said}");
    let peak = said.split("peak memory ").nth(1).and_then(|rest| rest.split(" kB").next()).unwrap();
    assert!(peak.parse::<u32>().unwrap() <= 24 * 1024, "{said}");
}

/// `make chaos` in small; `EVERTOKEN_CHAOS` says how many accounts.
#[tokio::test(flavor = "multi_thread")]
async fn bad_weather_on_both_sides_loses_no_token() {
    let accounts: usize = std::env::var("EVERTOKEN_CHAOS").map_or(60, |number| number.parse().unwrap());
    let (stack, aws) = deployment().await;
    for number in 0..accounts {
        stack.plant(&format!("shop-{number}"), Duration::days(21)).await;
    }
    // One in seven of AWS's answers, and each kind of Instagram's faults.
    aws.trouble_every(7);
    let faults = [
        json!({"kind": "status", "status": 503}),
        json!({"kind": "cut"}),
        json!({"kind": "wrong_json"}),
        json!({"kind": "rate_limit", "status": 403, "retry_after_seconds": 1}),
        json!({"kind": "huge", "bytes": 200_000}),
    ];
    for endpoint in ["refresh", "me"] {
        for (number, answer) in faults.iter().cycle().take(accounts / 4).enumerate() {
            let when = if number % 2 == 0 { "before" } else { "after" };
            let fault = json!({"endpoint": endpoint, "when": when, "latency_ms": number % 30, "answer": answer});
            stack.instagram.fault(fault).await;
        }
    }
    let begun = std::time::Instant::now();
    let refresh = stack.refresh().await;
    let mut runs = 0;
    let (mut refreshed, mut failed) = (0, 0);
    loop {
        runs += 1;
        let report = refresh.invoke(&json!({})).await;
        refreshed += report["refreshed"].as_u64().unwrap_or(0);
        failed += report["failed"].as_u64().unwrap_or(0);
        let waits = ["not_due", "too_young"].map(|count| report[count].as_u64().unwrap_or(0)).iter().sum::<u64>();
        if usize::try_from(waits).unwrap() == accounts {
            break;
        }
        assert!(runs < 30, "{report}");
        waiting::a_moment().await;
    }
    let calls: usize = aws.calls().values().sum();
    let figures = format!(
        "chaos: {accounts} accounts, {runs} runs, {refreshed} renewals, {failed} failures, {calls} calls of AWS, {:.1} s",
        begun.elapsed().as_secs_f64()
    );
    writeln!(std::io::stderr(), "{figures}").unwrap();
    aws.trouble_every(0);
    for number in 0..accounts {
        let (_, document) = stack.current(&format!("shop-{number}")).await;
        assert_eq!(document["health"]["state"], "healthy");
        let token = document["access_token"].as_str().unwrap();
        assert_eq!(stack.instagram.me(token).await.0, 200, "shop-{number}");
    }
}
