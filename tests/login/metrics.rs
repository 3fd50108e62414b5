//! The metrics of logins.

use evertoken_core::metrics::Metric;
use evertoken_sandbox::Endpoint;
use evertoken_tests::browser_client::BrowserClient;
use evertoken_tests::faults;
use evertoken_tests::test_app::TestApp;

/// Returns how many logins were started, completed and failed since the last call.
fn counted(app: &TestApp) -> [usize; 3] {
    let measured = app.metrics.take();
    assert!(measured.iter().all(|one| one.value == 1), "{measured:?}");
    [Metric::LoginsStarted, Metric::LoginsCompleted, Metric::LoginsFailed]
        .map(|metric| measured.iter().filter(|one| one.metric == metric).count())
}

#[tokio::test]
async fn repeated_requests_count_as_one_login() {
    let (app, browser) = (TestApp::start().await, BrowserClient::new());
    let callback = browser.consent(&app, &app.link(&app.invite("shop-de")), "blue_bottle").await;
    assert_eq!(counted(&app), [1, 0, 0]);
    let cookies = browser.cookie_header();
    let again = app.client.get(callback.clone()).header("cookie", cookies);
    browser.open(&app, &callback).await;
    // A reload, which sends the receipt, and a double click, which sends the login cookie again.
    browser.open(&app, &callback).await;
    assert_eq!(again.send().await.unwrap().status(), 303);
    assert_eq!(counted(&app), [0, 1, 0]);
}

#[tokio::test]
async fn a_failed_or_canceled_login_is_counted_once() {
    let (app, browser) = (TestApp::start().await, BrowserClient::new());
    let link = app.link(&app.invite("shop-de"));
    let callback = browser.consent(&app, &link, "blue_bottle").await;
    app.inject_fault(faults::service_unavailable(Endpoint::Exchange)).await;
    assert!(browser.open(&app, &callback).await.status.is_server_error());
    assert_eq!(browser.open(&app, &callback).await.status, 410, "a reload");
    assert_eq!(counted(&app), [1, 0, 1]);

    let redirect = browser.start(&app, &link).await;
    let canceled = browser.submit_consent(&app, &redirect.location(), "blue_bottle", "cancel", None).await;
    assert_eq!(browser.open(&app, &canceled).await.status, 403);
    assert_eq!(browser.open(&app, &canceled).await.status, 403, "a reload");
    assert_eq!(counted(&app), [1, 0, 1]);
}

#[tokio::test]
async fn invalid_requests_are_not_counted_as_logins() {
    let (app, browser) = (TestApp::start().await, BrowserClient::new());
    let callback = browser.consent(&app, &app.link(&app.invite("shop-de")), "blue_bottle").await;
    counted(&app);
    assert_eq!(BrowserClient::new().open(&app, &callback).await.status, 403, "another browser");
    for path in ["/login", "/login?invite=x", "/callback", "/callback?code=x&state=y", "/callback?error=access_denied"]
    {
        BrowserClient::new().open(&app, &app.url(path)).await;
    }
    assert_eq!(counted(&app), [0, 0, 0]);
}
