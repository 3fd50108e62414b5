//! Tokens that Facebook rejects, and permissions that are missing.

use reqwest::Method;
use serde_json::{Value, json};
use time::Duration;

use crate::facebook::person_sandbox::{BLUE_BOTTLE, PAGE, PersonSandbox, assert_error};

const ACCOUNT_PATH: &str = "/17841405793187218";

#[tokio::test]
async fn a_page_token_from_a_short_lived_user_token_dies_with_it() {
    let facebook = PersonSandbox::start().await;
    let short = facebook.log_in(&PersonSandbox::consent("one_page", &[PAGE])).await;
    let extended: Value = facebook.extend(&short).await.json().await.unwrap();
    let dying = facebook.page_token(&short, PAGE).await;
    let lasting = facebook.page_token(extended["access_token"].as_str().unwrap(), PAGE).await;
    let (mut first, mut second) = (facebook.debug(&dying).await, facebook.debug(&lasting).await);
    assert_eq!((first["expires_at"] != 0, second["expires_at"] == 0), (true, true));
    for debugged in [&mut first, &mut second] {
        for key in ["expires_at", "issued_at"] {
            debugged.as_object_mut().unwrap().remove(key);
        }
    }
    assert_eq!(first, second, "only the dates differ");
    assert_eq!(facebook.call(ACCOUNT_PATH, &dying, &[]).await.status(), 200);
    facebook.sandbox.handle.advance(Duration::hours(2));
    let message = "Error validating access token: Session has expired on ";
    assert_error(facebook.call(ACCOUNT_PATH, &dying, &[]).await, 190, Some(463), message).await;
    assert_eq!(facebook.debug(&dying).await["error"]["subcode"], 463);
    facebook.sandbox.handle.advance(Duration::days(70));
    assert_eq!(facebook.call(ACCOUNT_PATH, &lasting, &[]).await.status(), 200, "longer than the user token");
}

#[tokio::test]
async fn a_page_token_from_a_dated_system_user_token_expires_with_it() {
    let facebook = PersonSandbox::start().await;
    let dated = facebook.token("system_user", "system_user_60_days").await;
    let page = facebook.page_token(&dated, "100641205793111").await;
    assert_eq!(facebook.debug(&page).await["expires_at"], facebook.debug(&dated).await["expires_at"]);
    facebook.sandbox.handle.advance(Duration::days(60));
    let message = "Error validating access token: Session has expired on ";
    assert_error(facebook.call("/17841405793187221", &page, &[]).await, 190, Some(463), message).await;
}

#[tokio::test]
async fn a_page_token_reaches_neither_the_other_pages_of_its_person_nor_their_accounts() {
    let facebook = PersonSandbox::start().await;
    let user = facebook.token("three_pages", "user").await;
    let page = facebook.token("three_pages", "page").await;
    assert_eq!(facebook.call(ACCOUNT_PATH, &page, &[]).await.status(), 200);
    for path in ["/100641205793103", "/17841405793187219", "/17841405793187219/media"] {
        assert_eq!(facebook.call(path, &user, &[]).await.status(), 200, "{path}");
        assert_error(facebook.call(path, &page, &[]).await, 100, Some(33), "Unsupported get request.").await;
    }
    let debugged = facebook.debug(&page).await;
    assert_eq!(debugged["granular_scopes"][0], json!({"scope": "instagram_basic", "target_ids": [BLUE_BOTTLE]}));
}

#[tokio::test]
async fn what_a_person_does_invalidates_user_and_page_tokens() {
    let facebook = PersonSandbox::start().await;
    let user = facebook.token("one_page", "user").await;
    let page = facebook.token("one_page", "page").await;
    let rows = [
        ("password_changed", 460, "Error validating access token: The session has been invalidated"),
        ("revoked", 458, "Error validating access token: The user has not authorized application 9876543210987654."),
        (
            "checkpointed",
            459,
            "Error validating access token: You cannot access the app till you log in to www.facebook",
        ),
    ];
    for (flag, subcode, message) in rows {
        facebook.change_person("one_page", json!({flag: true})).await;
        for token in [&user, &page] {
            for path in ["/me", ACCOUNT_PATH] {
                assert_error(facebook.call(path, token, &[]).await, 190, Some(subcode), message).await;
            }
            let debugged = facebook.debug(token).await;
            assert_eq!((&debugged["is_valid"], &debugged["error"]["subcode"]), (&json!(false), &json!(subcode)));
        }
        facebook.change_person("one_page", json!({flag: false})).await;
        assert_eq!(facebook.call("/me", &page, &[]).await.status(), 200);
    }
}

