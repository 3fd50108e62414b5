//! A stranger starts one login and then opens its callback again and again, always with the login's first cookie.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use evertoken_core::login::TimeLimits;
use evertoken_core::vault::{FaultyVault, VaultError, VaultFaults};
use evertoken_sandbox::{Endpoint, InjectedFault};
use evertoken_tests::browser_client::BrowserClient;
use evertoken_tests::test_app::TestApp;
use serde_json::json;
use url::Url;

/// Counts the calls to the vault.
#[derive(Clone, Debug, Default)]
struct CallCount(Arc<AtomicUsize>);

impl VaultFaults for CallCount {
    async fn pass<T: Send>(&self, work: impl Future<Output = Result<T, VaultError>> + Send) -> Result<T, VaultError> {
        self.0.fetch_add(1, Ordering::SeqCst);
        work.await
    }
}

async fn app_with_counted_vault() -> (Arc<TestApp>, CallCount) {
    let calls = CallCount::default();
    let wrap = |vault| FaultyVault { vault, faults: calls.clone() };
    (Arc::new(TestApp::with_vault(&[], TimeLimits::default(), wrap).await), calls)
}

/// Starts a login, and returns its callback with a made-up code, and the login's cookie.
async fn garbage_callback(app: &TestApp) -> (Url, String) {
    let browser = BrowserClient::new();
    let started = browser.start(app, &app.link(&app.invite("shop-de"))).await;
    let state = started.location().query_pairs().find(|(name, _)| name == "state").unwrap().1.into_owned();
    let mut callback = app.url("/callback");
    callback.query_pairs_mut().append_pair("code", "garbage").append_pair("state", &state);
    (callback, browser.cookie_header())
}

async fn replay(app: &TestApp, callback: &Url, cookie: &str) -> u16 {
    app.client.get(callback.clone()).header("cookie", cookie).send().await.unwrap().status().as_u16()
}

#[tokio::test]
async fn a_thousand_replayed_callbacks_make_one_call_to_instagram_and_wait_once() {
    let (app, calls) = app_with_counted_vault().await;
    let (callback, cookie) = garbage_callback(&app).await;
    assert_eq!(replay(&app, &callback, &cookie).await, 400);
    let calls_of_one_wait = calls.0.load(Ordering::SeqCst);
    let mut replays = tokio::task::JoinSet::new();
    for _ in 0..10 {
        let (app, callback, cookie) = (Arc::clone(&app), callback.clone(), cookie.clone());
        replays.spawn(async move {
            for _ in 0..100 {
                assert_eq!(replay(&app, &callback, &cookie).await, 410);
            }
        });
    }
    replays.join_all().await;
    assert_eq!(app.instagram_request_count().await, 1);
    assert_eq!(calls.0.load(Ordering::SeqCst), calls_of_one_wait, "a replay waited or called the vault");
}

#[tokio::test]
async fn concurrent_replays_share_one_call_to_instagram() {
    let (app, calls) = app_with_counted_vault().await;
    let (callback, cookie) = garbage_callback(&app).await;
    app.inject_fault(InjectedFault::latency(Endpoint::Code, 300)).await;
    let mut replays = tokio::task::JoinSet::new();
    for _ in 0..50 {
        let (app, callback, cookie) = (Arc::clone(&app), callback.clone(), cookie.clone());
        replays.spawn(async move { replay(&app, &callback, &cookie).await });
    }
    let statuses = replays.join_all().await;
    assert_eq!(statuses.iter().filter(|status| **status == 400).count(), 1, "{statuses:?}");
    assert_eq!(app.instagram_request_count().await, 1);
    assert!(calls.0.load(Ordering::SeqCst) < 10, "more than one request waited");
}

/// A client that hangs up must not start the login over.
#[tokio::test]
async fn callbacks_that_hang_up_make_one_call_to_instagram() {
    let (app, _) = app_with_counted_vault().await;
    let browser = BrowserClient::new();
    let callback = browser.consent(&app, &app.link(&app.invite("shop-de")), "blue_bottle").await;
    app.inject_fault(InjectedFault::latency(Endpoint::Code, 300)).await;
    let request = || app.client.get(callback.clone()).header("cookie", browser.cookie_header()).send();
    let sent = tokio::spawn(request());
    while app.control("GET", "counters", json!({})).await["code"]["requests"].as_u64() != Some(1) {
        tokio::task::yield_now().await;
    }
    sent.abort();
    // The browser's second request receives the result of the first.
    assert_eq!(request().await.unwrap().status(), 303);
    assert_eq!(app.control("GET", "counters", json!({})).await["code"]["requests"], 1);
    assert!(app.document("shop-de").await.is_some());
}

#[tokio::test]
async fn replays_are_counted_as_one_failed_login() {
    let (app, _) = app_with_counted_vault().await;
    let (callback, cookie) = garbage_callback(&app).await;
    app.metrics.take();
    for _ in 0..5 {
        replay(&app, &callback, &cookie).await;
    }
    assert_eq!(app.metrics.take().len(), 1);
}

#[tokio::test]
async fn a_canceled_login_cannot_be_continued_with_its_first_cookie() {
    let (app, _) = app_with_counted_vault().await;
    let browser = BrowserClient::new();
    let callback = browser.consent(&app, &app.link(&app.invite("shop-de")), "blue_bottle").await;
    let (cookie, requests) = (browser.cookie_header(), app.instagram_request_count().await);
    let state = callback.query_pairs().find(|(name, _)| name == "state").unwrap().1.into_owned();
    let mut canceled = app.url("/callback");
    canceled.query_pairs_mut().append_pair("error", "access_denied").append_pair("state", &state);
    for _ in 0..3 {
        assert_eq!(replay(&app, &canceled, &cookie).await, 403);
    }
    assert_eq!(replay(&app, &callback, &cookie).await, 410);
    assert_eq!(app.instagram_request_count().await, requests);
}
