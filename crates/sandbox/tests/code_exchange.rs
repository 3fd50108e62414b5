//! `/oauth/access_token`.

use serde_json::{Value, json};
use time::Duration;

use crate::test_sandbox::{BASIC, COMMENTS, TestSandbox, with};

/// Asserts a flat error body with status 400.
async fn assert_rejected(response: reqwest::Response, message: &str) {
    assert_eq!(response.status(), 400);
    let body: Value = response.json().await.unwrap();
    assert_eq!(body, json!({"error_type": "OAuthException", "code": 400, "error_message": message}));
}

#[tokio::test]
async fn exchanges_a_code_for_a_short_lived_token_with_an_integer_id() {
    let sandbox = TestSandbox::start().await;
    let code = sandbox.code(&[BASIC]).await;
    let response = sandbox.post_exchange(&sandbox.exchange(&code)).await;
    assert_eq!(response.status(), 200);
    let text = response.text().await.unwrap();
    assert!(text.contains(r#""user_id":27640875392278831"#), "a bare integer above 2^53");
    let body: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(body["permissions"], json!([BASIC]));
    let token = body["access_token"].as_str().unwrap();
    assert!(token.starts_with("IGAA") && token.len() == 180);
    let keys: Vec<_> = body.as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(keys, ["access_token", "permissions", "user_id"], "neither token_type nor expires_in");
}

#[tokio::test]
async fn supports_the_other_response_formats() {
    let sandbox = TestSandbox::start().await;
    sandbox.shape(json!({"code_answer": "data", "user_id": "string", "permissions": "string"})).await;
    let code = sandbox.code(&[BASIC, COMMENTS]).await;
    let body: Value = sandbox.post_exchange(&sandbox.exchange(&code)).await.json().await.unwrap();
    let inner = &body["data"][0];
    assert_eq!(inner["user_id"], "27640875392278831");
    assert_eq!(inner["permissions"], format!("{BASIC},{COMMENTS}"));

    sandbox.shape(json!({"permissions": "absent"})).await;
    let code = sandbox.code(&[BASIC]).await;
    let body: Value = sandbox.post_exchange(&sandbox.exchange(&code)).await.json().await.unwrap();
    assert_eq!(body["data"][0].get("permissions"), None);
}

#[tokio::test]
async fn omits_a_deselected_scope_from_the_permissions() {
    let sandbox = TestSandbox::start().await;
    let code = sandbox.code(&[COMMENTS]).await;
    let body: Value = sandbox.post_exchange(&sandbox.exchange(&code)).await.json().await.unwrap();
    assert_eq!(body["permissions"], json!([COMMENTS]));
}

#[tokio::test]
async fn accepts_a_multipart_body() {
    let sandbox = TestSandbox::start().await;
    let code = sandbox.code(&[BASIC]).await;
    assert_eq!(sandbox.post_multipart(&sandbox.exchange(&code)).await.status(), 200);
}

#[tokio::test]
async fn rejects_the_encoding_that_it_is_told_to_reject() {
    let sandbox = TestSandbox::start().await;
    let code = sandbox.code(&[BASIC]).await;
    for (accepted, urlencoded, multipart) in [("multipart", 400, 200), ("urlencoded", 200, 400)] {
        sandbox.shape(json!({"code_request": accepted})).await;
        let code = sandbox.code(&[BASIC]).await;
        assert_eq!(sandbox.post_exchange(&sandbox.exchange(&code)).await.status(), urlencoded);
        let code = sandbox.code(&[BASIC]).await;
        assert_eq!(sandbox.post_multipart(&sandbox.exchange(&code)).await.status(), multipart);
    }
    sandbox.shape(json!({"code_request": "multipart"})).await;
    let message = "Error validating verification code. Please make sure your redirect_uri is identical to the one you \
                   used in the OAuth dialog request";
    assert_rejected(sandbox.post_exchange(&sandbox.exchange(&code)).await, message).await;
}

#[tokio::test]
async fn a_rejected_request_leaves_the_code_usable() {
    let sandbox = TestSandbox::start().await;
    let code = sandbox.code(&[BASIC]).await;
    let followed = format!("{code}#_");
    let spaced = format!("{} ", sandbox.app_secret);
    let mismatch = "Redirect URI doesn't match original redirect URI";
    let unknown = "Matching code was not found or was already used";
    let rows = [
        ("client_id", Some("987"), "Invalid platform app"),
        ("client_id", None, "Invalid platform app"),
        ("client_secret", Some("guess"), "Invalid platform app"),
        ("client_secret", Some(spaced.as_str()), "Invalid platform app"),
        ("client_secret", None, "Invalid platform app"),
        ("grant_type", Some("ig_exchange_token"), "Invalid grant_type"),
        ("grant_type", None, "Invalid grant_type"),
        ("redirect_uri", Some("http://127.0.0.1:9/callback/"), mismatch),
        ("redirect_uri", Some("http://127.0.0.1:9/callback?code=x"), mismatch),
        ("redirect_uri", None, "Invalid redirect_uri"),
        ("code", Some("invented"), unknown),
        ("code", Some(followed.as_str()), unknown),
        ("code", None, "You must provide a code"),
    ];
    let valid = sandbox.exchange(&code);
    for (name, value, message) in rows {
        assert_rejected(sandbox.post_exchange(&with(&valid, name, value)).await, message).await;
    }
    assert_eq!(sandbox.post_exchange(&valid).await.status(), 200);
}

#[tokio::test]
async fn a_code_works_once() {
    let sandbox = TestSandbox::start().await;
    let code = sandbox.code(&[BASIC]).await;
    let valid = sandbox.exchange(&code);
    assert_eq!(sandbox.post_exchange(&valid).await.status(), 200);
    assert_rejected(sandbox.post_exchange(&valid).await, "This authorization code has been used").await;
}

#[tokio::test]
async fn a_code_expires_after_an_hour() {
    let sandbox = TestSandbox::start().await;
    let (young, old) = (sandbox.code(&[BASIC]).await, sandbox.code(&[BASIC]).await);
    sandbox.handle.advance(Duration::minutes(59));
    assert_eq!(sandbox.post_exchange(&sandbox.exchange(&young)).await.status(), 200);
    sandbox.handle.advance(Duration::minutes(1));
    let refused = sandbox.post_exchange(&sandbox.exchange(&old)).await;
    assert_rejected(refused, "Matching code was not found or was already used").await;
}

#[tokio::test]
async fn reads_credentials_from_the_body_only() {
    let sandbox = TestSandbox::start().await;
    let code = sandbox.code(&[BASIC]).await;
    let bare = with(&with(&sandbox.exchange(&code), "client_id", None), "client_secret", None);
    let request = sandbox.client.post(sandbox.url("/oauth/access_token"));
    let basic = request.basic_auth(&sandbox.app_id, Some(&sandbox.app_secret)).form(&bare).send().await.unwrap();
    assert_rejected(basic, "Invalid platform app").await;

    let url = sandbox.url("/oauth/access_token");
    let query = sandbox.client.post(&url).query(&sandbox.exchange(&code)).send().await.unwrap();
    assert_rejected(query, "Invalid platform app").await;

    let fields: serde_json::Map<_, _> =
        sandbox.exchange(&code).into_iter().map(|(name, value)| (name.to_owned(), value.into())).collect();
    let json = sandbox.client.post(&url).json(&fields).send().await.unwrap();
    assert_rejected(json, "Invalid platform app").await;
}

#[tokio::test]
async fn rejects_get_requests() {
    let sandbox = TestSandbox::start().await;
    let code = sandbox.code(&[BASIC]).await;
    assert_eq!(sandbox.get("/oauth/access_token", &sandbox.exchange(&code)).await.status(), 405);
}