#[tokio::test]
async fn a_login_after_a_change_gives_tokens_that_work_and_leaves_the_old_ones_dead() {
    let facebook = PersonSandbox::start().await;
    let page = facebook.token("one_page", "page").await;
    facebook.change_person("one_page", json!({"password_changed": true, "checkpointed": true})).await;
    let issued_after = facebook.token("one_page", "page").await;
    let user = facebook.log_in(&PersonSandbox::consent("one_page", &[])).await;
    // Another change must not bring the event back.
    facebook.change_person("one_page", json!({"name": "Ben"})).await;
    assert_eq!(facebook.call("/me", &user, &[]).await.status(), 200);
    for old in [&page, &issued_after] {
        assert_error(facebook.call("/me", old, &[]).await, 190, Some(460), "Error validating").await;
    }
}

#[tokio::test]
async fn a_lost_role_rejects_the_page_token_until_it_is_given_back() {
    let facebook = PersonSandbox::start().await;
    let page = facebook.token("one_page", "page").await;
    let user = facebook.token("one_page", "user").await;
    let message = "The user must be an administrator of the page in order to impersonate it.";
    facebook.change_page("one_page", PAGE, json!({"role_lost": true})).await;
    assert_error(facebook.call(ACCOUNT_PATH, &page, &[]).await, 190, Some(492), message).await;
    assert_eq!(facebook.debug(&page).await["error"]["subcode"], 492);
    assert_error(facebook.call(ACCOUNT_PATH, &user, &[]).await, 100, Some(33), "Unsupported get request.").await;
    facebook.change_page("one_page", PAGE, json!({"role_lost": false})).await;
    assert_eq!(facebook.call(ACCOUNT_PATH, &page, &[]).await.status(), 200);
    let born_dead = facebook.created(json!({"person": "lost_role", "kind": "page"})).await;
    assert_error(facebook.call("/me", &born_dead, &[]).await, 190, Some(492), message).await;
}

#[tokio::test]
async fn an_unlinked_account_is_unknown_until_it_is_linked_again() {
    let facebook = PersonSandbox::start().await;
    let page = facebook.token("one_page", "page").await;
    let message = "Unsupported get request. Object with ID '17841405793187218' does not exist, cannot be loaded due to \
                   missing permissions, or does not support this operation";
    facebook.change_page("one_page", PAGE, json!({"unlinked": true})).await;
    for path in [ACCOUNT_PATH, "/17841405793187218/media"] {
        assert_error(facebook.call(path, &page, &[]).await, 100, Some(33), message).await;
    }
    let read = facebook.read(&format!("/{PAGE}"), &page, &[("fields", "id,instagram_business_account")]).await;
    assert_eq!(read, json!({"id": PAGE}), "the key is left out");
    assert_eq!(facebook.debug(&page).await["is_valid"], true);
    facebook.change_page("one_page", PAGE, json!({"unlinked": false})).await;
    assert_eq!(facebook.call(ACCOUNT_PATH, &page, &[]).await.status(), 200);
    let personal = json!({"account_type": "PERSONAL"});
    facebook.sandbox.control(Method::PATCH, "/_sandbox/accounts/blue_bottle", personal).await;
    assert_error(facebook.call(ACCOUNT_PATH, &page, &[]).await, 100, Some(33), message).await;
}

#[tokio::test]
async fn a_page_that_is_no_longer_granted_is_out_of_reach() {
    let facebook = PersonSandbox::start().await;
    let pages = ["100641205793102", "100641205793103"];
    let user = facebook.log_in(&PersonSandbox::consent("three_pages", &pages)).await;
    let token = facebook.page_token(&user, pages[0]).await;
    assert_eq!(facebook.call(ACCOUNT_PATH, &token, &[]).await.status(), 200);
    let mut fewer = PersonSandbox::consent("three_pages", &pages[1..]);
    fewer.push(("auth_type", "reauthorize"));
    facebook.log_in(&fewer).await;
    assert_error(facebook.call(ACCOUNT_PATH, &token, &[]).await, 100, Some(33), "Unsupported get request.").await;
}

#[tokio::test]
async fn a_permission_that_is_declined_later_is_missing_for_earlier_tokens_too() {
    let facebook = PersonSandbox::start().await;
    facebook.change_app(json!({"login": "consumer"})).await;
    let user = facebook.log_in(&PersonSandbox::consent("one_page", &[PAGE])).await;
    let page = facebook.page_token(&user, PAGE).await;
    let mut declining = PersonSandbox::consent("one_page", &[PAGE]);
    declining.extend([("auth_type", "rerequest"), ("declined", "instagram_basic")]);
    facebook.log_in(&declining).await;
    for token in [&user, &page] {
        let message = "(#10) This endpoint requires the 'instagram_basic' permission";
        assert_error(facebook.call(ACCOUNT_PATH, token, &[]).await, 10, None, message).await;
    }
}

