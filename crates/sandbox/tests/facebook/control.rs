//! The control API of Facebook's side, and the in-process one.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use evertoken_sandbox::{
    ControlError, FacebookId, FacebookSettings, FacebookTokenKind, FacebookTokenRejection, FacebookTokenRequest, Page,
    Person, Sandbox, Settings,
};
use hmac::{Hmac, KeyInit, Mac};
use reqwest::Method;
use serde_json::{Value, json};
use sha2::Sha256;
use time::Duration;

use crate::facebook::person_sandbox::{APP_SECRET, BLUE_BOTTLE, PAGE, PersonSandbox};

async fn rejection(facebook: &PersonSandbox, method: Method, path: &str, body: Value) -> (u16, String) {
    let url = facebook.sandbox.url(&format!("/_sandbox/facebook{path}"));
    let response = facebook.sandbox.client.request(method, url).json(&body).send().await.unwrap();
    let status = response.status().as_u16();
    let body: Value = response.json().await.unwrap();
    (status, body["error"].as_str().unwrap_or_default().to_owned())
}

#[tokio::test]
async fn people_can_be_added_found_changed_and_deleted() {
    let facebook = PersonSandbox::start().await;
    let pages = json!([{"name": "A"}, {"name": "<b>B", "instagram_account": BLUE_BOTTLE}]);
    let added = facebook.control(Method::POST, "/persons", json!({"label": "new", "pages": pages})).await;
    assert_eq!(added["name"], "new");
    assert_ne!(added["pages"][0]["id"], added["pages"][1]["id"]);
    for name in ["new", added["id"].as_str().unwrap()] {
        assert_eq!(facebook.control(Method::GET, &format!("/persons/{name}"), json!({})).await, added);
    }
    let token = facebook.token("new", "user").await;
    assert_eq!(facebook.names("/me/accounts", &token).await, ["A", "<b>B"]);

    let other = json!({"id": 9_007_199_254_740_995_u64, "name": "名前"});
    facebook.change_person("new", other).await;
    assert_eq!(facebook.read("/me", &token, &[]).await, json!({"id": "9007199254740995", "name": "名前"}));
    assert_eq!(facebook.names("/me/accounts", &token).await.len(), 2, "the grant follows the id");
    facebook.control(Method::DELETE, "/persons/new", json!({})).await;
    assert_eq!(facebook.call("/me", &token, &[]).await.status(), 400);
    let all = facebook.control(Method::GET, "/persons", json!({})).await;
    assert_eq!(all.as_array().unwrap().len(), 8);
}

#[tokio::test]
async fn pages_can_be_added_changed_and_deleted() {
    let facebook = PersonSandbox::start().await;
    let person = facebook.control(Method::POST, "/persons/no_pages/pages", json!({"name": "New"})).await;
    let id = person["pages"][0]["id"].as_str().unwrap().to_owned();
    let path = format!("/persons/no_pages/pages/{id}");
    let business = json!({"id": "5", "name": "B", "relation": "client"});
    let change = json!({"hidden": true, "business": business, "instagram_account": BLUE_BOTTLE, "tasks": []});
    let person = facebook.control(Method::PATCH, &path, change).await;
    assert_eq!(person["pages"][0]["business"], business);
    let token = facebook.token("no_pages", "user").await;
    assert_eq!(facebook.names("/me/accounts", &token).await, Vec::<String>::new());
    assert_eq!(facebook.names("/5/client_pages", &token).await, ["New"]);
    let person = facebook.control(Method::DELETE, &path, json!({})).await;
    assert_eq!(person["pages"], json!([]));
}

