//! `/oauth/authorize`.

use serde_json::json;

use crate::running::{ACCOUNT, BASIC, COMMENTS, REDIRECT_URI, Running, value_of, with};

fn request(running: &Running) -> Vec<(&str, &str)> {
    vec![
        ("client_id", &running.app_id),
        ("redirect_uri", REDIRECT_URI),
        ("response_type", "code"),
        ("scope", BASIC),
        ("state", "\"><b>"),
    ]
}

#[tokio::test]
async fn the_consent_page_says_what_it_is_and_needs_nothing_but_itself() {
    let running = Running::start().await;
    let response = running.get("/oauth/authorize", &request(&running)).await;
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
async fn every_spelling_of_the_optional_parameters_is_taken() {
    let running = Running::start().await;
    for (name, value) in [
        ("enable_fb_login", "0"),
        ("enable_fb_login", "false"),
        ("force_reauth", "true"),
        ("force_authentication", "1"),
        ("hide_fb_login", "1"),
        ("scope", "instagram_business_basic instagram_business_manage_comments"),
        ("scope", "instagram_business_basic,instagram_business_manage_comments"),
    ] {
        let query = with(&request(&running), name, Some(value));
        assert_eq!(running.get("/oauth/authorize", &query).await.status(), 200, "{name}={value}");
    }
}

#[tokio::test]
async fn a_wrong_request_ends_on_a_page_and_sends_nobody_back() {
    let running = Running::start().await;
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
        let query = with(&request(&running), name, value);
        let response = running.get("/oauth/authorize", &query).await;
        assert_eq!(response.status(), 400, "{name}={value:?}");
        assert!(response.text().await.unwrap().contains(message), "{name}={value:?}");

        let form = with(&running.consent(BASIC, "allow"), name, value);
        let posted = running.client.post(running.url("/oauth/authorize")).form(&form).send().await.unwrap();
        assert_eq!(posted.status(), 400, "{name}={value:?}");
        assert!(posted.text().await.unwrap().contains(message), "{name}={value:?}");
    }
}

#[tokio::test]
async fn a_decision_that_no_page_makes_is_refused() {
    let running = Running::start().await;
    for (name, value) in [("decision", None), ("decision", Some("maybe")), ("account", None), ("account", Some("x"))] {
        let form = with(&running.consent(BASIC, "allow"), name, value);
        let posted = running.client.post(running.url("/oauth/authorize")).form(&form).send().await.unwrap();
        assert_eq!(posted.status(), 400, "{name}={value:?}");
    }
}

#[tokio::test]
async fn allow_leads_back_with_code_state_and_instagrams_fragment() {
    let running = Running::start().await;
    let back = running.decide(&running.consent(BASIC, "allow")).await;
    assert!(back.as_str().starts_with("http://127.0.0.1:9/callback?code="));
    assert_eq!(back.fragment(), Some("_"));
    assert_eq!(value_of(&back, "state").unwrap(), "s t&te");
    assert!(value_of(&back, "code").unwrap().len() > 150);
}

#[tokio::test]
async fn cancel_leads_back_with_instagrams_words() {
    let running = Running::start().await;
    let back = running.decide(&running.consent(BASIC, "cancel")).await;
    assert_eq!(
        back.as_str(),
        "http://127.0.0.1:9/callback?error=access_denied&error_reason=user_denied\
         &error_description=The+user+denied+your+request&state=s+t%26te"
    );
}

#[tokio::test]
async fn an_account_without_a_role_leads_back_with_insufficient_developer_role() {
    let running = Running::start().await;
    running.change_account(json!({"role": "none"})).await;
    let back = running.decide(&running.consent(BASIC, "allow")).await;
    assert_eq!(value_of(&back, "error").unwrap(), "access_denied");
    assert_eq!(value_of(&back, "error_description").unwrap(), "Insufficient developer role");
    assert_eq!(value_of(&back, "state").unwrap(), "s t&te");
    assert_eq!(value_of(&back, "code"), None);
}

#[tokio::test]
async fn a_redirect_uri_registered_later_outlives_a_reset() {
    let running = Running::start().await;
    let later = "https://example.com/callback?shop=1";
    running.sandbox.register_redirect_uri(later);
    running.control(reqwest::Method::POST, "/_sandbox/reset", json!({})).await;
    let form = with(&running.consent(BASIC, "cancel"), "redirect_uri", Some(later));
    let back = running.decide(&form).await;
    assert!(back.as_str().starts_with("https://example.com/callback?shop=1&error=access_denied"), "{back}");
}
