//! `/oauth/authorize`.

use serde_json::json;

use crate::test_sandbox::{ACCOUNT, BASIC, COMMENTS, REDIRECT_URI, TestSandbox, value_of, with};

fn request(sandbox: &TestSandbox) -> Vec<(&str, &str)> {
    vec![
        ("client_id", &sandbox.app_id),
        ("redirect_uri", REDIRECT_URI),
        ("response_type", "code"),
        ("scope", BASIC),
        ("state", "\"><b>"),
    ]
}

#[tokio::test]
async fn the_consent_page_identifies_the_sandbox_and_loads_no_external_resources() {
    let sandbox = TestSandbox::start().await;
    let response = sandbox.get("/oauth/authorize", &request(&sandbox)).await;
    assert_eq!(response.status(), 200);
    assert_eq!(response.headers()["cache-control"], "no-store");
    let page = response.text().await.unwrap();
    assert!(page.contains("Evertoken sandbox - not Instagram"));
    for account in [ACCOUNT, "corner_bakery", "maya.makes"] {
        assert!(page.contains(&format!(r#"name="account" value="{account}""#)), "{account}");
    }
    assert!(page.contains(&format!(r#"name="grant" value="{BASIC}" checked"#)));
    assert!(page.contains(r#"name="state" value="&#34;&#62;&#60;b&#62;""#), "{page}");
    for foreign in ["<script", "<link", "src=", "@import", "url("] {
        assert!(!page.contains(foreign), "{foreign}");
    }
}

#[tokio::test]
async fn accepts_any_value_of_the_optional_parameters() {
    let sandbox = TestSandbox::start().await;
    for (name, value) in [
        ("enable_fb_login", "0"),
        ("enable_fb_login", "false"),
        ("force_reauth", "true"),
        ("force_authentication", "1"),
        ("hide_fb_login", "1"),
        ("scope", "instagram_business_basic instagram_business_manage_comments"),
        ("scope", "instagram_business_basic,instagram_business_manage_comments"),
    ] {
        let query = with(&request(&sandbox), name, Some(value));
        assert_eq!(sandbox.get("/oauth/authorize", &query).await.status(), 200, "{name}={value}");
    }
}

#[tokio::test]
async fn an_invalid_request_shows_an_error_page_without_a_redirect() {
    let sandbox = TestSandbox::start().await;
    let rows = [
        ("client_id", Some("987"), "Invalid platform app"),
        ("client_id", None, "Invalid platform app"),
        ("redirect_uri", Some("http://127.0.0.1:9/callback/"), "Invalid redirect_uri"),
        ("redirect_uri", Some("http://127.0.0.1:9/Callback"), "Invalid redirect_uri"),
        ("redirect_uri", None, "Invalid redirect_uri"),
        ("response_type", Some("token"), "Invalid response_type"),
        ("response_type", None, "Invalid response_type"),
        ("scope", Some("user_profile,user_media"), "Invalid scope: user_profile"),
        ("scope", Some("instagram_business_basic,business_basic"), "Invalid scope: business_basic"),
        ("scope", Some(COMMENTS), "Invalid scope: instagram_business_basic is missing"),
        ("scope", None, "Invalid scope: instagram_business_basic is missing"),
    ];
    for (name, value, message) in rows {
        let query = with(&request(&sandbox), name, value);
        let response = sandbox.get("/oauth/authorize", &query).await;
        assert_eq!(response.status(), 400, "{name}={value:?}");
        assert!(response.text().await.unwrap().contains(message), "{name}={value:?}");

        let form = with(&sandbox.consent(BASIC, "allow"), name, value);
        let posted = sandbox.client.post(sandbox.url("/oauth/authorize")).form(&form).send().await.unwrap();
        assert_eq!(posted.status(), 400, "{name}={value:?}");
        assert!(posted.text().await.unwrap().contains(message), "{name}={value:?}");
    }
}

#[tokio::test]
async fn rejects_a_decision_that_the_page_cannot_submit() {
    let sandbox = TestSandbox::start().await;
    for (name, value) in [("decision", None), ("decision", Some("maybe")), ("account", None), ("account", Some("x"))] {
        let form = with(&sandbox.consent(BASIC, "allow"), name, value);
        let posted = sandbox.client.post(sandbox.url("/oauth/authorize")).form(&form).send().await.unwrap();
        assert_eq!(posted.status(), 400, "{name}={value:?}");
    }
}

#[tokio::test]
async fn allow_redirects_with_a_code_the_state_and_instagrams_fragment() {
    let sandbox = TestSandbox::start().await;
    let back = sandbox.decide(&sandbox.consent(BASIC, "allow")).await;
    assert!(back.as_str().starts_with("http://127.0.0.1:9/callback?code="));
    assert_eq!(back.fragment(), Some("_"));
    assert_eq!(value_of(&back, "state").unwrap(), "s t&te");
    assert!(value_of(&back, "code").unwrap().len() > 150);
}

#[tokio::test]
async fn cancel_redirects_with_instagrams_error() {
    let sandbox = TestSandbox::start().await;
    let back = sandbox.decide(&sandbox.consent(BASIC, "cancel")).await;
    assert_eq!(
        back.as_str(),
        "http://127.0.0.1:9/callback?error=access_denied&error_reason=user_denied\
         &error_description=The+user+denied+your+request&state=s+t%26te"
    );
}

#[tokio::test]
async fn an_account_without_a_role_redirects_with_insufficient_developer_role() {
    let sandbox = TestSandbox::start().await;
    sandbox.change_account(json!({"role": "none"})).await;
    let back = sandbox.decide(&sandbox.consent(BASIC, "allow")).await;
    assert_eq!(value_of(&back, "error").unwrap(), "access_denied");
    assert_eq!(value_of(&back, "error_description").unwrap(), "Insufficient developer role");
    assert_eq!(value_of(&back, "state").unwrap(), "s t&te");
    assert_eq!(value_of(&back, "code"), None);
}

#[tokio::test]
async fn a_reset_keeps_a_redirect_uri_registered_later() {
    let sandbox = TestSandbox::start().await;
    let later = "https://example.com/callback?shop=1";
    sandbox.handle.register_redirect_uri(later);
    sandbox.control(reqwest::Method::POST, "/_sandbox/reset", json!({})).await;
    let form = with(&sandbox.consent(BASIC, "cancel"), "redirect_uri", Some(later));
    let back = sandbox.decide(&form).await;
    assert!(back.as_str().starts_with("https://example.com/callback?shop=1&error=access_denied"), "{back}");
}
