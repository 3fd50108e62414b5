//! `/refresh_access_token`.

use serde_json::{Value, json};
use time::Duration;

use crate::test_sandbox::{ACCOUNT, BASIC, COMMENTS, DAY, TestSandbox, assert_rejected};

async fn refreshed(sandbox: &TestSandbox, token: &str) -> String {
    let response = sandbox.refresh(token).await;
    assert_eq!(response.status(), 200);
    let body: Value = response.json().await.unwrap();
    assert_eq!(body["token_type"], "bearer");
    assert_eq!(body["expires_in"], 5_184_000);
    body["access_token"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_refresh_extends_a_token_to_sixty_days_from_now() {
    let sandbox = TestSandbox::start().await;
    let old = sandbox.create_token("long", 59 * DAY).await;
    let new = refreshed(&sandbox, &old).await;
    assert_ne!(new, old);
    assert_eq!(sandbox.me(&old).await.status(), 200, "the older token stays valid");
    sandbox.handle.advance(Duration::days(59));
    assert_eq!(sandbox.me(&new).await.status(), 200);
    assert_rejected(sandbox.me(&old).await, 400, 190, Some(463), "Error validating access token:").await;
}

#[tokio::test]
async fn a_refresh_can_return_the_same_token() {
    let sandbox = TestSandbox::start().await;
    sandbox.shape(json!({"refreshed_token": "same"})).await;
    let token = sandbox.create_token("long", 59 * DAY).await;
    assert_eq!(refreshed(&sandbox, &token).await, token);
    assert_rejected(sandbox.refresh(&token).await, 400, 100, None, "Invalid request: the access token").await;
    sandbox.handle.advance(Duration::days(59));
    assert_eq!(sandbox.me(&token).await.status(), 200);
}

#[tokio::test]
async fn a_refresh_can_invalidate_the_older_token() {
    let sandbox = TestSandbox::start().await;
    sandbox.shape(json!({"older_token": "dies"})).await;
    let old = sandbox.create_token("long", 20 * DAY).await;
    let new = refreshed(&sandbox, &old).await;
    assert_rejected(sandbox.me(&old).await, 400, 190, Some(467), "Error validating access token:").await;
    assert_eq!(sandbox.me(&new).await.status(), 200);
}

#[tokio::test]
async fn a_refresh_can_return_an_invalid_token() {
    let sandbox = TestSandbox::start().await;
    sandbox.shape(json!({"refreshed_token": "dud"})).await;
    let old = sandbox.create_token("long", 20 * DAY).await;
    let dud = refreshed(&sandbox, &old).await;
    assert_rejected(sandbox.me(&dud).await, 400, 190, None, "Invalid OAuth access token").await;
    assert_eq!(sandbox.me(&old).await.status(), 200);
}

#[tokio::test]
async fn rejects_a_refresh_of_a_token_younger_than_24_hours() {
    let sandbox = TestSandbox::start().await;
    let token = sandbox.create_token("long", DAY - 60).await;
    let refused = sandbox.refresh(&token).await;
    assert_rejected(refused, 400, 100, None, "Invalid request: the access token must be at least 24 hours old").await;
    sandbox.handle.advance(Duration::seconds(60));
    let new = refreshed(&sandbox, &token).await;
    assert_rejected(sandbox.refresh(&new).await, 400, 100, None, "Invalid request: the access token").await;
}

#[tokio::test]
async fn rejects_a_token_that_cannot_be_refreshed_with_its_reason() {
    let sandbox = TestSandbox::start().await;
    let (short, expired) = (sandbox.create_token("short", 0).await, sandbox.create_token("long", 60 * DAY).await);
    let bare = json!({"account": ACCOUNT, "age_seconds": 2 * DAY, "scopes": [COMMENTS]});
    let bare = sandbox.control(reqwest::Method::POST, "/_sandbox/tokens", bare).await;
    let rows = [
        ("IGAAinvented", 190, None, "Invalid OAuth access token - Cannot parse access token"),
        (short.as_str(), 452, None, "Session key invalid."),
        (expired.as_str(), 190, Some(463), "Error validating access token: Session has expired on "),
        (bare["access_token"].as_str().unwrap(), 10, None, "(#10)"),
    ];
    for (token, code, subcode, message) in rows {
        assert_rejected(sandbox.refresh(token).await, 400, code, subcode, message).await;
    }
    let nothing = sandbox.get("/refresh_access_token", &[("grant_type", "ig_refresh_token")]).await;
    assert_rejected(nothing, 400, 2500, None, "An active access token").await;
    let wrong = sandbox.get("/refresh_access_token", &[("grant_type", "x"), ("access_token", &expired)]).await;
    assert_rejected(wrong, 400, 100, None, "Invalid parameter: grant_type").await;
}

#[tokio::test]
async fn every_endpoint_reports_the_state_of_the_account() {
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
        (json!({"role": "none"}), json!({"role": "tester"}), 100, None, "Unsupported request - method type: get"),
    ];
    let sandbox = TestSandbox::start().await;
    let (short, long) = (sandbox.create_token("short", 0).await, sandbox.create_token("long", 2 * DAY).await);
    for (change, back, code, subcode, message) in rows {
        sandbox.change_account(change).await;
        assert_rejected(sandbox.extend(&short).await, 400, code, subcode, message).await;
        assert_rejected(sandbox.refresh(&long).await, 400, code, subcode, message).await;
        assert_rejected(sandbox.me(&long).await, 400, code, subcode, message).await;
        sandbox.change_account(back).await;
        assert_eq!(sandbox.me(&long).await.status(), 200);
    }
}

#[tokio::test]
async fn a_new_login_restores_the_account_but_not_its_invalid_tokens() {
    let sandbox = TestSandbox::start().await;
    for (flag, subcode) in [("revoked", 458), ("password_changed", 460)] {
        let issued_before = sandbox.create_token("long", 2 * DAY).await;
        sandbox.change_account(json!({flag: true})).await;
        let issued_after = sandbox.create_token("long", 2 * DAY).await;
        let code = sandbox.code(&[BASIC]).await;
        let short: Value = sandbox.post_exchange(&sandbox.exchange(&code)).await.json().await.unwrap();
        let long: Value = sandbox.extend(short["access_token"].as_str().unwrap()).await.json().await.unwrap();
        // Another change must not bring the event back.
        sandbox.change_account(json!({"call_usage": {"percent": 1}})).await;
        assert_eq!(sandbox.me(long["access_token"].as_str().unwrap()).await.status(), 200, "{flag}");
        for old in [issued_before, issued_after] {
            assert_rejected(sandbox.me(&old).await, 400, 190, Some(subcode), "Error validating access token:").await;
        }
    }
}

#[tokio::test]
async fn a_login_clears_a_checkpoint_and_restores_the_old_token() {
    let sandbox = TestSandbox::start().await;
    let old = sandbox.create_token("long", 2 * DAY).await;
    sandbox.change_account(json!({"checkpointed": true})).await;
    assert_eq!(sandbox.me(&old).await.status(), 400);
    sandbox.code(&[BASIC]).await;
    assert_eq!(sandbox.me(&old).await.status(), 200);
}

#[tokio::test]
async fn the_subcode_can_be_zero_or_absent() {
    let sandbox = TestSandbox::start().await;
    let expired = sandbox.create_token("long", 61 * DAY).await;
    for (shape, subcode) in [("zero", Some(0)), ("absent", None), ("present", Some(463))] {
        sandbox.shape(json!({"error_subcode": shape})).await;
        assert_rejected(sandbox.refresh(&expired).await, 400, 190, subcode, "Error validating access token:").await;
    }
}
