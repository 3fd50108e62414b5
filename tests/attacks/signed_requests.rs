//! Somebody has captured a request that Meta signed, and sends it again later.

use evertoken_core::app::App;
use evertoken_core::vault::AccountStore;
use evertoken_tests::browser_client::{BrowserClient, PageResponse};
use evertoken_tests::test_app::TestApp;
use serde_json::json;
use time::Duration;
use time::format_description::well_known::Rfc3339;

async fn capture(app: &TestApp) -> String {
    let signed = app.control("POST", "signed_request", json!({ "account": "blue_bottle" })).await;
    signed["signed_request"].as_str().unwrap().to_owned()
}

async fn post(app: &TestApp, path: &str, signed_request: &str) -> PageResponse {
    BrowserClient::new().send(app.client.post(app.url(path)).form(&[("signed_request", signed_request)])).await
}

async fn connect(app: &TestApp, name: &str) {
    assert_eq!(BrowserClient::new().log_in(app, &app.link(&app.invite(name)), "blue_bottle").await.status, 303);
}

#[tokio::test]
async fn a_captured_request_does_not_remove_an_account_that_was_reconnected() {
    let app = TestApp::start().await;
    connect(&app, "shop-de").await;
    let captured = capture(&app).await;
    assert_eq!(post(&app, "/deauthorize", &captured).await.status, 200);
    app.sandbox.advance(Duration::seconds(1));
    connect(&app, "shop-de").await;
    for path in ["/deauthorize", "/data-deletion"] {
        let refused = post(&app, path, &captured).await;
        assert_eq!((refused.status.as_u16(), refused.heading()), (410, "This request is outdated"), "{path}");
        assert!(app.document("shop-de").await.is_some(), "{path}");
    }
    assert_eq!(post(&app, "/deauthorize", &capture(&app).await).await.status, 200);
    assert!(app.document("shop-de").await.is_none());
}

#[tokio::test]
async fn a_request_removes_the_names_that_were_connected_before_it() {
    let app = TestApp::start().await;
    connect(&app, "shop-de").await;
    let captured = capture(&app).await;
    app.sandbox.advance(Duration::seconds(1));
    connect(&app, "shop-fr").await;
    assert_eq!(post(&app, "/data-deletion", &captured).await.status, 200);
    assert!(app.document("shop-de").await.is_none() && app.document("shop-fr").await.is_some());
}

#[tokio::test]
async fn a_previous_app_secret_signs_nothing_after_its_end() {
    let app = TestApp::start().await;
    connect(&app, "shop-de").await;
    let settings = evertoken_sandbox::Settings::default();
    let until = app.now() + Duration::days(7);
    let json = json!({"app_id": settings.app_id, "app_secret": "fedcba9876543210fedcba9876543210",
        "previous_app_secrets": [{"secret": settings.app_secret, "until": until.format(&Rfc3339).unwrap()}]});
    app.set_app(App::parse(&json.to_string()).unwrap());
    app.sandbox.advance(Duration::days(7));
    assert_eq!(post(&app, "/deauthorize", &capture(&app).await).await.status, 400);
    assert!(app.vault.get(&evertoken_tests::sample::name("shop-de")).await.unwrap().is_some());
    app.sandbox.advance(-Duration::seconds(1));
    assert_eq!(post(&app, "/deauthorize", &capture(&app).await).await.status, 200);
    assert!(app.document("shop-de").await.is_none());
}
