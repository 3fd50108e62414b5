//! `/oauth/access_token` with a token.

use serde_json::{Value, json};
use time::Duration;

use crate::facebook::person_sandbox::{PAGE, PersonSandbox, assert_error};
use crate::test_sandbox::{DAY, with};

async fn body(response: reqwest::Response) -> Value {
    assert_eq!(response.status(), 200);
    response.json().await.unwrap()
}

#[tokio::test]
async fn a_short_lived_token_becomes_one_for_sixty_days() {
    let facebook = PersonSandbox::start().await;
    let short = facebook.log_in(&PersonSandbox::consent("one_page", &[PAGE])).await;
    let extended = body(facebook.extend(&short).await).await;
    assert_eq!(extended["expires_in"], 60 * DAY);
    let long = extended["access_token"].as_str().unwrap();
    assert_ne!(long, short);
    facebook.sandbox.handle.advance(Duration::hours(2));
    let message = "Error validating access token: Session has expired on ";
    assert_error(facebook.extend(&short).await, 190, Some(463), message).await;
    facebook.sandbox.handle.advance(Duration::days(50));
    assert_eq!(body(facebook.extend(long).await).await["expires_in"], 60 * DAY, "another sixty days");
}

#[tokio::test]
async fn expires_in_can_be_absent_with_and_without_an_end() {
    let facebook = PersonSandbox::start().await;
    for (shape, expires) in [("absent", true), ("never", false)] {
        facebook.shape(json!({"expires_in": shape})).await;
        let short = facebook.token("one_page", "short_lived_user").await;
        let extended = body(facebook.extend(&short).await).await;
        assert_eq!(extended.get("expires_in"), None);
        let debugged = facebook.debug(extended["access_token"].as_str().unwrap()).await;
        assert_eq!(debugged["expires_at"] != 0, expires, "{debugged}");
    }
}

#[tokio::test]
async fn a_page_token_comes_back_unchanged() {
    let facebook = PersonSandbox::start().await;
    let token = facebook.token("one_page", "page").await;
    let extended = body(facebook.extend(&token).await).await;
    assert_eq!((&extended["access_token"], extended.get("expires_in")), (&json!(token), None));
}

#[tokio::test]
async fn a_dated_system_user_token_is_renewed_for_sixty_days_on_request() {
    let facebook = PersonSandbox::start().await;
    let dated = facebook.token("system_user", "system_user_60_days").await;
    let undated = facebook.token("system_user", "system_user").await;
    for (token, expires) in [(&dated, true), (&undated, false)] {
        let unchanged = body(facebook.extend(token).await).await;
        assert_eq!(unchanged["access_token"], json!(token));
        assert_eq!(unchanged.get("expires_in").is_some(), expires);
    }
    facebook.sandbox.handle.advance(Duration::days(50));
    for token in [&dated, &undated] {
        let query = with(&PersonSandbox::extension(token), "set_token_expires_in_60_days", Some("true"));
        let renewed = body(facebook.get_token(&query).await).await;
        assert_eq!(renewed["expires_in"], 60 * DAY);
        assert_ne!(renewed["access_token"], json!(token));
        assert_eq!(facebook.debug(renewed["access_token"].as_str().unwrap()).await["type"], "SYSTEM_USER");
    }
    facebook.sandbox.handle.advance(Duration::days(10));
    let query = with(&PersonSandbox::extension(&dated), "set_token_expires_in_60_days", Some("true"));
    assert_error(facebook.get_token(&query).await, 190, Some(463), "Error validating access token").await;
    assert_eq!(facebook.debug(&undated).await["is_valid"], true);
}

#[tokio::test]
async fn rejects_an_invalid_exchange() {
    let facebook = PersonSandbox::start().await;
    let token = facebook.token("one_page", "short_lived_user").await;
    let other_apps = json!({"person": "one_page", "kind": "user", "app_id": "1234567890123456"});
    let other_apps = facebook.created(other_apps).await;
    let valid = PersonSandbox::extension(&token);
    let rows = [
        ("client_id", None, 101, "Missing client_id parameter."),
        ("client_secret", Some("x"), 1, "Error validating client secret."),
        ("fb_exchange_token", None, 100, "(#100) The parameter fb_exchange_token is required"),
        ("fb_exchange_token", Some("EAAinvented"), 190, "Invalid OAuth access token"),
        ("fb_exchange_token", Some("IGAAinvented"), 190, "Invalid OAuth access token"),
        ("fb_exchange_token", Some(&other_apps), 190, "Invalid OAuth access token"),
        ("set_token_expires_in_60_days", Some("1"), 100, "(#100) Invalid parameter"),
        ("grant_type", Some("ig_exchange_token"), 100, "(#100) Invalid parameter: grant_type"),
    ];
    for (name, value, code, message) in rows {
        assert_error(facebook.get_token(&with(&valid, name, value)).await, code, None, message).await;
    }
}
