//! `/me/media` and `/{media}/children`.

use std::collections::HashSet;

use reqwest::{Method, Response};
use serde_json::{Value, json};
use time::OffsetDateTime;
use url::Url;

use crate::test_sandbox::{ACCOUNT, COMMENTS, TestSandbox, assert_rejected, value_of};

const FIELDS: &str = "id,caption,alt_text,media_type,media_product_type,media_url,thumbnail_url,permalink,timestamp,\
                      username,like_count,comments_count,is_shared_to_feed,\
                      children{id,media_type,media_url,thumbnail_url,alt_text,caption,permalink,like_count}";

async fn token_of(sandbox: &TestSandbox, account: &str) -> String {
    let created = sandbox.control(Method::POST, "/_sandbox/tokens", json!({ "account": account })).await;
    created["access_token"].as_str().unwrap().to_owned()
}

async fn list(sandbox: &TestSandbox, token: &str, query: &[(&str, &str)]) -> Response {
    let request = sandbox.client.get(sandbox.url("/v26.0/me/media")).query(query).bearer_auth(token);
    request.send().await.unwrap()
}

async fn page(sandbox: &TestSandbox, token: &str, query: &[(&str, &str)]) -> Value {
    let response = list(sandbox, token, query).await;
    assert_eq!(response.status(), 200, "{query:?}");
    response.json().await.unwrap()
}

fn ids(page: &Value) -> Vec<String> {
    page["data"].as_array().unwrap().iter().map(|post| post["id"].as_str().unwrap().to_owned()).collect()
}

async fn all_kinds(sandbox: &TestSandbox) -> Vec<Value> {
    let token = token_of(sandbox, ACCOUNT).await;
    page(sandbox, &token, &[("fields", FIELDS), ("limit", "100")]).await["data"].as_array().unwrap().clone()
}

#[tokio::test]
async fn an_account_has_posts_of_every_kind_newest_first() {
    let sandbox = TestSandbox::start().await;
    let posts = all_kinds(&sandbox).await;
    let times: Vec<_> = posts.iter().map(|post| post["timestamp"].as_str().unwrap()).collect();
    assert!(times.is_sorted_by(|newer, older| newer > older) && times[0].ends_with("+0000"), "{times:?}");
    for kind in ["IMAGE", "VIDEO", "CAROUSEL_ALBUM", "HOLOGRAM"] {
        assert!(posts.iter().any(|post| post["media_type"] == kind), "{kind}");
    }
    for missing in ["caption", "alt_text", "media_url", "thumbnail_url", "like_count", "comments_count", "children"] {
        let (without, with): (Vec<_>, Vec<_>) = posts.iter().partition(|post| post.get(missing).is_none());
        assert!(!without.is_empty() && !with.is_empty(), "{missing}");
    }
    for post in &posts {
        assert!(!post.as_object().unwrap().values().any(Value::is_null), "{post}");
        assert_eq!(post["username"], ACCOUNT);
        let is_video = post["media_type"] == "VIDEO";
        assert_eq!(post.get("thumbnail_url").is_some(), is_video, "{post}");
        let is_reel = post["media_product_type"] == "REELS";
        assert_eq!(post.get("is_shared_to_feed").is_some(), is_reel, "{post}");
        let link = if is_reel { "https://www.instagram.com/reel/" } else { "https://www.instagram.com/p/" };
        assert!(post["permalink"].as_str().unwrap().starts_with(link), "{post}");
    }
    assert!(posts.iter().any(|post| post["is_shared_to_feed"] == false));
    let longest = posts.iter().filter_map(|post| post["caption"].as_str()).map(|text| text.chars().count()).max();
    assert_eq!(longest, Some(2200));
    for part in ["<script>", "👩\u{200d}🍳", "قهوة"] {
        assert!(posts.iter().any(|post| post["caption"].as_str().is_some_and(|text| text.contains(part))), "{part}");
    }
}

