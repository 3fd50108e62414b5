//! Refresh runs that are killed at the worst moment.

use std::sync::Arc;

use evertoken_sandbox::Endpoint;
use evertoken_tests::aws_proxy::AwsProxy;
use evertoken_tests::deployment::Deployment;
use evertoken_tests::refresh_semantics::RefreshSemantics;
use evertoken_tests::{faults, test_refresh_semantics};
use serde_json::{Value, json};
use time::Duration;

async fn deployment(semantics: RefreshSemantics) -> (Deployment, AwsProxy) {
    let proxy = AwsProxy::start().await;
    let changed = [("AWS_ENDPOINT_URL", proxy.endpoint())];
    (Deployment::with_sandbox(semantics.settings()).await.with_variables(&changed), proxy)
}

fn kinds(events: &[Value]) -> Vec<&str> {
    events.iter().map(|event| event["DetailType"].as_str().unwrap()).collect()
}

test_refresh_semantics!(
    a_run_killed_before_its_write_is_repeated_by_the_next_run,
    an_event_lost_to_a_kill_is_sent_by_the_next_run,
);

async fn a_run_killed_before_its_write_is_repeated_by_the_next_run(semantics: RefreshSemantics) {
    let (stack, aws) = deployment(semantics).await;
    stack.add_account("shop-de", Duration::days(21)).await;
    let before = stack.current_document("shop-de").await;
    let mut paused = aws.pause_next("PutSecretValue");
    let refresh = Arc::new(stack.refresh().await);
    let killed = Arc::clone(&refresh);
    let invocation = tokio::spawn(async move { killed.invoke(&json!({})).await });
    paused.reached().await;
    assert_eq!(stack.instagram.request_count("refresh").await, 1, "the token was not refreshed before the write");
    invocation.abort();
    invocation.await.unwrap_err();
    drop(refresh);
    drop(paused);
    assert_eq!(stack.current_document("shop-de").await, before);

    let refresh = stack.refresh().await;
    let mut report = refresh.invoke(&json!({})).await;
    if semantics.ends_older_token() {
        // The only token that works is gone with the process, so the owner is asked to log in at once.
        assert_eq!(report["login_required"], 1, "{report}");
        assert_eq!(kinds(&aws.events()), ["Login Required"]);
        return;
    }
    if !semantics.replaces_token() {
        // Instagram does not refresh a token twice within 24 hours. Until then it works, so nobody is asked to act.
        assert_eq!(report["failed"], 1, "{report}");
        assert_eq!(stack.current_document("shop-de").await.1["health"]["state"], "healthy");
        stack.instagram.advance(Duration::days(1));
        report = refresh.invoke(&json!({})).await;
    }
    assert_eq!((&report["refreshed"], &report["failures"]), (&json!(1), &json!([])), "{report}");
    let (_, document) = stack.current_document("shop-de").await;
    assert_eq!(document["last_attempt"]["outcome"], "refreshed");
    assert_eq!(stack.instagram.me(document["access_token"].as_str().unwrap()).await.0, 200);
}

async fn an_event_lost_to_a_kill_is_sent_by_the_next_run(semantics: RefreshSemantics) {
    let (stack, aws) = deployment(semantics).await;
    stack.add_account("shop-de", Duration::days(21)).await;
    stack.instagram.inject_fault(faults::invalid_token(Endpoint::Refresh, 463)).await;
    let mut paused = aws.pause_next("PutEvents");
    let refresh = Arc::new(stack.refresh().await);
    let killed = Arc::clone(&refresh);
    let invocation = tokio::spawn(async move { killed.invoke(&json!({})).await });
    paused.reached().await;
    invocation.abort();
    invocation.await.unwrap_err();
    drop(refresh);
    drop(paused);
    let (_, document) = stack.current_document("shop-de").await;
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
    refresh.wait_for_log(detail["reference"].as_str().unwrap()).await;
    // Later runs do not repeat the event.
    refresh.invoke(&json!({})).await;
    assert_eq!(aws.events().len(), 1);
    assert_eq!(stack.instagram.request_count("refresh").await, 1, "an account that needs a login was refreshed");
}
