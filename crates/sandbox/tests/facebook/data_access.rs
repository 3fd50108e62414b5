//! Data access, which ends 90 days after the person's last login.

use evertoken_sandbox::FacebookTokenRejection;
use serde_json::json;
use time::Duration;

use crate::facebook::person_sandbox::{PAGE, PersonSandbox, assert_error};
use crate::test_sandbox::{DAY, with};

const ACCOUNT_PATH: &str = "/17841405793187218";

#[tokio::test]
async fn calls_on_instagram_fail_after_ninety_days_although_the_token_is_valid() {
    let facebook = PersonSandbox::start().await;
    let page = facebook.token("one_page", "page").await;
    let user = facebook.created(json!({"person": "one_page", "kind": "user", "age_seconds": -40 * DAY})).await;
    facebook.sandbox.handle.advance(Duration::days(129));
    assert_eq!(facebook.sandbox.handle.check_facebook_token(&page), Ok(()));
    facebook.sandbox.handle.advance(Duration::days(1));
    let message = "The access token is invalid since the user hasn't engaged the app in longer than 90 days.";
    for path in [ACCOUNT_PATH, "/17841405793187218/media"] {
        assert_error(facebook.call(path, &page, &[]).await, 190, Some(493), message).await;
    }
    let rejection = facebook.sandbox.handle.check_facebook_token(&page);
    assert_eq!(rejection, Err(FacebookTokenRejection::DataAccessExpired));
    let debugged = facebook.debug(&page).await;
    assert_eq!((&debugged["is_valid"], debugged.get("error")), (&json!(true), None));
    assert!(debugged["data_access_expires_at"].as_i64().unwrap() <= facebook.sandbox.handle.now().unix_timestamp());
    assert_eq!(facebook.call("/me", &page, &[]).await.status(), 200, "pages themselves do not lapse");
    assert_error(facebook.call("/me", &user, &[]).await, 190, Some(463), "Error validating").await;
}

#[tokio::test]
async fn every_pass_through_the_dialog_renews_it_and_an_exchange_does_not() {
    let facebook = PersonSandbox::start().await;
    let consent = PersonSandbox::consent("one_page", &[PAGE]);
    let user = facebook.token("one_page", "user").await;
    let page = facebook.token("one_page", "page").await;
    let ends_at = |debugged: serde_json::Value| debugged["data_access_expires_at"].as_i64().unwrap();
    let first = ends_at(facebook.debug(&page).await);
    facebook.sandbox.handle.advance(Duration::days(30));
    assert_eq!(facebook.extend(&user).await.status(), 200);
    assert_eq!(ends_at(facebook.debug(&page).await), first);
    for auth_type in [Some("reauthorize"), None] {
        facebook.sandbox.handle.advance(Duration::days(85));
        facebook.log_in(&with(&consent, "auth_type", auth_type)).await;
        assert_eq!(facebook.call(ACCOUNT_PATH, &page, &[]).await.status(), 200);
        let left = ends_at(facebook.debug(&page).await) - facebook.sandbox.handle.now().unix_timestamp();
        assert!((90 * DAY - 60..=90 * DAY).contains(&left), "{left}");
    }
    facebook.sandbox.handle.advance(Duration::days(100));
    assert_error(facebook.call(ACCOUNT_PATH, &page, &[]).await, 190, Some(493), "The access token").await;
    facebook.log_in(&consent).await;
    assert_eq!(facebook.call(ACCOUNT_PATH, &page, &[]).await.status(), 200, "the old page token works again");
}

#[tokio::test]
async fn a_system_users_access_does_not_end() {
    let facebook = PersonSandbox::start().await;
    let token = facebook.token("system_user", "system_user").await;
    let page = facebook.page_token(&token, "100641205793111").await;
    // A configuration gives a system user's token to somebody whose own access ends.
    let given = facebook.token("one_page", "system_user").await;
    let persons = facebook.token("one_page", "page").await;
    facebook.sandbox.handle.advance(Duration::days(400));
    for (token, path) in [(&token, "/17841405793187221"), (&page, "/17841405793187221"), (&given, ACCOUNT_PATH)] {
        assert_eq!(facebook.debug(token).await["data_access_expires_at"], 0);
        assert_eq!(facebook.call(path, token, &[]).await.status(), 200);
    }
    assert_error(facebook.call(ACCOUNT_PATH, &persons, &[]).await, 190, Some(493), "The access token").await;
}

#[tokio::test]
async fn the_end_of_data_access_can_take_other_forms() {
    let facebook = PersonSandbox::start().await;
    let page = facebook.token("one_page", "page").await;
    facebook.shape(json!({"data_access_seconds": 3600})).await;
    facebook.sandbox.handle.advance(Duration::hours(1));
    assert_error(facebook.call(ACCOUNT_PATH, &page, &[]).await, 190, Some(493), "The access token").await;
    facebook.shape(json!({"lapsed_data_access": "no_permission"})).await;
    assert_error(facebook.call(ACCOUNT_PATH, &page, &[]).await, 10, None, "(#10)").await;
    facebook.shape(json!({"lapsed_data_access": "empty"})).await;
    let fields = [("fields", "id,username")];
    assert_eq!(facebook.read(ACCOUNT_PATH, &page, &fields).await, json!({"id": "17841405793187218"}));
    assert_eq!(facebook.read("/17841405793187218/media", &page, &[]).await, json!({"data": []}));
}
