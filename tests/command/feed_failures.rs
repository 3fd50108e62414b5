//! Whatever fails behind a feed, the last posts stay online, and one bad picture affects no other post.

use std::collections::BTreeMap;
use std::fs;
use std::net::TcpListener;
use std::process::Command;

use evertoken_sandbox::{Endpoint, FaultResponse, InjectedFault, Post};
use evertoken_tests::feed_service::FeedService;
use evertoken_tests::{http, venv, wait};
use reqwest::StatusCode;
use serde_json::{Value, json};
use time::OffsetDateTime;

use crate::sandbox_vault::{NAME, SandboxVault};

/// A service whose clock can be moved, with a published feed.
struct Published {
    vault: SandboxVault,
    feed: Value,
}

impl Published {
    async fn start() -> Self {
        let vault = SandboxVault::start().await;
        vault.log_in("blue_bottle").await;
        vault.run(&["feed", "enable", NAME, "--posts", "3"]).await.expect_code(0);
        let feed = read(&vault).await;
        assert_eq!((&feed["_evertoken"]["stale"], feed["items"].as_array().unwrap().len()), (&json!(false), 3));
        Self { vault, feed }
    }

    /// Lets a week go by, and waits until the service has marked the feed as stale. Its posts and pictures must still be
    /// there.
    async fn become_stale_in_a_week(&self) {
        self.vault.click("time", &[("days", "7")]).await;
        let stale = wait::until_async("the feed to be stale", async || {
            Some(read(&self.vault).await).filter(|feed| feed["_evertoken"]["stale"] == true)
        })
        .await;
        assert_eq!(stale["items"], self.feed["items"]);
        let html = get(&self.vault, "html").await;
        assert!(html.contains("data-stale=\"true\"") && html.contains("<img"), "{html}");
        for image in stale["items"].as_array().unwrap().iter().filter_map(|item| item["image"].as_str()) {
            assert_eq!(http::client().get(image).send().await.unwrap().status(), StatusCode::OK, "{image}");
        }
    }
}

async fn get(vault: &SandboxVault, format: &str) -> String {
    let url = vault.service.url.join(&format!("feed/{NAME}.{format}")).unwrap();
    let response = http::client().get(url).send().await.unwrap();
    assert_eq!(response.status(), StatusCode::OK);
    response.text().await.unwrap()
}

async fn read(vault: &SandboxVault) -> Value {
    serde_json::from_str(&get(vault, "json").await).unwrap()
}

#[tokio::test]
async fn instagram_down_for_a_week_leaves_the_last_feed_marked_as_stale_until_it_is_back() {
    let published = Published::start().await;
    let faults = published.vault.control_page.join("/_sandbox/faults").unwrap();
    let down = InjectedFault::new(Endpoint::Media, FaultResponse::status(StatusCode::SERVICE_UNAVAILABLE)).always();
    let injected = http::client().post(faults.clone()).json(&Value::from(down)).send().await.unwrap();
    assert!(injected.status().is_success(), "{}", injected.text().await.unwrap());
    published.become_stale_in_a_week().await;

    assert!(http::client().delete(faults).send().await.unwrap().status().is_success());
    published.vault.run(&["feed", "refresh", NAME]).await.expect_code(0);
    assert_eq!(read(&published.vault).await, published.feed, "the posts are the same");
    published.vault.service.shut_down().await;
}

#[tokio::test]
async fn a_token_that_cannot_be_read_leaves_the_last_feed_marked_as_stale() {
    let published = Published::start().await;
    fs::write(published.vault.dir.path().join(format!("accounts/{NAME}.json")), "{").unwrap();
    published.become_stale_in_a_week().await;
    published.vault.service.shut_down().await;
}

#[tokio::test]
async fn a_publisher_that_fails_leaves_the_last_feed() {
    let published = Published::start().await;
    // The publisher can neither read nor write what it remembers.
    let state = published.vault.dir.path().join(format!("feeds/state/{NAME}.json"));
    fs::rename(&state, state.with_extension("saved")).unwrap();
    fs::create_dir(&state).unwrap();
    published.vault.run(&["feed", "refresh", NAME]).await.expect_code(3);
    published.vault.click("time", &[("days", "7")]).await;
    wait::until("a failed run", || published.vault.service.stderr().contains("1 failed").then_some(())).await;
    assert_eq!(read(&published.vault).await, published.feed);

    fs::remove_dir(&state).unwrap();
    fs::rename(state.with_extension("saved"), &state).unwrap();
    published.vault.run(&["feed", "refresh", NAME]).await.expect_code(0);
    assert_eq!(read(&published.vault).await["items"], published.feed["items"]);
    published.vault.service.shut_down().await;
}

/// Publishes a post on Instagram. Returns its ID.
fn publish(feeds: &FeedService, file: Option<Vec<u8>>) -> String {
    let post = Post { timestamp: OffsetDateTime::now_utc(), file, width: 64, height: 64, ..Post::default() };
    feeds.cli.instagram().sandbox().publish_post("blue_bottle", post).unwrap().id.0.to_string()
}

/// The posts of the feed by their IDs.
async fn items(feeds: &FeedService) -> BTreeMap<String, Value> {
    let feed = feeds.json("feed/shop-de.json").await;
    let items = feed["items"].as_array().unwrap().iter();
    items.map(|item| (item["id"].as_str().unwrap().to_owned(), item.clone())).collect()
}

