//! `appsecret_proof`.

use serde_json::json;

use crate::facebook::person_sandbox::{APP_SECRET, PersonSandbox, assert_error, proof};

const MISSING: &str = "API calls from the server require an appsecret_proof argument";
const WRONG: &str = "Invalid appsecret_proof provided in the API argument";

#[tokio::test]
async fn a_call_needs_the_proof_of_its_token() {
    let facebook = PersonSandbox::start().await;
    let user = facebook.token("one_page", "user").await;
    let page = facebook.token("one_page", "page").await;
    let upper_case = proof(APP_SECRET, &page).to_uppercase();
    let (of_user, of_other_secret) = (proof(APP_SECRET, &user), proof("another-secret", &page));
    for path in ["/me", "/17841405793187218", "/17841405793187218/media", "/debug_token"] {
        let path = format!("/v26.0{path}");
        let response = facebook.sandbox.get(&path, &[("access_token", &page)]).await;
        assert_error(response, 100, None, MISSING).await;
        for wrong in [upper_case.as_str(), &of_user, &of_other_secret, "x"] {
            let query = [("access_token", page.as_str()), ("appsecret_proof", wrong)];
            assert_error(facebook.sandbox.get(&path, &query).await, 100, None, WRONG).await;
        }
    }
    let query = [("access_token", page.as_str()), ("appsecret_proof", &proof(APP_SECRET, &page))];
    assert_eq!(facebook.sandbox.get("/v26.0/me", &query).await.status(), 200, "the token may be a parameter");
}

#[tokio::test]
async fn the_proof_can_be_optional_but_is_checked_if_it_is_sent() {
    let facebook = PersonSandbox::start().await;
    facebook.change_app(json!({"require_proof": false})).await;
    let page = facebook.token("one_page", "page").await;
    assert_eq!(facebook.sandbox.get("/v26.0/me", &[("access_token", &page)]).await.status(), 200);
    let query = [("access_token", page.as_str()), ("appsecret_proof", "0")];
    assert_error(facebook.sandbox.get("/v26.0/me", &query).await, 100, None, WRONG).await;
}

#[tokio::test]
async fn a_new_secret_and_a_token_of_another_app_make_the_proof_wrong() {
    let facebook = PersonSandbox::start().await;
    let page = facebook.token("one_page", "page").await;
    let other_apps = json!({"person": "one_page", "kind": "page", "app_id": "1234567890123456"});
    let other_apps = facebook.created(other_apps).await;
    assert_error(facebook.call("/me", &other_apps, &[]).await, 100, None, WRONG).await;
    facebook.sandbox.handle.update_meta_app(|app| app.secret = "another-secret".to_owned());
    assert_error(facebook.call("/me", &page, &[]).await, 100, None, WRONG).await;
}