#[tokio::test]
async fn rejects_invalid_people_pages_and_tokens() {
    let facebook = PersonSandbox::start().await;
    let twice = json!({"label": "x", "pages": [{"id": 5, "name": "A"}, {"id": 5, "name": "B"}]});
    let unlinked = json!({"label": "x", "pages": [{"name": "A", "instagram_account": "1"}]});
    let page = format!("/persons/one_page/pages/{PAGE}");
    let both = json!({"person": "one_page", "kind": "user", "age_seconds": 1, "issued_at": "2027-01-01T00:00:00Z"});
    let (post, patch) = (Method::POST, Method::PATCH);
    let rows = [
        (&post, "/persons", json!({}), 400, "a person needs a \"label\""),
        (&post, "/persons", json!({"label": "one_page"}), 409, "another person has the label"),
        (&post, "/persons", json!({"label": "x", "id": "10229384756102932"}), 409, "another person has the id"),
        (&post, "/persons", json!({"label": "x", "id": "x"}), 400, "invalid digit"),
        (&post, "/persons", json!({"label": "x", "page": []}), 400, "unknown field `page`"),
        (&post, "/persons", twice, 409, "the page 5 appears twice"),
        (&post, "/persons", unlinked, 404, "there is no account \"1\""),
        (&patch, "/persons/one_page", json!({"label": "no_pages"}), 409, "another person has the label"),
        (&patch, "/persons/one_page", json!({"kind": "robot"}), 400, "unknown variant `robot`"),
        (&patch, "/persons/nobody", json!({}), 404, "there is no person \"nobody\""),
        (&post, "/persons/nobody/pages", json!({"count": 1}), 404, "there is no person \"nobody\""),
        (&post, "/persons/one_page/pages", json!({"count": 10_001}), 400, "\"count\" must be at most 10000"),
        (&post, "/persons/one_page/pages", json!({"count": -1}), 400, "invalid value"),
        (&post, "/persons/one_page/pages", json!({}), 400, "a page needs a \"name\""),
        (&patch, "/persons/one_page/pages/1", json!({}), 404, "there is no page \"1\""),
        (&patch, &page, json!({"linked": true}), 400, "unknown field `linked`"),
        (&post, "/tokens", json!({"person": "nobody", "kind": "user"}), 404, "there is no person"),
        (&post, "/tokens", json!({"person": "no_pages", "kind": "page"}), 404, "there is no page"),
        (&post, "/tokens", json!({"person": "one_page", "kind": "page", "page": "1"}), 404, "there is no page"),
        (&post, "/tokens", json!({"person": "one_page", "kind": "user", "pages": ["1"]}), 404, "there is no page"),
        (&post, "/tokens", json!({"person": "one_page", "kind": "app"}), 400, "unknown variant `app`"),
        (&post, "/tokens", both, 400, "use either"),
        (&post, "/signed_request", json!({"person": "nobody"}), 404, "there is no person"),
        (&post, "/signed_request", json!({"account": "one_page"}), 400, "unknown field `account`"),
        (&patch, "/app", json!({"login": "guest"}), 400, "unknown variant `guest`"),
        (&patch, "/app", json!({"redirect_uris": []}), 400, "unknown field `redirect_uris`"),
        (
            &patch,
            "/app",
            json!({"configurations": [{"id": "1", "token": "page", "scopes": []}]}),
            400,
            "unknown variant",
        ),
    ];
    let before = facebook.control(Method::GET, "/persons", json!({})).await;
    for (method, path, body, status, message) in rows {
        let (got, error) = rejection(&facebook, method.clone(), path, body).await;
        assert_eq!(got, status, "{path}: {error}");
        assert!(error.starts_with(message), "{path}: {error}");
    }
    assert_eq!(facebook.control(Method::GET, "/persons", json!({})).await, before);
}

#[tokio::test]
async fn the_app_can_be_changed_without_revealing_its_secret() {
    let facebook = PersonSandbox::start().await;
    let configurations = json!([{"id": "77", "token": "system_user_60_days", "scopes": ["instagram_basic"]}]);
    let change = json!({"app_secret": "another-secret", "scopes": ["email"], "configurations": configurations});
    let app = facebook.control(Method::PATCH, "/app", change).await;
    assert_eq!((&app["configurations"], &app["require_proof"]), (&configurations, &json!(true)));
    assert!(!app.to_string().contains("another-secret"));
    let debug = format!("{:?}", Settings::default());
    assert!(!debug.contains(APP_SECRET), "{debug}");
    facebook.sandbox.control(Method::POST, "/_sandbox/reset", json!({})).await;
    let token = facebook.token("one_page", "user").await;
    assert_eq!(facebook.call("/me", &token, &[]).await.status(), 200, "the initial secret again");
}

