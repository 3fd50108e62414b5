//! `/dialog/oauth`.

use reqwest::Method;
use serde_json::json;

use crate::facebook::person_sandbox::{APP_ID, PAGE, PersonSandbox, SCOPES};
use crate::test_sandbox::{REDIRECT_URI, value_of, with};

const THREE_PAGES: [&str; 3] = ["100641205793102", "100641205793103", "100641205793104"];
const USER_CONFIGURATION: &str = "1122334455667788";
const SYSTEM_USER_CONFIGURATION: &str = "2233445566778899";

fn request() -> Vec<(&'static str, &'static str)> {
    vec![
        ("client_id", APP_ID),
        ("redirect_uri", REDIRECT_URI),
        ("response_type", "code"),
        ("scope", SCOPES),
        ("state", "\"><b>"),
    ]
}

async fn shown(facebook: &PersonSandbox, query: &[(&str, &str)]) -> (u16, String) {
    let response = facebook.sandbox.get("/v26.0/dialog/oauth", query).await;
    (response.status().as_u16(), response.text().await.unwrap())
}

#[tokio::test]
async fn the_consent_page_offers_people_and_pages_and_escapes_their_names() {
    let facebook = PersonSandbox::start().await;
    let (status, page) = shown(&facebook, &request()).await;
    assert_eq!(status, 200);
    assert!(page.contains("Evertoken sandbox - not Facebook"));
    for person in ["no_pages", "one_page", "three_pages", "unlinked", "portfolio", "same_account", "lost_role"] {
        assert!(page.contains(&format!(r#"name="person" value="{person}""#)), "{person}");
    }
    assert!(page.contains("田中さくら") && page.contains("مريم حداد"), "{page}");
    assert!(page.contains("Corner Bakery &#60;img src=x onerror=alert(1)&#62;"), "{page}");
    assert!(page.contains(r#"name="state" value="&#34;&#62;&#60;b&#62;""#), "{page}");
    assert!(!page.contains("Blaue Flasche"), "a page without a role");
    assert!(!page.contains("Website feed"), "a system user does not log in");
    for foreign in ["<script", "<link", "<img", "@import", "url("] {
        assert!(!page.contains(foreign), "{foreign}");
    }
}

#[tokio::test]
async fn accepts_every_documented_parameter() {
    let facebook = PersonSandbox::start().await;
    for (name, value) in [
        ("auth_type", Some("rerequest")),
        ("auth_type", Some("reauthorize")),
        ("auth_type", Some("reauthenticate")),
        ("auth_type", Some("rerequest,reauthenticate")),
        ("display", Some("page")),
        ("display", Some("popup")),
        ("scope", Some("instagram_basic pages_show_list")),
        ("response_type", None),
        ("state", None),
        ("unknown", Some("x")),
        ("config_id", Some(USER_CONFIGURATION)),
    ] {
        let (status, page) = shown(&facebook, &with(&request(), name, value)).await;
        assert_eq!(status, 200, "{name}={value:?}: {page}");
    }
}

#[tokio::test]
async fn an_invalid_request_shows_facebooks_own_page_and_never_calls_back() {
    let facebook = PersonSandbox::start().await;
    let rows = [
        ("client_id", Some("1234567890123456"), "Invalid App ID"),
        ("client_id", None, "Invalid App ID"),
        ("redirect_uri", Some("http://127.0.0.1:9/callback/"), "URL Blocked: This redirect failed because"),
        ("redirect_uri", Some("https://attacker.example/"), "URL Blocked: "),
        ("redirect_uri", None, "URL Blocked: "),
        ("response_type", Some("token"), "Invalid response_type"),
        ("scope", Some("instagram_basic,instagram_business_basic,x"), "Invalid Scopes: instagram_business_basic, x."),
        ("scope", Some("email"), "This app needs at least one supported permission."),
        ("scope", None, "This app needs at least one supported permission."),
        ("config_id", Some("1"), "Invalid config_id"),
        ("config_id", Some(SYSTEM_USER_CONFIGURATION), "scope cannot be used"),
        ("auth_type", Some("rerequests"), "auth_type rerequests"),
    ];
    for (name, value, message) in rows {
        let (status, page) = shown(&facebook, &with(&request(), name, value)).await;
        assert_eq!(status, 400, "{name}={value:?}");
        assert!(page.replace("&#39;", "'").contains(message), "{name}={value:?}: {page}");
        let posted = facebook.post_consent(&with(&PersonSandbox::consent("one_page", &[PAGE]), name, value)).await;
        assert_eq!(posted.status(), 400, "{name}={value:?}");
        assert!(posted.headers().get("location").is_none(), "{name}={value:?}");
    }
    let old = facebook.sandbox.get("/v20.0/dialog/oauth", &request()).await;
    assert_eq!(old.status(), 400);
}

#[tokio::test]
async fn rejects_a_form_that_the_page_cannot_submit() {
    let facebook = PersonSandbox::start().await;
    for (name, value) in [
        ("decision", None),
        ("decision", Some("maybe")),
        ("person", None),
        ("person", Some("nobody")),
        ("person", Some("system_user")),
        ("page", Some("100641205793102")),
        ("page", Some("x")),
        ("page", Some("one_page/100641205793102")),
        ("declined", Some("instagram_basic")),
        ("declined", Some("")),
    ] {
        let form = with(&PersonSandbox::consent("one_page", &[PAGE]), name, value);
        assert_eq!(facebook.post_consent(&form).await.status(), 400, "{name}={value:?}");
    }
    assert_eq!(facebook.post_consent(&PersonSandbox::consent("lost_role", &["100641205793110"])).await.status(), 400);
}

#[tokio::test]
async fn allow_redirects_with_a_code_the_state_and_facebooks_fragment() {
    let facebook = PersonSandbox::start().await;
    let back = facebook.decide(&PersonSandbox::consent("one_page", &[PAGE])).await;
    assert!(back.as_str().starts_with("http://127.0.0.1:9/callback?code="), "{back}");
    assert_eq!(back.fragment(), Some("_=_"));
    assert_eq!(value_of(&back, "state").unwrap(), "s t&te");
}

#[tokio::test]
async fn cancel_redirects_with_facebooks_error() {
    let facebook = PersonSandbox::start().await;
    let form = with(&PersonSandbox::consent("one_page", &[]), "decision", Some("cancel"));
    assert_eq!(
        facebook.decide(&form).await.as_str(),
        "http://127.0.0.1:9/callback?error=access_denied&error_code=200&error_description=Permissions+error\
         &error_reason=user_denied&state=s+t%26te#_=_"
    );
}

#[tokio::test]
async fn only_the_ticked_pages_are_granted() {
    let facebook = PersonSandbox::start().await;
    // The browser also submits the boxes of the people who do not log in.
    let pages = ["three_pages/100641205793103", "one_page/100641205793101"];
    let token = facebook.log_in(&PersonSandbox::consent("three_pages", &pages)).await;
    assert_eq!(facebook.names("/me/accounts", &token).await, ["Corner Bakery <img src=x onerror=alert(1)>"]);
}

#[tokio::test]
async fn the_first_choice_is_used_again_unless_the_app_asks_for_another() {
    let facebook = PersonSandbox::start().await;
    facebook.log_in(&PersonSandbox::consent("three_pages", &THREE_PAGES[..1])).await;
    let (_, page) = shown(&facebook, &request()).await;
    assert!(page.contains("Facebook uses the pages that were chosen before.") && !page.contains(THREE_PAGES[1]));
    let again = PersonSandbox::consent("three_pages", &THREE_PAGES);
    let token = facebook.log_in(&again).await;
    assert_eq!(facebook.names("/me/accounts", &token).await.len(), 1);
    let reauthenticated = facebook.log_in(&with(&again, "auth_type", Some("reauthenticate"))).await;
    assert_eq!(facebook.names("/me/accounts", &reauthenticated).await.len(), 1);
    for auth_type in ["reauthorize", "rerequest"] {
        let query = with(&request(), "auth_type", Some(auth_type));
        assert!(shown(&facebook, &query).await.1.contains(THREE_PAGES[1]));
        let token = facebook.log_in(&with(&again, "auth_type", Some(auth_type))).await;
        assert_eq!(facebook.names("/me/accounts", &token).await.len(), 3);
        let one = PersonSandbox::consent("three_pages", &THREE_PAGES[..1]);
        facebook.log_in(&with(&one, "auth_type", Some(auth_type))).await;
        assert_eq!(facebook.names("/me/accounts", &token).await.len(), 1, "the latest choice applies to all tokens");
    }
}

#[tokio::test]
async fn a_person_who_has_removed_the_app_chooses_again() {
    let facebook = PersonSandbox::start().await;
    facebook.log_in(&PersonSandbox::consent("three_pages", &THREE_PAGES)).await;
    facebook.change_person("three_pages", json!({"revoked": true})).await;
    let fewer = PersonSandbox::consent("three_pages", &THREE_PAGES[..1]);
    let token = facebook.log_in(&with(&fewer, "scope", Some("instagram_basic,pages_show_list"))).await;
    assert_eq!(facebook.names("/me/accounts", &token).await.len(), 1);
    let scopes = json!(["instagram_basic", "pages_show_list", "public_profile"]);
    assert_eq!(facebook.debug(&token).await["scopes"], scopes, "the earlier permissions are gone");
}

#[tokio::test]
async fn consumer_login_lets_people_decline_permissions_until_the_app_asks_again() {
    let facebook = PersonSandbox::start().await;
    facebook.change_app(json!({"login": "consumer"})).await;
    let (_, page) = shown(&facebook, &request()).await;
    assert!(page.contains(r#"name="declined" value="instagram_basic""#) && !page.contains(r#"value="public_profile""#));
    let mut form = PersonSandbox::consent("one_page", &[PAGE]);
    form.push(("declined", "business_management"));
    let token = facebook.log_in(&form).await;
    let status = |permissions: &serde_json::Value, scope| {
        let entry = permissions["data"].as_array().unwrap().iter().find(|entry| entry["permission"] == scope);
        entry.map(|entry| entry["status"].as_str().unwrap().to_owned())
    };
    let permissions = facebook.read("/me/permissions", &token, &[]).await;
    assert_eq!(status(&permissions, "business_management").unwrap(), "declined");
    assert_eq!(status(&permissions, "instagram_basic").unwrap(), "granted");
    assert_eq!(status(&permissions, "public_profile").unwrap(), "granted");
    let silent = facebook.log_in(&PersonSandbox::consent("one_page", &[])).await;
    let permissions = facebook.read("/me/permissions", &silent, &[]).await;
    assert_eq!(status(&permissions, "business_management").unwrap(), "declined");
    let asked = with(&PersonSandbox::consent("one_page", &[PAGE]), "auth_type", Some("rerequest"));
    let asked = facebook.log_in(&asked).await;
    let permissions = facebook.read("/me/permissions", &asked, &[]).await;
    assert_eq!(status(&permissions, "business_management").unwrap(), "granted");

    for scope in ["public_profile", "email"] {
        let mut form = PersonSandbox::consent("one_page", &[PAGE]);
        form.push(("declined", scope));
        assert_eq!(facebook.post_consent(&form).await.status(), 400, "{scope}");
    }
    let query = with(&request(), "config_id", Some(USER_CONFIGURATION));
    assert_eq!(shown(&facebook, &query).await.0, 400, "configurations belong to Facebook Login for Business");
    assert_eq!(shown(&facebook, &with(&request(), "scope", None)).await.0, 200);
}

#[tokio::test]
async fn a_configuration_replaces_the_scopes() {
    let facebook = PersonSandbox::start().await;
    let form = with(&PersonSandbox::consent("one_page", &[PAGE]), "scope", None);
    let token = facebook.log_in(&with(&form, "config_id", Some(USER_CONFIGURATION))).await;
    let debugged = facebook.debug(&token).await;
    assert_eq!(debugged["type"], "USER");
    let scopes =
        ["instagram_basic", "pages_show_list", "pages_read_engagement", "business_management", "public_profile"];
    assert_eq!(debugged["scopes"], json!(scopes));
}

#[tokio::test]
async fn a_configuration_for_system_users_requires_the_overridden_response_type() {
    let facebook = PersonSandbox::start().await;
    let form = with(&PersonSandbox::consent("three_pages", &THREE_PAGES[..2]), "scope", None);
    for (id, expires) in [(SYSTEM_USER_CONFIGURATION, false), ("3344556677889900", true)] {
        let form = with(&form, "config_id", Some(id));
        assert_eq!(facebook.post_consent(&form).await.status(), 400);
        let form = with(&form, "override_default_response_type", Some("true"));
        assert_eq!(facebook.post_consent(&with(&form, "response_type", None)).await.status(), 400);
        let token = facebook.log_in(&form).await;
        let debugged = facebook.debug(&token).await;
        assert_eq!(debugged["type"], "SYSTEM_USER");
        assert_eq!(debugged["expires_at"].as_i64().unwrap() != 0, expires);
        assert_eq!(debugged["data_access_expires_at"], 0);
        assert_ne!(debugged["user_id"], "10229384756102933");
        assert_eq!(facebook.names("/me/accounts", &token).await.len(), 2);
        facebook.change_person("three_pages", json!({"password_changed": true})).await;
        assert_eq!(facebook.debug(&token).await["is_valid"], true, "a system user has no password");
        facebook.change_person("three_pages", json!({"revoked": true})).await;
        assert_eq!(facebook.debug(&token).await["error"]["subcode"], 458);
        facebook.change_person("three_pages", json!({"revoked": false, "password_changed": false})).await;
    }
}

#[tokio::test]
async fn both_hosts_share_the_redirect_uris() {
    let facebook = PersonSandbox::start().await;
    let later = "https://example.com/callback?shop=1";
    facebook.sandbox.handle.register_redirect_uri(later);
    facebook.sandbox.control(Method::POST, "/_sandbox/reset", json!({})).await;
    let form = with(&PersonSandbox::consent("one_page", &[PAGE]), "redirect_uri", Some(later));
    let back = facebook.decide(&form).await;
    assert!(back.as_str().starts_with("https://example.com/callback?shop=1&code="), "{back}");
}
