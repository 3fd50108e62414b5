//! The pictures and videos of posts.

use std::collections::HashSet;

use evertoken_sandbox::{Endpoint, FaultResponse, InjectedFault, Post};
use reqwest::{Response, StatusCode};
use serde_json::{Value, json};
use time::Duration;
use url::Url;

use crate::test_sandbox::{ACCOUNT, TestSandbox, value_of};

/// The member of each post that has it.
async fn links(sandbox: &TestSandbox, member: &str) -> Vec<Url> {
    let token = sandbox.create_token("long", 0).await;
    let query = [("access_token", token.as_str()), ("fields", member), ("limit", "100")];
    let page: Value = sandbox.get("/me/media", &query).await.json().await.unwrap();
    let posts = page["data"].as_array().unwrap().iter();
    posts.filter_map(|post| post.get(member)?.as_str()?.parse().ok()).collect()
}

fn has_extension(link: &Url, extension: &str) -> bool {
    link.path().rsplit_once('.').is_some_and(|(_, found)| found == extension)
}

async fn get(sandbox: &TestSandbox, link: &Url) -> Response {
    sandbox.client.get(link.clone()).send().await.unwrap()
}

async fn rejection(sandbox: &TestSandbox, link: &Url) -> (u16, String) {
    let response = get(sandbox, link).await;
    (response.status().as_u16(), response.text().await.unwrap())
}

#[tokio::test]
async fn a_picture_is_a_jpeg_that_no_other_site_may_embed() {
    let sandbox = TestSandbox::start().await;
    let mut different = HashSet::new();
    let pictures = links(&sandbox, "media_url").await.into_iter().filter(|link| has_extension(link, "jpg"));
    for link in pictures.take(3).chain(links(&sandbox, "thumbnail_url").await.into_iter().take(1)) {
        assert_eq!(link.origin().ascii_serialization(), sandbox.url(""));
        let response = get(&sandbox, &link).await;
        assert_eq!(response.status(), 200);
        let headers = response.headers();
        assert_eq!(headers["content-type"], "image/jpeg");
        assert_eq!(headers["cross-origin-resource-policy"], "same-origin");
        assert!(headers.contains_key("content-length") && !headers.contains_key("access-control-allow-origin"));
        let bytes = response.bytes().await.unwrap();
        assert!(bytes.starts_with(&[0xff, 0xd8, 0xff]));
        different.insert(bytes);
    }
    assert_eq!(different.len(), 4);
    let video = links(&sandbox, "media_url").await.into_iter().find(|link| has_extension(link, "mp4")).unwrap();
    assert_eq!(get(&sandbox, &video).await.headers()["content-type"], "video/mp4");
}

#[tokio::test]
async fn each_listing_signs_its_links_anew_and_they_expire_on_the_sandboxs_clock() {
    let sandbox = TestSandbox::start().await;
    let link = links(&sandbox, "media_url").await.remove(0);
    let again = links(&sandbox, "media_url").await.remove(0);
    assert_eq!(link.path(), again.path());
    assert_ne!(value_of(&link, "oh"), value_of(&again, "oh"));
    let expiry = i64::from_str_radix(&value_of(&link, "oe").unwrap(), 16).unwrap();
    assert!((expiry - sandbox.handle.now().unix_timestamp() - 432_000).abs() < 60);

    sandbox.handle.advance(Duration::days(5) - Duration::minutes(10));
    assert_eq!(get(&sandbox, &link).await.status(), 200);
    sandbox.handle.advance(Duration::minutes(20));
    assert_eq!(rejection(&sandbox, &link).await, (403, "URL signature expired".to_owned()));
    assert_eq!(get(&sandbox, &links(&sandbox, "media_url").await[0]).await.status(), 200);

    sandbox.shape(json!({"media_link_seconds": 0})).await;
    let link = links(&sandbox, "media_url").await.remove(0);
    assert_eq!(rejection(&sandbox, &link).await.0, 403);
}

#[tokio::test]
async fn an_altered_link_is_rejected() {
    let sandbox = TestSandbox::start().await;
    let all = links(&sandbox, "media_url").await;
    let later = all[0].as_str().replace("oe=", "oe=1");
    let mut other_file = all[0].clone();
    other_file.set_path(all[1].path());
    let mut unsigned = all[0].clone();
    unsigned.set_query(None);
    for link in [later.parse().unwrap(), other_file, unsigned] {
        assert_eq!(rejection(&sandbox, &link).await, (403, "Bad URL hash".to_owned()), "{link}");
    }
}

#[tokio::test]
async fn a_deleted_post_takes_its_pictures_along() {
    let sandbox = TestSandbox::start().await;
    let link = links(&sandbox, "media_url").await.remove(0);
    let newest = sandbox.handle.posts(ACCOUNT).unwrap().remove(0);
    sandbox.handle.delete_post(ACCOUNT, newest.id).unwrap();
    assert_eq!(get(&sandbox, &link).await.status(), 404);
    assert!(!links(&sandbox, "media_url").await.iter().any(|other| other.path() == link.path()));
}

#[tokio::test]
async fn a_post_can_have_any_file_and_any_fault() {
    let sandbox = TestSandbox::start().await;
    let post = Post { file: Some(b"\xff\xd8 truncated".to_vec()), timestamp: sandbox.handle.now(), ..Post::default() };
    sandbox.handle.publish_post(ACCOUNT, post).unwrap();
    let link = links(&sandbox, "media_url").await.remove(0);
    assert_eq!(get(&sandbox, &link).await.bytes().await.unwrap(), &b"\xff\xd8 truncated"[..]);

    sandbox.inject(InjectedFault::new(Endpoint::File, FaultResponse::Oversized { bytes: 100_000 })).await;
    assert!(get(&sandbox, &link).await.bytes().await.unwrap().len() >= 100_000);
    let redirect = json!({"kind": "status", "status": 302, "body": "", "headers": {"location": "http://127.0.0.1:9/"}});
    let redirect = InjectedFault {
        response: serde_json::from_value(redirect).unwrap(),
        ..InjectedFault::latency(Endpoint::File, 0)
    };
    sandbox.inject(redirect).await;
    assert_eq!(get(&sandbox, &link).await.status(), StatusCode::FOUND);
    assert_eq!(get(&sandbox, &link).await.status(), StatusCode::OK);
}
