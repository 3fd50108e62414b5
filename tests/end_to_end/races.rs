//! Two at once: a schedule that fired twice, a login in the middle of a run.

use evertoken_tests::aws_proxy::AwsProxy;
use evertoken_tests::browser::Consent;
use evertoken_tests::deployment::Deployment;
use evertoken_tests::waiting;
use serde_json::{Value, json};
use time::Duration;

#[tokio::test]
async fn two_runs_at_once_renew_each_account_once_and_lose_none() {
    const NAMES: [&str; 5] = ["one", "two", "three", "four", "five"];
    let stack = Deployment::new().await;
    let mut before = Vec::new();
    for name in NAMES {
        stack.plant(name, Duration::days(21)).await;
        before.push(stack.staged(name, "AWSCURRENT").await.unwrap());
    }
    // Long enough for both to have read the same documents.
    stack.instagram.fault(json!({"endpoint": "refresh", "times": "always", "latency_ms": 500})).await;
    let (one, other) = tokio::join!(stack.refresh(), stack.refresh());
    let all = json!({});
    let reports = <[Value; 2]>::from(tokio::join!(one.invoke(&all), other.invoke(&all)));

    let sum = |count: &str| reports.iter().map(|report| report[count].as_u64().unwrap()).sum::<u64>();
    assert_eq!(sum("refreshed"), 5, "{reports:?}");
    assert_eq!(sum("conflicts") + sum("too_young"), 5, "{reports:?}");
    for report in &reports {
        assert_eq!((&report["accounts"], &report["failures"]), (&json!(5), &json!([])));
    }
    for (name, before) in NAMES.iter().zip(before) {
        let (version, document) = stack.current(name).await;
        assert_ne!(version, before.0);
        assert_eq!(document["last_attempt"]["outcome"], "refreshed");
        assert_eq!(stack.instagram.me(document["access_token"].as_str().unwrap()).await.0, 200);
        assert_eq!(stack.staged(name, "AWSPREVIOUS").await.unwrap(), before, "exactly one write");
    }
}

#[tokio::test]
async fn a_login_in_the_middle_of_a_run_stands_whoever_writes_first() {
    let stack = Deployment::new().await;
    stack.plant("shop-de", Duration::days(21)).await;
    let (callback, refresh) = tokio::join!(stack.callback(), stack.refresh());
    // The login's page is there already, and the renewal waits at Instagram until the login is over.
    let mut browser = stack.browser(&callback);
    let page = browser.open(&stack.invite("shop-de")).await;
    let back = browser.consent(&page, Consent::allow("blue_bottle")).await;
    stack.instagram.fault(json!({"endpoint": "refresh", "latency_ms": 2000})).await;
    let all = json!({});
    let login = async {
        while stack.instagram.requests("refresh").await == 0 {
            waiting::a_moment().await;
        }
        assert_eq!(browser.open(&back).await.status, 200);
        stack.current("shop-de").await
    };
    let (report, logged_in) = tokio::join!(refresh.invoke(&all), login);
    // On a machine too busy for the login to come first, the login has replaced the renewed document.
    let ended = ["conflicts", "refreshed"].map(|count| report[count].as_u64().unwrap());
    assert_eq!(ended.iter().sum::<u64>(), 1, "{report}");
    assert_eq!(logged_in.1["last_attempt"]["outcome"], "connected");
    assert_eq!(stack.current("shop-de").await, logged_in);
}

/// `ListSecrets` may lag by minutes, so the second request must not need it.
#[tokio::test]
async fn a_double_click_that_meets_two_instances_shows_no_fault_where_nobody_named_the_account() {
    let proxy = AwsProxy::start().await;
    let variables = [("AWS_ENDPOINT_URL", proxy.endpoint()), ("EVERTOKEN_LOGIN", "open")];
    let stack = Deployment::new().await.with_variables(&variables);
    let (one, other) = tokio::join!(stack.callback(), stack.callback());
    let mut browser = stack.browser(&one);
    let page = browser.open(&stack.page("/login")).await;
    let back = browser.consent(&page, Consent::allow("blue_bottle")).await;
    let mut again = browser.meeting(&other);
    let first = browser.get(&back).await;
    assert_eq!((first.status, first.location().unwrap().path()), (303, "/connected"));
    let listed = proxy.count("ListSecrets");

    let second = again.open(&back).await;
    assert_eq!((second.status, second.url.path()), (200, "/connected"));
    assert!(second.body.contains("@blue_bottle is connected"), "{}", second.body);
    assert_eq!(proxy.count("ListSecrets"), listed);
    assert_eq!(stack.instagram.requests("code").await, 2, "the second was refused");
    // The note is no secret that is paid for.
    let note = stack.noted_logins().await;
    assert!(matches!(note.as_slice(), [(_, true)]), "{note:?}");
}

/// Nobody waits for the reading once Instagram has refused, and no login fails for it.
#[tokio::test]
async fn a_named_account_is_read_while_instagram_answers() {
    let proxy = AwsProxy::start().await;
    let stack = Deployment::new().await.with_variables(&[("AWS_ENDPOINT_URL", proxy.endpoint())]);
    let callback = stack.callback().await;
    let mut browser = stack.browser(&callback);
    // The first one reads the app's secrets as well.
    let page = browser.open(&stack.invite("shop-de")).await;
    let back = browser.consent(&page, Consent::allow("blue_bottle")).await;
    assert_eq!(browser.open(&back).await.status, 200);

    let page = browser.open(&stack.invite("shop-de")).await;
    let back = browser.consent(&page, Consent::allow("blue_bottle")).await;
    let refusal = json!({"kind": "status", "status": 503});
    stack.instagram.fault(json!({"endpoint": "code", "latency_ms": 1000, "answer": refusal})).await;
    let mut reading = proxy.hold("GetSecretValue");
    assert_eq!(browser.open(&back).await.status, 502);
    tokio::select! {
        biased;
        () = reading.arrived() => {}
        () = std::future::ready(()) => panic!("nobody has read the account"),
    }

    // A reading ahead that fails, as often as the SDK tries, costs no login: the code would be lost.
    let page = browser.open(&stack.invite("shop-de")).await;
    let back = browser.consent(&page, Consent::allow("blue_bottle")).await;
    for _ in 0..4 {
        drop(proxy.hold("GetSecretValue"));
    }
    assert_eq!(browser.open(&back).await.status, 200);
}

#[tokio::test]
async fn a_renewed_token_that_instagram_refuses_never_takes_the_old_ones_place() {
    let mut settings = evertoken_sandbox::Settings::default();
    settings.shapes.refreshed_token = evertoken_sandbox::RefreshedToken::Dud;
    let stack = Deployment::with_instagram(settings).await;
    stack.plant("shop-de", Duration::days(21)).await;
    let (_, before) = stack.current("shop-de").await;
    let report = stack.refresh().await.invoke(&json!({})).await;
    assert_eq!((&report["failed"], &report["failures"][0]["name"]), (&json!(1), &json!("shop-de")), "{report}");
    let (_, after) = stack.current("shop-de").await;
    for kept in ["access_token", "issued_at", "expires_at", "health"] {
        assert_eq!(after[kept], before[kept], "{kept}");
    }
    assert_eq!(after["last_attempt"]["outcome"], "parked");
    assert_eq!(stack.instagram.me(after["access_token"].as_str().unwrap()).await.0, 200);
}
