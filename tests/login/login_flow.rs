//! The login flow: success, repetition, concurrency and expiry.

use std::sync::Arc;

use evertoken_core::invite::Invite;
use evertoken_core::vault::AccountIndex;
use evertoken_sandbox::{Endpoint, InjectedFault};
use evertoken_tests::browser_client::BrowserClient;
use evertoken_tests::test_app::TestApp;
use evertoken_tests::{faults, wait};
use serde_json::json;
use time::Duration;
use time::format_description::well_known::Rfc3339;
use url::Url;

const BLUE_BOTTLE: &str = "17841405793187218";

#[tokio::test]
async fn a_login_stores_the_account_and_shows_a_page_without_the_token() {
    let (app, browser) = (TestApp::start().await, BrowserClient::new());
    let link = app.link(&app.invite("shop-de"));
    let done = browser.log_in(&app, &link, "blue_bottle").await;
    assert_eq!(done.status, 303);
    let connected = browser.open(&app, &done.location()).await;
    assert_eq!((connected.status.as_u16(), connected.heading()), (200, "@blue_bottle is connected"));
    let document = app.document("shop-de").await.unwrap();
    assert_eq!(document.account_id.as_str(), BLUE_BOTTLE);
    let expires_at = document.expires_at.unwrap().format(&Rfc3339).unwrap();
    for part in ["The connection is renewed automatically", &format!("<time datetime=\"{expires_at}\">")] {
        assert!(connected.text.contains(part), "no {part}: {}", connected.text);
    }
    assert!(!connected.text.contains(document.access_token.expose()) && !connected.text.contains("IGAA"));
}

#[tokio::test]
async fn concurrent_logins_in_several_tabs_all_complete() {
    let (app, browser) = (TestApp::start().await, BrowserClient::new());
    let links = ["one", "two", "three"].map(|name| app.link(&app.invite(name)));
    let mut callbacks = Vec::new();
    for (link, account) in links.iter().zip(["blue_bottle", "corner_bakery", "maya.makes"]) {
        callbacks.push(browser.consent(&app, link, account).await);
    }
    for callback in callbacks.iter().rev() {
        assert_eq!(browser.open(&app, callback).await.status, 303);
    }
    for name in ["one", "two", "three"] {
        assert!(app.document(name).await.is_some(), "{name}");
    }
}

#[tokio::test]
async fn reload_and_back_show_the_connected_account_without_calling_instagram() {
    let (app, browser) = (TestApp::start().await, BrowserClient::new());
    let callback = browser.consent(&app, &app.link(&app.invite("shop-de")), "blue_bottle").await;
    browser.open(&app, &callback).await;
    let requests = app.instagram_request_count().await;
    // Before and after the login's ten minutes have passed.
    for _ in 0..2 {
        let again = browser.open(&app, &callback).await;
        assert_eq!(again.status, 303);
        assert_eq!(browser.open(&app, &again.location()).await.heading(), "@blue_bottle is connected");
        app.sandbox.advance(Duration::minutes(15));
    }
    assert_eq!(app.instagram_request_count().await, requests);
}

#[tokio::test]
async fn head_and_prefetch_requests_do_not_consume_the_code() {
    let (app, browser) = (TestApp::start().await, BrowserClient::new());
    let callback = browser.consent(&app, &app.link(&app.invite("shop-de")), "blue_bottle").await;
    let requests = app.instagram_request_count().await;
    assert_eq!(browser.send(app.client.head(callback.clone())).await.status, 204);
    for (name, value) in [
        ("sec-purpose", "prefetch;prerender"),
        ("sec-purpose", "prerender"),
        ("purpose", "prefetch"),
        ("x-purpose", "preview"),
        ("x-moz", "prefetch"),
    ] {
        assert_eq!(browser.send(app.client.get(callback.clone()).header(name, value)).await.status, 204);
    }
    assert_eq!(app.instagram_request_count().await, requests);
    assert_eq!(browser.open(&app, &callback).await.status, 303);
}

/// Sends a second callback request while the first one waits for Instagram.
async fn assert_double_click_succeeds(link: impl Fn(&TestApp) -> Url) {
    let app = Arc::new(TestApp::with_variables(&[("EVERTOKEN_LOGIN", "open")]).await);
    let browser = Arc::new(BrowserClient::new());
    let callback = browser.consent(&app, &link(&app), "blue_bottle").await;
    app.inject_fault(InjectedFault::latency(Endpoint::Exchange, 2000)).await;
    let first = tokio::spawn({
        let (app, browser, callback) = (Arc::clone(&app), Arc::clone(&browser), callback.clone());
        async move { browser.open(&app, &callback).await }
    });
    while app.control("GET", "counters", json!({})).await["code"]["requests"].as_u64() != Some(1) {
        wait::briefly().await;
    }
    let second = browser.open(&app, &callback).await;
    assert_eq!(second.status, 303, "{second:?}");
    assert_eq!(browser.open(&app, &second.location()).await.heading(), "@blue_bottle is connected");
    assert_eq!(first.await.unwrap().status, 303);
    let counters = app.control("GET", "counters", json!({})).await;
    assert_eq!(counters["code"]["requests"], 1, "the second called Instagram too: {counters}");
}

#[tokio::test]
async fn a_double_click_on_allow_succeeds() {
    assert_double_click_succeeds(|app| app.link(&app.invite("shop-de"))).await;
}