#[tokio::test]
async fn a_token_has_the_given_text_age_pages_and_login() {
    let facebook = PersonSandbox::start().await;
    let now = facebook.sandbox.handle.now();
    let request = json!({
        "person": "three_pages", "kind": "user", "pages": ["100641205793104"], "age_seconds": 3600,
        "access_token": "EAAplanted", "logged_in_at": (now - Duration::days(80)).format(
            &time::format_description::well_known::Rfc3339).unwrap(),
    });
    let created = facebook.control(Method::POST, "/tokens", request).await;
    assert_eq!((&created["access_token"], &created["person"]), (&json!("EAAplanted"), &json!("10229384756102933")));
    assert_eq!(facebook.names("/me/accounts", "EAAplanted").await, ["Майя делает & „Werkstatt“"]);
    let data = facebook.debug("EAAplanted").await;
    let days = |key: &str| (data[key].as_i64().unwrap() - now.unix_timestamp()) / (24 * 3600);
    assert_eq!((days("expires_at"), days("data_access_expires_at")), (59, 10));
    let page = facebook.control(Method::POST, "/tokens", json!({"person": "one_page", "kind": "page"})).await;
    assert_eq!((&page["page"], &page["expires_at"]), (&json!(PAGE), &Value::Null));
}

#[tokio::test]
async fn a_signed_request_names_the_person_and_is_signed_by_the_meta_app() {
    let facebook = PersonSandbox::start().await;
    let body = facebook.control(Method::POST, "/signed_request", json!({"person": "one_page"})).await;
    let (signature, payload) = body["signed_request"].as_str().unwrap().split_once('.').unwrap();
    let mut mac = Hmac::<Sha256>::new_from_slice(APP_SECRET.as_bytes()).unwrap();
    mac.update(payload.as_bytes());
    mac.verify_slice(&URL_SAFE_NO_PAD.decode(signature).unwrap()).unwrap();
    let payload: Value = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(payload).unwrap()).unwrap();
    assert_eq!(payload["user_id"], "10229384756102932");
}

#[test]
fn the_in_process_api_changes_people_pages_and_tokens() {
    let settings = FacebookSettings {
        persons: vec![Person::new("ann", 5, "Ann", vec![Page::linked(6, "Ann's", 17_841_405_793_187_218)])],
        ..FacebookSettings::default()
    };
    let sandbox = Sandbox::new(Settings { facebook: settings, ..Settings::default() });
    let token = sandbox.create_facebook_token(FacebookTokenRequest::new("ann", FacebookTokenKind::Page)).unwrap();
    assert_eq!(sandbox.check_facebook_token(&token), Ok(()));
    sandbox.update_page("ann", "Ann's", |page| page.role_lost = true).unwrap();
    assert_eq!(sandbox.check_facebook_token(&token), Err(FacebookTokenRejection::RoleLost));
    sandbox.update_page("5", "6", |page| page.role_lost = false).unwrap();
    sandbox.update_person("ann", |person| person.password_changed = true).unwrap();
    assert_eq!(sandbox.check_facebook_token(&token), Err(FacebookTokenRejection::PasswordChanged));
    assert_eq!(sandbox.check_facebook_token("EAA"), Err(FacebookTokenRejection::Unknown));
    assert_eq!(sandbox.add_linked_pages("ann", 2).unwrap().pages.len(), 3);
    assert_eq!(sandbox.person("5").unwrap().name, "Ann");
    let bob = sandbox.add_person(Person::new("bob", 7, "Bob", vec![Page::default()])).unwrap();
    assert_ne!(bob.pages[0].id, FacebookId(0));
    let again = sandbox.add_person(Person::new("bob", 8, "Bob", Vec::new()));
    assert_eq!(again, Err(ControlError::DuplicateLabel("bob".to_owned())));
    let page = sandbox.update_page("bob", "9", |_| {});
    assert_eq!(page, Err(ControlError::UnknownPage("9".to_owned())));
    let unlinked = sandbox.update_page("ann", "6", |page| page.instagram_account = Some("1".parse().unwrap()));
    assert_eq!(unlinked, Err(ControlError::UnknownAccount("1".to_owned())));
    assert!(sandbox.facebook_signed_request("ann").unwrap().contains('.'));
    assert!(sandbox.facebook_signed_request("zoe").is_err());
}
