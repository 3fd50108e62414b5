//! Concurrent runs, logins and duplicate requests.

use evertoken_sandbox::{Endpoint, InjectedFault};
use evertoken_tests::aws_proxy::AwsProxy;
use evertoken_tests::browser::Consent;
use evertoken_tests::deployment::Deployment;
use evertoken_tests::refresh_semantics::RefreshSemantics;
use evertoken_tests::{faults, test_refresh_semantics, wait};
use serde_json::{Value, json};
use time::Duration;

test_refresh_semantics!(two_concurrent_runs_leave_each_account_with_the_token_that_works);

async fn two_concurrent_runs_leave_each_account_with_the_token_that_works(semantics: RefreshSemantics) {
    const NAMES: [&str; 5] = ["one", "two", "three", "four", "five"];
    let stack = Deployment::with_sandbox(semantics.settings()).await;
    let mut before = Vec::new();
    for name in NAMES {
        stack.add_account(name, Duration::days(21)).await;
        before.push(stack.secret_version(name, "AWSCURRENT").await.unwrap());
    }
    // Long enough for both runs to read the same documents.
    stack.instagram.inject_fault(InjectedFault::latency(Endpoint::Refresh, 500).always()).await;
    let (one, other) = tokio::join!(stack.refresh(), stack.refresh());
    let all = json!({});
    let reports = <[Value; 2]>::from(tokio::join!(one.invoke(&all), other.invoke(&all)));

    let sum = |count: &str| reports.iter().map(|report| report[count].as_u64().unwrap()).sum::<u64>();
    assert_eq!(sum("refreshed"), 5, "{reports:?}");
    // The second refresh of a token succeeds only if the first one leaves it as it was.
    let both_succeed = semantics == RefreshSemantics::NEW_TOKEN_OLDER_STAYS;
    if both_succeed {
        assert_eq!(sum("conflicts") + sum("too_young"), 5, "{reports:?}");
        assert!(reports.iter().all(|report| report["failures"] == json!([])), "{reports:?}");
    }
    for (name, before) in NAMES.iter().zip(before) {
        let (version, document) = stack.current_document(name).await;
        assert_ne!(version, before.0);
        assert_eq!(
            (&document["last_attempt"]["outcome"], &document["health"]["state"]),
            (&json!("refreshed"), &json!("healthy"))
        );
        assert_eq!(stack.instagram.me(document["access_token"].as_str().unwrap()).await.0, 200);
        if both_succeed {
            let previous = stack.secret_version(name, "AWSPREVIOUS").await.unwrap();
            assert_eq!(previous, before, "{name} was written more than once");
        }
    }
}

test_refresh_semantics!(a_login_during_a_run_is_never_overwritten);

async fn a_login_during_a_run_is_never_overwritten(semantics: RefreshSemantics) {
    let stack = Deployment::with_sandbox(semantics.settings()).await;
    stack.add_account("shop-de", Duration::days(21)).await;
    let (callback, refresh) = tokio::join!(stack.callback(), stack.refresh());
    // The person has already given consent, and the refresh request takes longer than the rest of the login.
    let mut browser = stack.browser(&callback);
    let page = browser.open(&stack.invite_link("shop-de")).await;
    let callback_url = browser.consent(&page, Consent::allow("blue_bottle")).await;
    stack.instagram.inject_fault(InjectedFault::latency(Endpoint::Refresh, 2000)).await;
    let all = json!({});
    let login = async {
        while stack.instagram.request_count("refresh").await == 0 {
            wait::briefly().await;
        }
        assert_eq!(browser.open(&callback_url).await.status, 200);
        stack.current_document("shop-de").await
    };
    let (report, logged_in) = tokio::join!(refresh.invoke(&all), login);
    // On a busy machine the refresh may finish first; then the login has replaced the refreshed document.
    let outcomes = ["conflicts", "refreshed"].map(|count| report[count].as_u64().unwrap());
    assert_eq!(outcomes.iter().sum::<u64>(), 1, "{report}");
    assert_eq!(logged_in.1["last_attempt"]["outcome"], "connected");
    assert_eq!(stack.current_document("shop-de").await, logged_in);
}

