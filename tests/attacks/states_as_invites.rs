//! A stranger sees a login's `state`, in a browser history or a screenshot, but does not have the login's cookie.

use evertoken_core::invite::Invite;
use evertoken_core::metrics::Metric;
use evertoken_core::signing::SigningKeys;
use evertoken_sandbox::Endpoint;
use evertoken_tests::browser_client::BrowserClient;
use evertoken_tests::faults;
use evertoken_tests::test_app::{SIGNING_KEY, TestApp};
use time::Duration;
use url::Url;

/// Every callback that a state leads to without its code.
fn callbacks(app: &TestApp, callback: &Url) -> [Url; 3] {
    let state = callback.query_pairs().find(|(name, _)| name == "state").unwrap().1.into_owned();
    let mut canceled = app.url("/callback");
    canceled.query_pairs_mut().append_pair("error", "access_denied").append_pair("state", &state);
    let mut garbage = app.url("/callback");
    garbage.query_pairs_mut().append_pair("code", "garbage").append_pair("state", &state);
    [callback.clone(), canceled, garbage]
}

#[tokio::test]
async fn a_state_without_its_cookie_gives_no_invite() {
    let app = TestApp::start().await;
    let invite = Invite { replace: true, ..app.invite("shop-de") };
    let callback = BrowserClient::new().consent(&app, &app.link(&invite), "blue_bottle").await;
    for expired in [false, true] {
        if expired {
            app.sandbox.advance(Duration::minutes(11));
        }
        for callback in callbacks(&app, &callback) {
            let page = BrowserClient::new().open(&app, &callback).await;
            assert!(page.status.is_client_error() && !page.text.contains("/login?invite="), "{page:?}");
        }
    }
}

#[tokio::test]
async fn a_state_without_its_cookie_does_not_end_the_login() {
    let (app, browser) = (TestApp::start().await, BrowserClient::new());
    let callback = browser.consent(&app, &app.link(&app.invite("shop-de")), "blue_bottle").await;
    let canceled = callbacks(&app, &callback)[1].clone();
    assert_eq!(BrowserClient::new().open(&app, &canceled).await.status, 403);
    assert_eq!(browser.open(&app, &callback).await.status, 303);
    let measured = app.metrics.take();
    assert!(measured.iter().all(|one| one.metric != Metric::LoginsFailed), "{measured:?}");
}

#[tokio::test]
async fn the_browser_that_started_a_login_gets_its_own_invite_back() {
    let (app, browser) = (TestApp::start().await, BrowserClient::new());
    let note = Some("For Anna".to_owned());
    let link = app.link(&Invite { note, ..app.invite("shop-de") });
    let mut noted = link.clone();
    noted.query_pairs_mut().append_pair("noted", "1");
    app.inject_fault(faults::service_unavailable(Endpoint::Me)).await;
    let callback = browser.consent(&app, &link, "blue_bottle").await;
    // The first request fails, and the others are reloads.
    for _ in 0..3 {
        assert_eq!(browser.open(&app, &callback).await.button(), Some(noted.clone()));
    }
    let canceled = callbacks(&app, &browser.consent(&app, &link, "blue_bottle").await)[1].clone();
    for _ in 0..2 {
        assert_eq!(browser.open(&app, &canceled).await.button(), Some(noted.clone()));
    }
}

/// The link that the service gave out used to be signed with the newest key.
#[tokio::test]
async fn an_invite_of_a_leaked_key_does_not_outlive_the_key() {
    let (app, browser) = (TestApp::start().await, BrowserClient::new());
    let leaked = "a-leaked-signing-key-0123456789-abcdef";
    app.set_signing_keys(&[SIGNING_KEY, leaked]);
    let forged = SigningKeys::parse(leaked).unwrap().sign(&app.invite("shop-de"));
    let link = evertoken_core::invite::link(&app.public_url, &forged);
    let page = {
        app.inject_fault(faults::service_unavailable(Endpoint::Me)).await;
        browser.log_in(&app, &link, "blue_bottle").await
    };
    let restart = page.button().unwrap();
    app.set_signing_keys(&[SIGNING_KEY]);
    assert_eq!(browser.open(&app, &restart).await.status, 403, "the link was signed with the newest key");

    // An open callback page no longer offers the link either.
    app.set_signing_keys(&[SIGNING_KEY, leaked]);
    let callback = browser.consent(&app, &link, "blue_bottle").await;
    app.set_signing_keys(&[SIGNING_KEY]);
    let canceled = callbacks(&app, &callback)[1].clone();
    assert_eq!(browser.open(&app, &canceled).await.button(), None);
}

#[tokio::test]
async fn an_expired_invite_is_not_offered_again() {
    let (app, browser) = (TestApp::start().await, BrowserClient::new());
    let link = app.link(&Invite { name: None, ..Invite::new(app.now() + Duration::minutes(5)) });
    let callback = browser.consent(&app, &link, "blue_bottle").await;
    app.sandbox.advance(Duration::minutes(6));
    let canceled = callbacks(&app, &callback)[1].clone();
    assert_eq!(browser.open(&app, &canceled).await.button(), None);
}

#[tokio::test]
async fn an_open_login_can_be_started_again_by_anyone() {
    let variables = [("EVERTOKEN_LOGIN", "open"), ("EVERTOKEN_RETURN_URLS", "https://shop.example.com")];
    let app = TestApp::with_variables(&variables).await;
    for path in ["/login", "/login?return_to=https%3A%2F%2Fshop.example.com%2Fsettings"] {
        let callback = BrowserClient::new().consent(&app, &app.url(path), "blue_bottle").await;
        let page = BrowserClient::new().open(&app, &callback).await;
        assert_eq!(page.button(), Some(app.url(path)));
    }
}