#[tokio::test]
async fn removing_the_permissions_removes_the_app_for_all_pages() {
    let facebook = PersonSandbox::start().await;
    let user = facebook.token("three_pages", "user").await;
    let page = facebook.token("three_pages", "page").await;
    let other = facebook.token("one_page", "page").await;
    for (path, token) in [("/me/permissions", &page), ("/1/permissions", &user), ("/x/permissions", &user)] {
        assert_eq!(facebook.request(Method::DELETE, path, token, &[]).await.status(), 400, "{path}");
    }
    let removed = facebook.request(Method::DELETE, "/10229384756102933/permissions", &user, &[]).await;
    assert_eq!(removed.json::<Value>().await.unwrap(), json!({"success": true}));
    for token in [&user, &page] {
        assert_error(facebook.call("/me", token, &[]).await, 190, Some(458), "Error validating").await;
    }
    assert_eq!(facebook.call("/me", &other, &[]).await.status(), 200);
    let user = facebook.token("one_page", "user").await;
    assert_eq!(facebook.request(Method::DELETE, "/me/permissions", &user, &[]).await.status(), 200);
}

#[tokio::test]
async fn a_missing_permission_is_code_10_or_200() {
    let facebook = PersonSandbox::start().await;
    let all = ["instagram_basic", "pages_show_list", "pages_read_engagement", "business_management"];
    let rows = [
        ("instagram_basic", ACCOUNT_PATH, 10, "(#10) This endpoint requires the 'instagram_basic' permission"),
        ("pages_read_engagement", ACCOUNT_PATH, 10, "(#10) This endpoint requires the 'pages_read_engagement'"),
        ("pages_read_engagement", "/100641205793101", 10, "(#10)"),
        ("instagram_basic", "/100641205793101?fields=instagram_business_account", 10, "(#10)"),
        ("instagram_basic", "/me/accounts?fields=instagram_business_account", 10, "(#10)"),
        ("pages_show_list", "/me/accounts", 200, "(#200) Requires pages_show_list permission"),
        ("pages_show_list", "/me/assigned_pages", 200, "(#200)"),
        ("business_management", "/me/businesses", 200, "(#200) Requires business_management permission"),
        ("business_management", "/1384756102930007/owned_pages", 200, "(#200)"),
        ("business_management", "/1384756102930007/client_pages", 200, "(#200)"),
    ];
    for (missing, path, code, message) in rows {
        let others: Vec<_> = all.into_iter().filter(|scope| *scope != missing).collect();
        let token = facebook.created(json!({"person": "one_page", "kind": "user", "scopes": others})).await;
        assert_error(facebook.call(path, &token, &[]).await, code, None, message).await;
    }
    let unlimited = facebook.token("one_page", "user").await;
    assert_eq!(facebook.call(&format!("/{BLUE_BOTTLE}"), &unlimited, &[]).await.status(), 200);
}

#[tokio::test]
async fn rejects_a_token_that_the_sandbox_did_not_issue() {
    let facebook = PersonSandbox::start().await;
    for token in ["EAAinvented", "x", "9876543210987654|fedcba9876543210fedcba9876543210"] {
        for path in ["/me/accounts", ACCOUNT_PATH, "/12345/media"] {
            assert_error(facebook.call(path, token, &[]).await, 190, None, "Invalid OAuth access token").await;
        }
    }
}

#[tokio::test]
async fn only_a_system_user_reaches_studio_north() {
    let facebook = PersonSandbox::start().await;
    let token = facebook.token("system_user", "system_user").await;
    let account = facebook.read("/17841405793187221", &token, &[("fields", "username,media_count")]).await;
    assert_eq!(account, json!({"username": "studio_north", "media_count": 9}));
    let debugged = facebook.debug(&token).await;
    assert_eq!((&debugged["type"], &debugged["expires_at"]), (&json!("SYSTEM_USER"), &json!(0)));
    let instagrams = [("account", "studio_north"), ("decision", "allow")];
    let form: Vec<_> = facebook.sandbox.consent("instagram_business_basic", "allow");
    let form: Vec<_> = form.into_iter().filter(|(name, _)| *name != "account" && *name != "decision").collect();
    let form: Vec<_> = form.into_iter().chain(instagrams).collect();
    let posted =
        facebook.sandbox.client.post(facebook.sandbox.url("/oauth/authorize")).form(&form).send().await.unwrap();
    assert_eq!(posted.status(), 400, "its owner does not log in to Instagram");
}