/// `ListSecrets` may lag by minutes, so the second request must not depend on it.
#[tokio::test]
async fn a_double_click_across_two_instances_succeeds_without_an_account_name() {
    let proxy = AwsProxy::start().await;
    let variables = [("AWS_ENDPOINT_URL", proxy.endpoint()), ("EVERTOKEN_LOGIN", "open")];
    let stack = Deployment::new().await.with_variables(&variables);
    let (one, other) = tokio::join!(stack.callback(), stack.callback());
    let mut browser = stack.browser(&one);
    let page = browser.open(&stack.page_url("/login")).await;
    let callback_url = browser.consent(&page, Consent::allow("blue_bottle")).await;
    let mut again = browser.served_by(&other);
    let first = browser.get(&callback_url).await;
    assert_eq!((first.status, first.location().unwrap().path()), (303, "/connected"));
    let listed = proxy.count("ListSecrets");

    let second = again.open(&callback_url).await;
    assert_eq!((second.status, second.url.path()), (200, "/connected"));
    assert!(second.body.contains("@blue_bottle is connected"), "{}", second.body);
    assert_eq!(proxy.count("ListSecrets"), listed);
    assert_eq!(stack.instagram.request_count("code").await, 2, "Instagram did not reject a second exchange");
    // AWS does not bill a secret that is scheduled for deletion.
    let records = stack.login_records().await;
    assert!(matches!(records.as_slice(), [(_, true)]), "{records:?}");
}

/// Only a used code means that another request may be about to store the account.
#[tokio::test]
async fn a_login_that_fails_does_not_wait_for_another_request() {
    let proxy = AwsProxy::start().await;
    let variables = [("AWS_ENDPOINT_URL", proxy.endpoint()), ("EVERTOKEN_LOGIN", "open")];
    let stack = Deployment::new().await.with_variables(&variables);
    let callback = stack.callback().await;
    let mut browser = stack.browser(&callback);
    let page = browser.open(&stack.page_url("/login")).await;
    let callback_url = browser.consent(&page, Consent::allow("blue_bottle")).await;
    stack.instagram.inject_fault(faults::service_unavailable(Endpoint::Code).times(10)).await;
    let calls = proxy.calls();
    assert_eq!(browser.open(&callback_url).await.status, 502);
    assert_eq!(proxy.calls(), calls);
}

/// The read neither delays a login that Instagram rejects nor makes a login fail.
#[tokio::test]
async fn a_login_reads_the_named_account_while_waiting_for_instagram() {
    let proxy = AwsProxy::start().await;
    let stack = Deployment::new().await.with_variables(&[("AWS_ENDPOINT_URL", proxy.endpoint())]);
    let callback = stack.callback().await;
    let mut browser = stack.browser(&callback);
    // The first login also reads the app credentials.
    let page = browser.open(&stack.invite_link("shop-de")).await;
    let callback_url = browser.consent(&page, Consent::allow("blue_bottle")).await;
    assert_eq!(browser.open(&callback_url).await.status, 200);

    let page = browser.open(&stack.invite_link("shop-de")).await;
    let callback_url = browser.consent(&page, Consent::allow("blue_bottle")).await;
    let fault = InjectedFault { latency_ms: 3000, ..faults::service_unavailable(Endpoint::Code) };
    stack.instagram.inject_fault(fault).await;
    let mut read = proxy.pause_next("GetSecretValue");
    assert_eq!(browser.open(&callback_url).await.status, 502);
    tokio::select! {
        biased;
        () = read.reached() => {}
        () = std::future::ready(()) => panic!("the login did not read the account"),
    }

    // The login succeeds even if the early read fails on each of the SDK's attempts; otherwise the code would be lost.
    let page = browser.open(&stack.invite_link("shop-de")).await;
    let callback_url = browser.consent(&page, Consent::allow("blue_bottle")).await;
    for _ in 0..4 {
        drop(proxy.pause_next("GetSecretValue"));
    }
    assert_eq!(browser.open(&callback_url).await.status, 200);
}

#[tokio::test]
async fn a_refreshed_token_that_instagram_rejects_never_replaces_the_old_one() {
    let mut settings = evertoken_sandbox::Settings::default();
    settings.shapes.refreshed_token = evertoken_sandbox::RefreshedToken::Dud;
    let stack = Deployment::with_sandbox(settings).await;
    stack.add_account("shop-de", Duration::days(21)).await;
    let (_, before) = stack.current_document("shop-de").await;
    let report = stack.refresh().await.invoke(&json!({})).await;
    assert_eq!((&report["failed"], &report["failures"][0]["name"]), (&json!(1), &json!("shop-de")), "{report}");
    let (_, after) = stack.current_document("shop-de").await;
    for kept in ["access_token", "issued_at", "expires_at", "health"] {
        assert_eq!(after[kept], before[kept], "{kept}");
    }
    assert_eq!(after["last_attempt"]["outcome"], "parked");
    assert_eq!(stack.instagram.me(after["access_token"].as_str().unwrap()).await.0, 200);
}
