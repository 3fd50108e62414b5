//! `/oauth/access_token` with a code.

use serde_json::{Value, json};
use time::Duration;

use crate::facebook::person_sandbox::{APP_ID, PAGE, PersonSandbox, assert_error};
use crate::test_sandbox::{REDIRECT_URI, with};

async fn code(facebook: &PersonSandbox) -> String {
    facebook.code(&PersonSandbox::consent("one_page", &[PAGE])).await
}

#[tokio::test]
async fn a_code_gives_a_short_lived_user_token_by_get_and_by_post() {
    let facebook = PersonSandbox::start().await;
    for is_post in [false, true] {
        let code = code(&facebook).await;
        let params = PersonSandbox::exchange(&code);
        let response = if is_post {
            let url = facebook.sandbox.url("/v26.0/oauth/access_token");
            facebook.sandbox.client.post(url).form(&params).send().await.unwrap()
        } else {
            facebook.get_token(&params).await
        };
        assert_eq!(response.status(), 200);
        let body: Value = response.json().await.unwrap();
        assert!(body["access_token"].as_str().unwrap().starts_with("EAA"), "{body}");
        assert_eq!((&body["token_type"], &body["expires_in"]), (&json!("bearer"), &json!(5400)));
        assert_eq!(body.as_object().unwrap().len(), 3, "{body}");
    }
}

#[tokio::test]
async fn a_code_can_give_a_long_lived_token_at_once() {
    let facebook = PersonSandbox::start().await;
    facebook.shape(json!({"code_token": "long"})).await;
    let body: Value = facebook.get_token(&PersonSandbox::exchange(&code(&facebook).await)).await.json().await.unwrap();
    assert_eq!(body["expires_in"], 5_184_000);
}

#[tokio::test]
async fn a_failed_exchange_uses_the_code_up() {
    let facebook = PersonSandbox::start().await;
    let identical = "Error validating verification code. Please make sure your redirect_uri is identical";
    let later = "http://127.0.0.1:9/callback?refresh=1";
    let rows = [
        ("client_id", None, 101, None, "Missing client_id parameter."),
        ("client_id", Some("1234567890123456"), 101, None, "Error validating application."),
        ("client_secret", None, 1, None, "Error validating client secret."),
        ("client_secret", Some("0123456789abcdef0123456789abcdef"), 1, None, "Error validating client secret."),
        ("redirect_uri", None, 191, None, "Missing redirect_uri parameter."),
        ("redirect_uri", Some(later), 100, Some(36008), identical),
    ];
    for (name, value, number, subcode, message) in rows {
        let code = code(&facebook).await;
        let valid = PersonSandbox::exchange(&code);
        assert_error(facebook.get_token(&with(&valid, name, value)).await, number, subcode, message).await;
        let used = "This authorization code has been used.";
        assert_error(facebook.get_token(&valid).await, 100, Some(36009), used).await;
    }
}

#[tokio::test]
async fn rejects_a_code_that_is_unknown_used_expired_or_missing() {
    let facebook = PersonSandbox::start().await;
    let (used, old) = (code(&facebook).await, code(&facebook).await);
    assert_eq!(facebook.get_token(&PersonSandbox::exchange(&used)).await.status(), 200);
    let unknown = facebook.get_token(&PersonSandbox::exchange("AQinvented")).await;
    assert_error(unknown, 100, Some(36007), "Invalid verification code format.").await;
    let missing = with(&PersonSandbox::exchange(&used), "code", None);
    assert_error(facebook.get_token(&missing).await, 1, None, "Missing authorization code").await;
    let wrong = with(&PersonSandbox::exchange(&old), "grant_type", Some("password"));
    assert_error(facebook.get_token(&wrong).await, 100, None, "(#100) Invalid parameter: grant_type").await;
    facebook.sandbox.handle.advance(Duration::minutes(10));
    let expired = facebook.get_token(&PersonSandbox::exchange(&old)).await;
    assert_error(expired, 100, Some(36007), "This authorization code has expired.").await;
    let used = facebook.get_token(&PersonSandbox::exchange(&used)).await;
    assert_error(used, 100, Some(36009), "This authorization code has been used.").await;
}

#[tokio::test]
async fn a_code_of_one_host_is_unknown_to_the_other() {
    let facebook = PersonSandbox::start().await;
    let code = code(&facebook).await;
    let form = facebook.sandbox.exchange(&code);
    assert_eq!(facebook.sandbox.post_exchange(&form).await.status(), 400);
    let instagrams = facebook.sandbox.code(&[crate::test_sandbox::BASIC]).await;
    let exchanged = facebook.get_token(&PersonSandbox::exchange(&instagrams)).await;
    assert_error(exchanged, 100, Some(36007), "Invalid verification code format.").await;
    assert_eq!(facebook.get_token(&PersonSandbox::exchange(&code)).await.status(), 200);
}

#[tokio::test]
async fn rejects_an_expired_version_and_other_methods() {
    let facebook = PersonSandbox::start().await;
    let query = [("client_id", APP_ID), ("redirect_uri", REDIRECT_URI)];
    for path in ["/v20.0/oauth/access_token", "/v99.0/oauth/access_token", "/26/oauth/access_token"] {
        let response = facebook.sandbox.get(path, &query).await;
        assert_eq!(response.status(), 500, "{path}");
        let body: Value = response.json().await.unwrap();
        assert_eq!(body["error"]["code"], 2500, "{path}");
    }
    let url = facebook.sandbox.url("/v26.0/oauth/access_token");
    let put = facebook.sandbox.client.put(url).send().await.unwrap();
    assert_error(put, 100, Some(33), "Unsupported put request.").await;
}
