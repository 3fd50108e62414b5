//! `/access_token`.

use serde_json::{Value, json};
use time::Duration;

use crate::running::{BASIC, DAY, Running, assert_refused, with};

#[tokio::test]
async fn a_short_lived_token_becomes_a_long_lived_one() {
    let running = Running::start().await;
    running.shape(json!({"long_lived_seconds": 5_183_944})).await;
    let code = running.code(&[BASIC]).await;
    let short: Value = running.post_exchange(&running.exchange(&code)).await.json().await.unwrap();
    let response = running.extend(short["access_token"].as_str().unwrap()).await;
    assert_eq!(response.status(), 200);
    let long: Value = response.json().await.unwrap();
    assert_eq!(long["token_type"], "bearer");
    assert_eq!(long["expires_in"], 5_183_944);
    let long = long["access_token"].as_str().unwrap();
    assert_ne!(long, short["access_token"]);

    running.sandbox.advance(Duration::seconds(5_183_900));
    assert_eq!(running.me(long).await.status(), 200);
    running.sandbox.advance(Duration::seconds(44));
    assert_refused(running.me(long).await, 400, 190, Some(463), "Error validating access token: Session").await;
}

#[tokio::test]
async fn a_wrong_request_is_refused() {
    let running = Running::start().await;
    let (short, long) = (running.mint("short", 0).await, running.mint("long", 2 * DAY).await);
    let expired = running.mint("short", 3600).await;
    let honest = [
        ("grant_type", "ig_exchange_token"),
        ("client_secret", running.app_secret.as_str()),
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
        let response = running.get("/access_token", &with(&honest, name, value)).await;
        assert_refused(response, 400, code, subcode, message).await;
    }
    assert_eq!(running.get("/access_token", &honest).await.status(), 200);
}

#[tokio::test]
async fn an_unaccepted_tester_is_refused_as_if_the_method_were_wrong() {
    let running = Running::start().await;
    running.change_account(json!({"role": "invited"})).await;
    let code = running.code(&[BASIC]).await;
    let short: Value = running.post_exchange(&running.exchange(&code)).await.json().await.unwrap();
    let response = running.extend(short["access_token"].as_str().unwrap()).await;
    assert_refused(response, 400, 100, None, "Unsupported request - method type: get").await;
}

#[tokio::test]
async fn a_wrong_method_is_named() {
    let running = Running::start().await;
    for path in ["/access_token", "/refresh_access_token", "/me", "/v26.0/me"] {
        let posted = running.client.post(running.url(path)).send().await.unwrap();
        assert_refused(posted, 400, 100, None, "Unsupported request - method type: post").await;
    }
}

#[tokio::test]
async fn a_head_request_does_no_work() {
    let running = Running::start().await;
    let long = running.mint("long", 2 * DAY).await;
    let query = [("grant_type", "ig_refresh_token"), ("access_token", long.as_str())];
    let head = running.client.head(running.url("/refresh_access_token")).query(&query).send().await.unwrap();
    assert_eq!(head.status(), 400);
    assert_eq!(running.counted("refresh", "ok").await, 0);
}
