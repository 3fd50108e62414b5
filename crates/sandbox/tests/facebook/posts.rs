//! `/{account}/media` and `/{media}/children`.

use evertoken_sandbox::CallUsage;
use reqwest::Method;
use serde_json::{Value, json};

use crate::facebook::person_sandbox::{BLUE_BOTTLE, CORNER_BAKERY, PersonSandbox, assert_error};

const FIELDS: &str = "id,caption,media_type,permalink,timestamp,children{id,media_type}";

#[tokio::test]
async fn both_hosts_have_the_same_posts() {
    let facebook = PersonSandbox::start().await;
    let page = facebook.token("one_page", "page").await;
    let user = facebook.token("one_page", "user").await;
    let instagrams = facebook.sandbox.create_token("long", 0).await;
    let query = [("fields", FIELDS), ("limit", "100"), ("access_token", &instagrams)];
    let expected: Value = facebook.sandbox.get("/v26.0/me/media", &query).await.json().await.unwrap();
    assert_eq!(expected["data"].as_array().unwrap().len(), 17);
    let path = format!("/{BLUE_BOTTLE}/media");
    for token in [&page, &user] {
        let posts = facebook.read(&path, token, &[("fields", FIELDS), ("limit", "100")]).await;
        assert_eq!(posts["data"], expected["data"]);
    }
    let same: Value = facebook.sandbox.get(&format!("/v26.0{path}"), &query).await.json().await.unwrap();
    assert_eq!(same["data"], expected["data"], "Instagram's host has the path too");
    let foreign = facebook.sandbox.get(&format!("/v26.0/{CORNER_BAKERY}/media"), &query).await;
    assert_eq!(foreign.status(), 400);

    let posts = expected["data"].as_array().unwrap();
    let album = posts.iter().find(|post| post["media_type"] == "CAROUSEL_ALBUM").unwrap();
    let children = format!("/{}/children", album["id"].as_str().unwrap());
    let parts = facebook.read(&children, &page, &[("fields", "id,media_type")]).await;
    assert_eq!(parts, album["children"]);
    let other = facebook.token("same_account", "page").await;
    let unsupported = "Unsupported get request. Object with ID '";
    assert_error(facebook.call(&children, &other, &[]).await, 100, Some(33), unsupported).await;
    for unknown in ["/1/children", "/x/children", "/17841405793187219/media"] {
        assert_error(facebook.call(unknown, &page, &[]).await, 100, Some(33), unsupported).await;
    }
}

#[tokio::test]
async fn a_list_has_pages_and_rejects_what_instagram_rejects() {
    let facebook = PersonSandbox::start().await;
    let page = facebook.created(json!({"person": "three_pages", "kind": "page", "page": "100641205793103"})).await;
    let path = format!("/{CORNER_BAKERY}/media");
    let first = facebook.read(&path, &page, &[("limit", "100")]).await;
    let after = first["paging"]["cursors"]["after"].as_str().unwrap();
    assert!(first["paging"]["next"].as_str().unwrap().contains("access_token=EAA"));
    let second = facebook.read(&path, &page, &[("limit", "100"), ("after", after)]).await;
    assert_ne!(first["data"], second["data"]);
    for (name, value, code, message) in [
        ("limit", "101", 100, "(#100) Invalid parameter: limit"),
        ("after", "x", 100, "(#100) Invalid parameter: after"),
        ("fields", "id,account_type", 100, "Tried accessing nonexisting field (account_type)"),
        ("fields", "children{id", 2500, "Syntax error"),
    ] {
        assert_error(facebook.call(&path, &page, &[(name, value)]).await, code, None, message).await;
    }
    facebook.sandbox.handle.refuse_fields(&["alt_text"]);
    let refused = facebook.call(&path, &page, &[("fields", "alt_text")]).await;
    assert_error(refused, 100, None, "Tried accessing nonexisting field (alt_text)").await;
}

#[tokio::test]
async fn calls_count_against_the_accounts_budget() {
    let facebook = PersonSandbox::start().await;
    let page = facebook.token("one_page", "page").await;
    for (percent, status) in [(85, 200), (100, 400)] {
        let usage = CallUsage { percent, regain_minutes: 7 };
        facebook.sandbox.handle.update_account("blue_bottle", |account| account.call_usage = Some(usage)).unwrap();
        for path in [format!("/{BLUE_BOTTLE}"), format!("/{BLUE_BOTTLE}/media")] {
            let response = facebook.call(&path, &page, &[]).await;
            assert_eq!(response.status(), status);
            let header = response.headers()["x-business-use-case-usage"].to_str().unwrap();
            let header: Value = serde_json::from_str(header).unwrap();
            assert_eq!(header[BLUE_BOTTLE][0]["call_count"], percent);
            if status == 400 {
                assert_error(response, 80002, None, "(#80002)").await;
            }
        }
    }
    let me = facebook.request(Method::GET, "/me", &page, &[]).await;
    assert_eq!(me.status(), 200, "the page itself has another budget");
}