#[tokio::test]
async fn a_double_click_on_allow_succeeds_without_an_account_name() {
    assert_double_click_succeeds(|app| app.url("/login")).await;
}

#[tokio::test]
async fn used_foreign_expired_tampered_and_missing_logins_each_have_an_error_page() {
    let (app, browser) = (TestApp::start().await, BrowserClient::new());
    let link = app.link(&app.invite("shop-de"));

    app.inject_fault(faults::service_unavailable(Endpoint::Me)).await;
    let callback = browser.consent(&app, &link, "blue_bottle").await;
    assert_eq!(browser.open(&app, &callback).await.status, 502);
    let used = browser.open(&app, &callback).await;
    assert_eq!((used.status.as_u16(), used.heading()), (410, "This login has already ended"));
    assert!(used.text.contains("/login?invite="), "{}", used.text);

    let callback = browser.consent(&app, &link, "blue_bottle").await;
    let requests = app.instagram_request_count().await;
    let foreign = BrowserClient::new().open(&app, &callback).await;
    assert_eq!((foreign.status.as_u16(), foreign.heading()), (403, "This login was not started in this browser"));

    let absent = browser.open(&app, &app.url("/callback?code=x")).await;
    assert_eq!((absent.status.as_u16(), absent.heading()), (400, "This page cannot be opened directly"));

    let tampered: Url = callback.as_str().replacen("state=", "state=A", 1).parse().unwrap();
    let tampered = browser.open(&app, &tampered).await;
    assert_eq!((tampered.status.as_u16(), tampered.heading()), (400, "This login cannot be continued"));

    app.sandbox.advance(Duration::minutes(10));
    let late = browser.open(&app, &callback).await;
    assert_eq!((late.status.as_u16(), late.heading()), (410, "This login took too long"));
    assert_eq!(app.instagram_request_count().await, requests);
    assert!(app.document("shop-de").await.is_none());
}

#[tokio::test]
async fn a_login_may_take_nine_minutes() {
    let (app, browser) = (TestApp::start().await, BrowserClient::new());
    let callback = browser.consent(&app, &app.link(&app.invite("shop-de")), "blue_bottle").await;
    app.sandbox.advance(Duration::minutes(9));
    assert_eq!(browser.open(&app, &callback).await.status, 303);
}

#[tokio::test]
async fn a_receipt_cannot_be_used_for_another_login() {
    let (app, browser) = (TestApp::start().await, BrowserClient::new());
    let link = app.link(&app.invite("shop-de"));
    browser.log_in(&app, &link, "blue_bottle").await;
    let receipt = browser.cookie_header().split_once('=').unwrap().1.to_owned();
    let other_browser = BrowserClient::new();
    let callback = other_browser.consent(&app, &link, "corner_bakery").await;
    let name = other_browser.cookie_header().split_once('=').unwrap().0.to_owned();
    let planted = app.client.get(callback).header("cookie", format!("{name}={receipt}")).send().await.unwrap();
    assert_eq!(planted.status(), 403);
}

#[tokio::test]
async fn a_login_without_a_name_keeps_the_existing_name() {
    let (app, browser) = (TestApp::with_variables(&[("EVERTOKEN_LOGIN", "open")]).await, BrowserClient::new());
    browser.log_in(&app, &app.link(&app.invite("shop-de")), "blue_bottle").await;
    app.sandbox.advance(Duration::days(1));
    browser.log_in(&app, &app.url("/login"), "blue_bottle").await;
    let before = app.now();
    let nameless = Invite::new(before + Duration::days(1));
    browser.log_in(&app, &app.link(&nameless), "blue_bottle").await;
    let accounts = app.vault.find(&BLUE_BOTTLE.parse().unwrap()).await.unwrap().accounts;
    let names: Vec<_> = accounts.iter().map(|account| account.document.name.as_str()).collect();
    assert_eq!(names, ["shop-de"]);
    assert!(accounts[0].document.connected_at >= before);
}

/// The first request used the code and failed, so nothing was stored since the login started.
#[tokio::test]
async fn a_second_click_after_a_failed_login_does_not_show_the_older_account_as_connected() {
    let (app, browser) = (Arc::new(TestApp::start().await), Arc::new(BrowserClient::new()));
    let link = app.link(&app.invite("shop-de"));
    browser.log_in(&app, &link, "blue_bottle").await;
    let before = app.document("shop-de").await;
    app.sandbox.advance(Duration::days(1));
    let callback = browser.consent(&app, &link, "blue_bottle").await;
    let fault = InjectedFault { latency_ms: 500, ..faults::service_unavailable(Endpoint::Exchange) };
    app.inject_fault(fault.times(10)).await;
    let first = tokio::spawn({
        let (app, browser, callback) = (Arc::clone(&app), Arc::clone(&browser), callback.clone());
        async move { browser.open(&app, &callback).await }
    });
    while app.control("GET", "counters", json!({})).await["exchange"]["requests"].as_u64() != Some(2) {
        tokio::task::yield_now().await;
    }
    let second = browser.open(&app, &callback).await;
    assert_eq!(first.await.unwrap().status, 502);
    assert_eq!(second.status, 410, "{second:?}");
    assert_eq!(app.document("shop-de").await, before);
}
