//! `/oauth/access_token`.

use reqwest::multipart;
use serde_json::{Value, json};
use time::Duration;

use crate::running::{BASIC, COMMENTS, Running, with};

/// Checks a flat refusal.
async fn assert_refused(response: reqwest::Response, message: &str) {
    assert_eq!(response.status(), 400);
    let body: Value = response.json().await.unwrap();
    assert_eq!(body, json!({"error_type": "OAuthException", "code": 400, "error_message": message}));
}

#[tokio::test]
async fn a_code_gives_a_short_lived_token_with_an_integer_id() {
    let running = Running::start().await;
    let code = running.code(&[BASIC]).await;
    let response = running.post_exchange(&running.exchange(&code)).await;
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
async fn the_other_shapes_are_switched_on() {
    let running = Running::start().await;
    running.shape(json!({"code_answer": "data", "user_id": "string", "permissions": "string"})).await;
    let code = running.code(&[BASIC, COMMENTS]).await;
    let body: Value = running.post_exchange(&running.exchange(&code)).await.json().await.unwrap();
    let inner = &body["data"][0];
    assert_eq!(inner["user_id"], "27640875392278831");
    assert_eq!(inner["permissions"], format!("{BASIC},{COMMENTS}"));

    running.shape(json!({"permissions": "absent"})).await;
    let code = running.code(&[BASIC]).await;
    let body: Value = running.post_exchange(&running.exchange(&code)).await.json().await.unwrap();
    assert_eq!(body["data"][0].get("permissions"), None);
}

#[tokio::test]
async fn an_unticked_scope_is_missing_in_the_permissions() {
    let running = Running::start().await;
    let code = running.code(&[COMMENTS]).await;
    let body: Value = running.post_exchange(&running.exchange(&code)).await.json().await.unwrap();
    assert_eq!(body["permissions"], json!([COMMENTS]));
}

#[tokio::test]
async fn a_multipart_body_is_taken_too() {
    let running = Running::start().await;
    let code = running.code(&[BASIC]).await;
    let form = running
        .exchange(&code)
        .into_iter()
        .fold(multipart::Form::new(), |form, (name, value)| form.text(name.to_owned(), value.to_owned()));
    let url = running.url("/oauth/access_token");
    let response = running.client.post(url).multipart(form).send().await.unwrap();
    assert_eq!(response.status(), 200);
}

#[tokio::test]
async fn a_wrong_request_is_refused_and_leaves_the_code_usable() {
    let running = Running::start().await;
    let code = running.code(&[BASIC]).await;
    let followed = format!("{code}#_");
    let spaced = format!("{} ", running.app_secret);
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
    let honest = running.exchange(&code);
    for (name, value, message) in rows {
        assert_refused(running.post_exchange(&with(&honest, name, value)).await, message).await;
    }
    assert_eq!(running.post_exchange(&honest).await.status(), 200);
}

#[tokio::test]
async fn a_code_works_once() {
    let running = Running::start().await;
    let code = running.code(&[BASIC]).await;
    let honest = running.exchange(&code);
    assert_eq!(running.post_exchange(&honest).await.status(), 200);
    assert_refused(running.post_exchange(&honest).await, "This authorization code has been used").await;
}

#[tokio::test]
async fn a_code_works_for_an_hour() {
    let running = Running::start().await;
    let (young, old) = (running.code(&[BASIC]).await, running.code(&[BASIC]).await);
    running.sandbox.advance(Duration::minutes(59));
    assert_eq!(running.post_exchange(&running.exchange(&young)).await.status(), 200);
    running.sandbox.advance(Duration::minutes(1));
    let refused = running.post_exchange(&running.exchange(&old)).await;
    assert_refused(refused, "Matching code was not found or was already used").await;
}

#[tokio::test]
async fn credentials_count_in_the_body_only() {
    let running = Running::start().await;
    let code = running.code(&[BASIC]).await;
    let bare = with(&with(&running.exchange(&code), "client_id", None), "client_secret", None);
    let request = running.client.post(running.url("/oauth/access_token"));
    let basic = request.basic_auth(&running.app_id, Some(&running.app_secret)).form(&bare).send().await.unwrap();
    assert_refused(basic, "Invalid platform app").await;

    let url = running.url("/oauth/access_token");
    let query = running.client.post(&url).query(&running.exchange(&code)).send().await.unwrap();
    assert_refused(query, "Invalid platform app").await;

    let fields: serde_json::Map<_, _> =
        running.exchange(&code).into_iter().map(|(name, value)| (name.to_owned(), value.into())).collect();
    let json = running.client.post(&url).json(&fields).send().await.unwrap();
    assert_refused(json, "Invalid platform app").await;
}

#[tokio::test]
async fn get_is_no_method_here() {
    let running = Running::start().await;
    let code = running.code(&[BASIC]).await;
    assert_eq!(running.get("/oauth/access_token", &running.exchange(&code)).await.status(), 405);
}
