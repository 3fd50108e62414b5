//! The events of logins and removals.

use evertoken_tests::browser_client::BrowserClient;
use evertoken_tests::test_app::TestApp;
use serde_json::{Value, json};

/// Returns the events since the last call, each as kind, account name, username and health.
async fn take_events(app: &TestApp) -> Vec<(&'static str, String, String, Value)> {
    let events = app.take_events().await;
    events
        .iter()
        .map(|event| {
            (event.kind.as_str(), event.name.clone(), event.username.clone(), event.detail()["health"].clone())
        })
        .collect()
}

async fn post(app: &TestApp, path: &str, account: &str) {
    let signed = app.control("POST", "signed_request", json!({ "account": account })).await;
    let form = [("signed_request", signed["signed_request"].as_str().unwrap())];
    let response = BrowserClient::new().send(app.client.post(app.url(path)).form(&form)).await;
    assert_eq!(response.status, 200);
}

#[tokio::test]
async fn connecting_reconnecting_and_removal_each_send_an_event_without_the_token() {
    let app = TestApp::start().await;
    let link = app.link(&app.invite("shop-de"));
    let event = |kind, user: &str, health| (kind, "shop-de".to_owned(), user.to_owned(), health);

    BrowserClient::new().log_in(&app, &link, "blue_bottle").await;
    let document = app.document("shop-de").await.unwrap();
    let events = app.take_events().await;
    assert!(!format!("{events:?} {}", events[0].detail()).contains(document.access_token.expose()));
    assert_eq!((events.len(), events[0].kind.as_str()), (1, "Account Connected"));
    assert_eq!(events[0].account_id, document.account_id.as_str());
    assert_eq!(events[0].expires_at, document.expires_at);

    BrowserClient::new().log_in(&app, &link, "blue_bottle").await;
    assert_eq!(take_events(&app).await, [event("Account Reconnected", "blue_bottle", json!("healthy"))]);

    post(&app, "/deauthorize", "blue_bottle").await;
    assert_eq!(take_events(&app).await, [event("Account Disconnected", "blue_bottle", Value::Null)]);

    BrowserClient::new().log_in(&app, &link, "blue_bottle").await;
    app.take_events().await;
    post(&app, "/data-deletion", "blue_bottle").await;
    assert_eq!(take_events(&app).await, [event("Data Deleted", "blue_bottle", Value::Null)]);
}

#[tokio::test]
async fn a_failed_login_sends_no_event() {
    let app = TestApp::start().await;
    app.control("PATCH", "accounts/blue_bottle", json!({ "role": "none" })).await;
    BrowserClient::new().log_in(&app, &app.link(&app.invite("shop-de")), "blue_bottle").await;
    assert_eq!(take_events(&app).await, []);
}
