//! Rotation of the app secret, first in Evertoken and then in Meta's dashboard.

use evertoken_core::app::App;
use evertoken_sandbox::{Endpoint, Settings};
use evertoken_tests::browser_client::BrowserClient;
use evertoken_tests::faults;
use evertoken_tests::test_app::TestApp;
use serde_json::json;

#[tokio::test]
async fn logins_keep_working_during_app_secret_rotation() {
    let (app, browser) = (TestApp::start().await, BrowserClient::new());
    let old = Settings::default().app_secret;
    let link = app.link(&app.invite("shop-de"));
    // Evertoken has the new secret, and Meta still has the old one.
    app.set_app_secrets("the-new-secret", &["older-still", &old]);
    assert_eq!(browser.log_in(&app, &link, "blue_bottle").await.status, 303);
    // Meta has the new secret too.
    app.control("PATCH", "app", serde_json::json!({"app_secret": "the-new-secret"})).await;
    assert_eq!(browser.log_in(&app, &link, "blue_bottle").await.status, 303);
    // Without Meta's current secret, the login fails with a setup error.
    app.set_app_secrets("another", &[]);
    let refused = browser.log_in(&app, &link, "blue_bottle").await;
    assert_eq!((refused.status.as_u16(), refused.heading()), (500, "This service is not set up correctly"));
}

/// The secret changed at Meta between the two exchanges of one login, so the second rejects what the first accepted.
#[tokio::test]
async fn a_login_survives_a_rotation_between_its_two_exchanges() {
    let (app, browser) = (TestApp::start().await, BrowserClient::new());
    let secret = Settings::default().app_secret;
    app.set_app_secrets(&secret, &[&secret]);
    let rejected = faults::graph_error(1, 0, "Error validating client secret.");
    app.inject_fault(faults::response(Endpoint::Exchange, 400, rejected).times(1)).await;
    let page = browser.log_in(&app, &app.link(&app.invite("shop-de")), "blue_bottle").await;
    assert_eq!(page.status, 303, "{page:?}");
    assert_eq!(app.control("GET", "counters", json!({})).await["exchange"]["requests"], 2);
}

/// Facebook uses up a code with every attempt. So it rejects the code when the earlier secret is tried.
#[tokio::test]
async fn a_secret_that_facebook_rejects_is_reported_and_not_the_code_that_it_has_used_up() {
    let app = TestApp::with_variables(&[("EVERTOKEN_PROVIDER", "facebook")]).await;
    let settings = Settings::default();
    let previous = std::slice::from_ref(&settings.meta_app_secret);
    let rotated = App::new(&settings.app_id, &settings.app_secret, previous).unwrap();
    app.set_app(rotated.with_meta(&settings.meta_app_id, "0000000000000000000000000000dead").unwrap());
    let link = app.link(&app.invite("shop-de"));
    let page = BrowserClient::new().log_in_with_facebook(&app, &link, "one_page", &["100641205793101"]).await;
    assert_eq!((page.status.as_u16(), page.heading()), (500, "This service is not set up correctly"));
}