/// A PNG of 200 kB that takes 200 MB of memory when it is decoded with one bit per pixel, and 1.6 GB with one byte.
fn decompression_bomb() -> Vec<u8> {
    let script = r"
import struct, sys, zlib
side = 40000
deflate = zlib.compressobj(9)
rows = b''.join(deflate.compress(bytes(1 + side // 8)) for _ in range(side)) + deflate.flush()
chunk = lambda kind, data: struct.pack('>I', len(data)) + kind + data + struct.pack('>I', zlib.crc32(kind + data))
header = struct.pack('>IIBBBBB', side, side, 1, 0, 0, 0, 0)
sys.stdout.buffer.write(b'\x89PNG\r\n\x1a\n' + chunk(b'IHDR', header) + chunk(b'IDAT', rows) + chunk(b'IEND', b''))
";
    let output = Command::new(venv::python()).args(["-c", script]).output().unwrap();
    assert!(output.status.success() && output.stdout.len() < 300_000, "{}", output.stdout.len());
    output.stdout
}

#[tokio::test]
async fn hostile_pictures_become_links_and_the_other_posts_stay() {
    let feeds = FeedService::start().await;
    feeds.cli.run(&["feed", "enable", "shop-de", "--posts", "2"]).await.expect_code(0);
    let before = items(&feeds).await;
    let picture = before.values().find_map(|item| item["image"].as_str()).unwrap();
    let jpeg = http::client().get(picture).send().await.unwrap().bytes().await.unwrap();
    let svg = "<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'><script>alert(1)</script></svg>";
    let large = [&jpeg[..jpeg.len() - 2], &vec![0; 50_000_000]].concat();
    let hostile = [
        ("a picture of 50 MB", large),
        ("a decompression bomb", decompression_bomb()),
        ("a truncated JPEG", jpeg[..jpeg.len() / 2].to_vec()),
        ("an SVG with a script", svg.as_bytes().to_vec()),
        ("an empty file", Vec::new()),
    ];
    let ids: Vec<_> = hostile.into_iter().map(|(what, file)| (what, publish(&feeds, Some(file)))).collect();
    let good = publish(&feeds, None);
    feeds.cli.run(&["feed", "enable", "shop-de", "--posts", "8"]).await.expect_code(0);

    let after = items(&feeds).await;
    assert_eq!(after.len(), 8);
    assert!(before.iter().all(|(id, item)| after[id] == *item), "{after:#?}");
    assert!(after[&good]["image"].is_string());
    for (what, id) in &ids {
        assert_eq!(after[id]["_instagram"]["images"], json!([]), "{what}");
        assert!(after[id]["url"].is_string() && after[id].get("image").is_none(), "{what}");
    }
    assert_eq!(feeds.json("feed/shop-de.json").await["_evertoken"]["left_out"], ids.len());
    for format in ["html", "atom", "json"] {
        let text = feeds.text(&format!("feed/shop-de.{format}")).await;
        assert!(!text.contains("<script") && !text.contains("alert"), "{text}");
    }
    // Nothing is downloaded again.
    let downloads = feeds.cli.instagram().request_count("file").await;
    feeds.cli.run(&["feed", "refresh", "shop-de"]).await.expect_code(0);
    assert_eq!(feeds.cli.instagram().request_count("file").await, downloads);
    feeds.shut_down().await;
}

#[tokio::test]
async fn a_picture_that_redirects_to_another_host_becomes_a_link_and_the_host_is_never_contacted() {
    let feeds = FeedService::start().await;
    feeds.cli.run(&["feed", "enable", "shop-de", "--posts", "2"]).await.expect_code(0);
    let before = items(&feeds).await;
    let target = TcpListener::bind("127.0.0.1:0").unwrap();
    target.set_nonblocking(true).unwrap();
    let id = publish(&feeds, None);
    let headers = BTreeMap::from([("location".to_owned(), format!("http://{}/x.jpg", target.local_addr().unwrap()))]);
    let redirect = FaultResponse::Status { status: StatusCode::FOUND, body: Some(json!("")), headers };
    feeds.cli.instagram().inject_fault(InjectedFault::new(Endpoint::File, redirect)).await;
    feeds.cli.run(&["feed", "enable", "shop-de", "--posts", "3"]).await.expect_code(0);

    let after = items(&feeds).await;
    assert!(before.iter().all(|(id, item)| after[id] == *item), "{after:#?}");
    assert!(after[&id]["url"].is_string() && after[&id].get("image").is_none(), "{after:#?}");
    assert_eq!(target.accept().unwrap_err().kind(), std::io::ErrorKind::WouldBlock);
    feeds.shut_down().await;
}

#[tokio::test]
async fn a_link_that_expires_after_the_posts_were_listed_is_replaced_at_once() {
    let feeds = FeedService::start().await;
    feeds.cli.run(&["feed", "enable", "shop-de", "--posts", "1"]).await.expect_code(0);
    let id = publish(&feeds, None);
    let lists = feeds.cli.instagram().request_count("media").await;
    let expired = FaultResponse::with_body(StatusCode::FORBIDDEN, "URL signature expired");
    feeds.cli.instagram().inject_fault(InjectedFault::new(Endpoint::File, expired)).await;
    feeds.cli.run(&["feed", "refresh", "shop-de"]).await.expect_code(0);
    assert!(items(&feeds).await[&id]["image"].is_string());
    assert_eq!(feeds.cli.instagram().request_count("media").await, lists + 2);
    feeds.shut_down().await;
}