#[tokio::test]
async fn the_parts_of_an_album_have_fewer_fields_and_may_be_flagged() {
    let sandbox = TestSandbox::start().await;
    let posts = all_kinds(&sandbox).await;
    let children = |post: &Value| post["children"]["data"].as_array().cloned().unwrap_or_default();
    let parts: Vec<Value> = posts.iter().flat_map(children).collect();
    assert_eq!(parts.len(), 6);
    for part in &parts {
        for absent in ["caption", "permalink", "like_count"] {
            assert!(part.get(absent).is_none(), "{part}");
        }
    }
    assert!(parts.iter().any(|part| part.get("media_url").is_none()));
    assert!(parts.iter().any(|part| part.get("thumbnail_url").is_some()));
    // The cover is that of the first part.
    let albums: Vec<_> = posts.iter().filter(|post| post["media_type"] == "CAROUSEL_ALBUM").collect();
    for album in albums {
        assert_eq!(album.get("media_url"), children(album)[0].get("media_url"));
        let token = token_of(&sandbox, ACCOUNT).await;
        let id = album["id"].as_str().unwrap();
        for path in [format!("/v26.0/{id}/children"), format!("/{id}/children")] {
            let query = [("access_token", token.as_str()), ("fields", "id,media_type")];
            let edge: Value = sandbox.get(&path, &query).await.json().await.unwrap();
            assert_eq!(ids(&edge), ids(&album["children"]));
        }
    }
}

#[tokio::test]
async fn pages_by_cursor_in_both_directions_and_ends_without_a_next_page() {
    let sandbox = TestSandbox::start().await;
    let token = token_of(&sandbox, "corner_bakery").await;
    let (mut all, mut after) = (Vec::new(), String::new());
    loop {
        let page = page(&sandbox, &token, &[("limit", "70"), ("after", &after)]).await;
        all.extend(ids(&page));
        let cursors = &page["paging"]["cursors"];
        assert_eq!(page["paging"].get("previous").is_some(), !after.is_empty());
        after = cursors["after"].as_str().unwrap().to_owned();
        let Some(next) = page["paging"]["next"].as_str() else { break };
        // As on Instagram, the link contains the token.
        let next: Url = next.parse().unwrap();
        assert_eq!(value_of(&next, "access_token").as_deref(), Some(token.as_str()));
        assert_eq!(value_of(&next, "after"), Some(after.clone()));
    }
    assert_eq!((all.len(), all.iter().collect::<HashSet<_>>().len()), (300, 300));
    assert_eq!(page(&sandbox, &token, &[("after", &after)]).await, json!({"data": []}));
    let before = page(&sandbox, &token, &[("before", &after), ("limit", "2")]).await;
    assert_eq!(ids(&before), all[297..299]);
    assert_eq!(ids(&page(&sandbox, &token, &[]).await).len(), 25);
    let me: Value =
        sandbox.get("/me", &[("access_token", &token), ("fields", "media_count")]).await.json().await.unwrap();
    assert_eq!(me, json!({"media_count": 300}));
}

#[tokio::test]
async fn a_list_without_fields_contains_only_ids_and_needs_no_version() {
    let sandbox = TestSandbox::start().await;
    let token = token_of(&sandbox, "maya.makes").await;
    let listed: Value =
        sandbox.get("/me/media", &[("access_token", &token), ("limit", "1")]).await.json().await.unwrap();
    let first = &listed["data"][0];
    assert_eq!(first.as_object().unwrap().len(), 1);
    assert!(first["id"].as_str().unwrap().parse::<u64>().unwrap() > 1 << 53);
}

