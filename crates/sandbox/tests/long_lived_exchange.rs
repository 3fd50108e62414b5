//! `/access_token`.

use serde_json::{Value, json};
use time::Duration;

use crate::test_sandbox::{BASIC, DAY, TestSandbox, assert_rejected, with};

#[tokio::test]
async fn exchanges_a_short_lived_token_for_a_long_lived_one() {
    let sandbox = TestSandbox::start().await;
    sandbox.shape(json!({"long_lived_seconds": 5_183_944})).await;
    let code = sandbox.code(&[BASIC]).await;
    let short: Value = sandbox.post_exchange(&sandbox.exchange(&code)).await.json().await.unwrap();
    let response = sandbox.extend(short["access_token"].as_str().unwrap()).await;
    assert_eq!(response.status(), 200);
    let long: Value = response.json().await.unwrap();
    assert_eq!(long["token_type"], "bearer");
    assert_eq!(long["expires_in"], 5_183_944);
    let long = long["access_token"].as_str().unwrap();
    assert_ne!(long, short["access_token"]);

    sandbox.handle.advance(Duration::seconds(5_183_900));
    assert_eq!(sandbox.me(long).await.status(), 200);
    sandbox.handle.advance(Duration::seconds(44));
    assert_rejected(sandbox.me(long).await, 400, 190, Some(463), "Error validating access token: Session").await;
}

#[tokio::test]
async fn rejects_an_invalid_request() {
    let sandbox = TestSandbox::start().await;
    let (short, long) = (sandbox.create_token("short", 0).await, sandbox.create_token("long", 2 * DAY).await);
    let expired = sandbox.create_token("short", 3600).await;
    let valid = [
        ("grant_type", "ig_exchange_token"),
        ("client_secret", sandbox.app_secret.as_str()),
        ("access_token", short.as_str()),
    ];
    let expired_words = "Error validating access token: Session has expired on ";
    let rows = [
        ("grant_type", None, 100, None, "Invalid parameter: grant_type"),
        ("grant_type", Some("fb_exchange_token"), 100, None, "Invalid parameter: grant_type"),
        ("client_secret", None, 1, None, "Error validating client secret."),
        ("client_secret", Some("guess"), 1, None, "Error validating client secret."),
        ("access_token", None, 2500, None, "An active access token must be used"),
        ("access_token", Some("IGAAinvented"), 190, None, "Invalid OAuth access token - Cannot parse access token"),
        ("access_token", Some(expired.as_str()), 190, Some(463), expired_words),
        ("access_token", Some(long.as_str()), 452, None, "Session key invalid."),
    ];
    for (name, value, code, subcode, message) in rows {
        let response = sandbox.get("/access_token", &with(&valid, name, value)).await;
        assert_rejected(response, 400, code, subcode, message).await;
    }
    assert_eq!(sandbox.get("/access_token", &valid).await.status(), 200);
}

#[tokio::test]
async fn rejects_an_unaccepted_tester_as_an_unsupported_method() {
    let sandbox = TestSandbox::start().await;
    sandbox.change_account(json!({"role": "invited"})).await;
    let code = sandbox.code(&[BASIC]).await;
    let short: Value = sandbox.post_exchange(&sandbox.exchange(&code)).await.json().await.unwrap();
    let response = sandbox.extend(short["access_token"].as_str().unwrap()).await;
    assert_rejected(response, 400, 100, None, "Unsupported request - method type: get").await;
}

#[tokio::test]
async fn names_an_unsupported_method() {
    let sandbox = TestSandbox::start().await;
    for path in ["/access_token", "/refresh_access_token", "/me", "/v26.0/me"] {
        let posted = sandbox.client.post(sandbox.url(path)).send().await.unwrap();
        assert_rejected(posted, 400, 100, None, "Unsupported request - method type: post").await;
    }
}

#[tokio::test]
async fn a_head_request_has_no_effect() {
    let sandbox = TestSandbox::start().await;
    let long = sandbox.create_token("long", 2 * DAY).await;
    let query = [("grant_type", "ig_refresh_token"), ("access_token", long.as_str())];
    let head = sandbox.client.head(sandbox.url("/refresh_access_token")).query(&query).send().await.unwrap();
    assert_eq!(head.status(), 400);
    assert_eq!(sandbox.counted("refresh", "ok").await, 0);
}
