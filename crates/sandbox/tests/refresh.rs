//! `/refresh_access_token`.

use serde_json::{Value, json};
use time::Duration;

use crate::running::{ACCOUNT, BASIC, COMMENTS, DAY, Running, assert_refused};

async fn refreshed(running: &Running, token: &str) -> String {
    let response = running.refresh(token).await;
    assert_eq!(response.status(), 200);
    let body: Value = response.json().await.unwrap();
    assert_eq!(body["token_type"], "bearer");
    assert_eq!(body["expires_in"], 5_184_000);
    body["access_token"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_refresh_gives_sixty_days_from_now_without_any_secret() {
    let running = Running::start().await;
    let old = running.mint("long", 59 * DAY).await;
    let new = refreshed(&running, &old).await;
    assert_ne!(new, old);
    assert_eq!(running.me(&old).await.status(), 200, "the older token stays valid");
    running.sandbox.advance(Duration::days(59));
    assert_eq!(running.me(&new).await.status(), 200);
    assert_refused(running.me(&old).await, 400, 190, Some(463), "Error validating access token:").await;
}

#[tokio::test]
async fn a_refresh_can_keep_the_string() {
    let running = Running::start().await;
    running.shape(json!({"refreshed_token": "same"})).await;
    let token = running.mint("long", 59 * DAY).await;
    assert_eq!(refreshed(&running, &token).await, token);
    running.sandbox.advance(Duration::days(59));
    assert_eq!(running.me(&token).await.status(), 200);
}

#[tokio::test]
async fn a_refresh_can_end_the_older_token() {
    let running = Running::start().await;
    running.shape(json!({"older_token": "dies"})).await;
    let old = running.mint("long", 20 * DAY).await;
    let new = refreshed(&running, &old).await;
    assert_refused(running.me(&old).await, 400, 190, Some(467), "Error validating access token:").await;
    assert_eq!(running.me(&new).await.status(), 200);
}

#[tokio::test]
async fn a_refresh_can_give_a_dud() {
    let running = Running::start().await;
    running.shape(json!({"refreshed_token": "dud"})).await;
    let old = running.mint("long", 20 * DAY).await;
    let dud = refreshed(&running, &old).await;
    assert_refused(running.me(&dud).await, 400, 190, None, "Invalid OAuth access token").await;
    assert_eq!(running.me(&old).await.status(), 200);
}

#[tokio::test]
async fn a_token_is_refreshed_from_twenty_four_hours_on() {
    let running = Running::start().await;
    let token = running.mint("long", DAY - 60).await;
    let refused = running.refresh(&token).await;
    assert_refused(refused, 400, 100, None, "Invalid request: the access token must be at least 24 hours old").await;
    running.sandbox.advance(Duration::seconds(60));
    let new = refreshed(&running, &token).await;
    assert_refused(running.refresh(&new).await, 400, 100, None, "Invalid request: the access token").await;
}

#[tokio::test]
async fn a_token_that_cannot_be_refreshed_is_refused_for_its_reason() {
    let running = Running::start().await;
    let (short, expired) = (running.mint("short", 0).await, running.mint("long", 60 * DAY).await);
    let bare = json!({"account": ACCOUNT, "age_seconds": 2 * DAY, "scopes": [COMMENTS]});
    let bare = running.control(reqwest::Method::POST, "/_sandbox/tokens", bare).await;
    let rows = [
        ("IGAAinvented", 190, None, "Invalid OAuth access token - Cannot parse access token"),
        (short.as_str(), 452, None, "Session key invalid."),
        (expired.as_str(), 190, Some(463), "Error validating access token: Session has expired on "),
        (bare["access_token"].as_str().unwrap(), 10, None, "(#10)"),
    ];
    for (token, code, subcode, message) in rows {
        assert_refused(running.refresh(token).await, 400, code, subcode, message).await;
    }
    let nothing = running.get("/refresh_access_token", &[("grant_type", "ig_refresh_token")]).await;
    assert_refused(nothing, 400, 2500, None, "An active access token").await;
    let wrong = running.get("/refresh_access_token", &[("grant_type", "x"), ("access_token", &expired)]).await;
    assert_refused(wrong, 400, 100, None, "Invalid parameter: grant_type").await;
}

#[tokio::test]
async fn what_has_happened_to_an_account_is_told_on_every_endpoint() {
    let checkpoint =
        "You cannot access the app till you log in to www.instagram.com and follow the instructions given.";
    let password = "Error validating access token: The session has been invalidated because the user changed their";
    let rows = [
        (
            json!({"revoked": true}),
            json!({"revoked": false}),
            190,
            Some(458),
            "Error validating access token: The user",
        ),
        (json!({"password_changed": true}), json!({"password_changed": false}), 190, Some(460), password),
        (json!({"checkpointed": true}), json!({"checkpointed": false}), 190, Some(459), checkpoint),
        (json!({"role": "invited"}), json!({"role": "tester"}), 100, None, "Unsupported request - method type: get"),
    ];
    let running = Running::start().await;
    let (short, long) = (running.mint("short", 0).await, running.mint("long", 2 * DAY).await);
    for (change, back, code, subcode, message) in rows {
        running.change_account(change).await;
        assert_refused(running.extend(&short).await, 400, code, subcode, message).await;
        assert_refused(running.refresh(&long).await, 400, code, subcode, message).await;
        assert_refused(running.me(&long).await, 400, code, subcode, message).await;
        running.change_account(back).await;
        assert_eq!(running.me(&long).await.status(), 200);
    }
}

#[tokio::test]
async fn a_new_login_heals_the_account_and_not_its_dead_tokens() {
    let running = Running::start().await;
    let old = running.mint("long", 2 * DAY).await;
    running.change_account(json!({"revoked": true})).await;
    let code = running.code(&[BASIC]).await;
    let short: Value = running.post_exchange(&running.exchange(&code)).await.json().await.unwrap();
    assert_eq!(running.extend(short["access_token"].as_str().unwrap()).await.status(), 200);
    assert_refused(running.me(&old).await, 400, 190, Some(458), "Error validating access token:").await;
}

#[tokio::test]
async fn a_login_clears_a_checkpoint_and_the_old_token_works_again() {
    let running = Running::start().await;
    let old = running.mint("long", 2 * DAY).await;
    running.change_account(json!({"checkpointed": true})).await;
    assert_eq!(running.me(&old).await.status(), 400);
    running.code(&[BASIC]).await;
    assert_eq!(running.me(&old).await.status(), 200);
}

#[tokio::test]
async fn the_subcode_can_be_zero_or_absent() {
    let running = Running::start().await;
    let expired = running.mint("long", 61 * DAY).await;
    for (shape, subcode) in [("zero", Some(0)), ("absent", None), ("present", Some(463))] {
        running.shape(json!({"error_subcode": shape})).await;
        assert_refused(running.refresh(&expired).await, 400, 190, subcode, "Error validating access token:").await;
    }
}