#[tokio::test]
async fn rejects_an_invalid_request() {
    let sandbox = TestSandbox::start().await;
    let token = token_of(&sandbox, ACCOUNT).await;
    let other = page(&sandbox, &token_of(&sandbox, "maya.makes").await, &[]).await;
    let other = format!("/v26.0/{}/children", ids(&other)[0]);
    let bare = json!({"account": ACCOUNT, "scopes": [COMMENTS]});
    let bare = sandbox.control(Method::POST, "/_sandbox/tokens", bare).await;
    let bare = bare["access_token"].as_str().unwrap();
    let (media, token) = ("/v26.0/me/media", token.as_str());
    let rows = [
        (media, vec![], 400, 2500, None, "An active access token must be used"),
        (media, vec![("access_token", "IGAAinvented")], 400, 190, None, "Invalid OAuth access token"),
        (media, vec![("access_token", bare)], 400, 10, None, "(#10)"),
        (media, vec![("access_token", token), ("fields", "id,plays")], 400, 100, None, "Tried accessing nonexisting"),
        (media, vec![("access_token", token), ("fields", "children{id,plays}")], 400, 100, None, "Tried accessing"),
        (media, vec![("access_token", token), ("fields", "caption{id}")], 400, 100, None, "Tried accessing"),
        (media, vec![("access_token", token), ("fields", "children{id")], 400, 2500, None, "Syntax error"),
        (media, vec![("access_token", token), ("limit", "0")], 400, 100, None, "Invalid parameter: limit"),
        (media, vec![("access_token", token), ("limit", "101")], 400, 100, None, "Invalid parameter: limit"),
        (media, vec![("access_token", token), ("after", "x")], 400, 100, None, "Invalid parameter: after"),
        ("/v20.0/me/media", vec![("access_token", token)], 500, 2500, None, "Unknown path components"),
        ("/v26.0/5/children", vec![("access_token", token)], 400, 100, Some(33), "Unsupported get request."),
        (&other, vec![("access_token", token)], 400, 100, Some(33), "Unsupported get request."),
    ];
    for (path, query, status, code, subcode, message) in rows {
        assert_rejected(sandbox.get(path, &query).await, status, code, subcode, message).await;
    }
    let posted = sandbox.client.post(sandbox.url(media)).bearer_auth(token).send().await.unwrap();
    assert_rejected(posted, 400, 100, None, "Unsupported request - method type: post").await;
    sandbox.change_account(json!({"revoked": true})).await;
    assert_rejected(list(&sandbox, token, &[]).await, 400, 190, Some(458), "Error validating").await;
}

#[tokio::test]
async fn a_refused_field_fails_the_whole_request() {
    let sandbox = TestSandbox::start().await;
    let token = token_of(&sandbox, ACCOUNT).await;
    sandbox.control(Method::PATCH, "/_sandbox/app", json!({"refused_fields": ["alt_text"]})).await;
    for fields in ["id,alt_text", "children{alt_text}"] {
        let response = list(&sandbox, &token, &[("fields", fields)]).await;
        assert_rejected(response, 400, 100, None, "Tried accessing nonexisting field (alt_text)").await;
    }
    assert_eq!(list(&sandbox, &token, &[("fields", "id,caption")]).await.status(), 200);
}

#[tokio::test]
async fn reports_the_call_usage_and_rejects_calls_when_it_is_used_up() {
    let sandbox = TestSandbox::start().await;
    let token = token_of(&sandbox, ACCOUNT).await;
    assert!(!list(&sandbox, &token, &[]).await.headers().contains_key("x-business-use-case-usage"));
    for (percent, status) in [(85, 200), (100, 400)] {
        sandbox.change_account(json!({"call_usage": {"percent": percent, "regain_minutes": 7}})).await;
        let response = list(&sandbox, &token, &[]).await;
        let usage: Value = serde_json::from_slice(response.headers()["x-business-use-case-usage"].as_bytes()).unwrap();
        let entry = &usage["17841405793187218"][0];
        assert_eq!((&entry["call_count"], &entry["type"]), (&json!(percent), &json!("instagram")));
        assert_eq!(entry["estimated_time_to_regain_access"], 7);
        assert_eq!(response.status(), status);
    }
    assert_rejected(list(&sandbox, &token, &[]).await, 400, 80002, None, "(#80002)").await;
}

#[tokio::test]
async fn the_posts_do_not_depend_on_when_they_are_listed() {
    let sandbox = TestSandbox::start().await;
    let token = sandbox.create_token("long", 0).await;
    let first = page(&sandbox, &token, &[("fields", "id,timestamp,caption")]).await;
    let newest = first["data"][0]["timestamp"].as_str().unwrap();
    let newest = OffsetDateTime::parse(&newest.replace("+0000", "Z"), &time::format_description::well_known::Rfc3339);
    assert!(newest.unwrap() < sandbox.handle.now());
    sandbox.handle.advance(time::Duration::days(3));
    assert_eq!(page(&sandbox, &token, &[("fields", "id,timestamp,caption")]).await, first);
}
