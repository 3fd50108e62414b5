//! The list of an account's posts.

use std::collections::HashSet;

use evertoken_core::media::{CallUsage, Media, MediaKind, PictureSource};
use evertoken_core::provider_error::ProviderErrorKind;
use evertoken_sandbox::{Account, CallUsage as SandboxUsage, InstagramId, Post};
use evertoken_tests::log_lines::LogLines;
use time::Duration;

use crate::test_media::TestMedia;

fn is_newest_first(posts: &[Media]) -> bool {
    posts.is_sorted_by(|newer, older| newer.published_at > older.published_at)
}

#[tokio::test]
async fn lists_300_posts_in_three_requests() {
    let media = TestMedia::start().await;
    let list = media.list("corner_bakery", 1000).await.unwrap();
    assert_eq!((list.posts.len(), list.unreadable, list.usage), (300, 0, None));
    assert_eq!(list.posts.iter().map(|post| &post.id).collect::<HashSet<_>>().len(), 300);
    assert!(is_newest_first(&list.posts));
    assert_eq!(list.posts[0].caption.as_deref(), Some("Loaf 300 #bread"));
    assert_eq!(list.posts[299].caption.as_deref(), Some("Loaf 1 #bread"));
    assert_eq!(media.server.request_count("media").await, 3);

    let some = media.list("corner_bakery", 130).await.unwrap().posts;
    assert!(some.iter().map(|post| &post.id).eq(list.posts.iter().map(|post| &post.id).take(130)));
    assert_eq!(media.server.request_count("media").await, 3 + 2);
}

#[tokio::test]
async fn a_feed_needs_one_request() {
    let media = TestMedia::start().await;
    assert_eq!(media.list("corner_bakery", 12).await.unwrap().posts.len(), 12);
    assert_eq!(media.list("maya.makes", 12).await.unwrap().posts.len(), 9);
    assert_eq!(media.server.request_count("media").await, 2);
}

#[tokio::test]
async fn reads_posts_of_every_kind() {
    let media = TestMedia::start().await;
    let list = media.list("blue_bottle", 100).await.unwrap();
    let (posts, sandbox) = (&list.posts, media.sandbox().posts("blue_bottle").unwrap());
    assert_eq!((posts.len(), list.unreadable), (sandbox.len(), 0));
    assert!(is_newest_first(posts));
    for (post, original) in posts.iter().zip(&sandbox) {
        assert_eq!(post.id.as_str(), original.id.to_string());
        assert_eq!(post.kind, kind(&original.media_type));
        assert_eq!((&post.caption, &post.alt_text), (&original.caption, &original.alt_text));
        assert_eq!(post.published_at, original.timestamp);
        assert_eq!((post.likes, post.comments), (original.like_count, original.comments_count));
        assert_eq!(post.is_reel, original.media_product_type == "REELS");
        assert_eq!(post.shared_to_feed, original.is_shared_to_feed);
        assert_eq!(post.username.as_deref(), Some("blue_bottle"));
        assert_eq!(post.permalink.as_ref().unwrap().host_str(), Some("www.instagram.com"));
        assert_eq!(post.children.len(), original.children.len());
        for (child, original) in post.children.iter().zip(&original.children) {
            assert_eq!((child.id.as_str(), &child.kind), (&*original.id.to_string(), &kind(&original.media_type)));
            assert_eq!((&child.alt_text, child.files.media_url.is_none()), (&original.alt_text, original.flagged));
        }
        if post.kind != MediaKind::Album {
            assert_eq!(post.files.media_url.is_none(), original.flagged);
        }
        assert_eq!(post.files.thumbnail_url.is_some(), post.kind == MediaKind::Video);
    }
    assert!(posts.iter().any(|post| post.kind == MediaKind::Other("HOLOGRAM".to_owned())));
    assert!(posts.iter().any(|post| post.files.media_url.is_none() && post.files.thumbnail_url.is_some()));
}

fn kind(media_type: &str) -> MediaKind {
    match media_type {
        "IMAGE" => MediaKind::Image,
        "VIDEO" => MediaKind::Video,
        "CAROUSEL_ALBUM" => MediaKind::Album,
        other => MediaKind::Other(other.to_owned()),
    }
}

#[tokio::test]
async fn a_refused_field_costs_one_request_once() {
    let media = TestMedia::start().await;
    media.sandbox().refuse_fields(&["alt_text"]);
    let posts = media.posts().await;
    assert_eq!(posts.len(), 17);
    assert!(posts.iter().all(|post| post.alt_text.is_none() && !post.is_reel));
    assert!(posts.iter().any(|post| post.likes.is_some() && post.permalink.is_some()));
    assert!(posts.iter().any(|post| post.children.len() == 3));
    media.list("corner_bakery", 300).await.unwrap();
    let outcomes = (media.outcomes("media", "unknown_field").await, media.outcomes("media", "ok").await);
    assert_eq!(outcomes, (1, 1 + 3));

    media.sandbox().refuse_fields(&["caption"]);
    let error = media.list("blue_bottle", 12).await.unwrap_err();
    assert_eq!(error.code, Some(100), "a field that Evertoken cannot do without");
}

#[tokio::test]
async fn shows_new_changed_and_deleted_posts() {
    let media = TestMedia::start().await;
    let before = media.posts().await;
    let new = Post { caption: Some("new".to_owned()), timestamp: media.sandbox().now(), ..Post::default() };
    let new = media.sandbox().publish_post("blue_bottle", new).unwrap();
    let changed: InstagramId = before[0].id.as_str().parse().unwrap();
    media.sandbox().update_post("blue_bottle", changed, |post| post.caption = Some("changed".to_owned())).unwrap();
    media.sandbox().delete_post("blue_bottle", before[1].id.as_str().parse().unwrap()).unwrap();

    let after = media.posts().await;
    assert_eq!(after.len(), before.len());
    assert_eq!((after[0].id.to_string(), after[0].caption.as_deref()), (new.id.to_string(), Some("new")));
    assert_eq!((&after[1].id, after[1].caption.as_deref()), (&before[0].id, Some("changed")));
    assert_eq!(after[2].id, before[2].id);
    assert!(after.iter().all(|post| post.id != before[1].id));
}

#[tokio::test]
async fn reports_the_call_usage_and_the_wait_when_it_is_used_up() {
    let media = TestMedia::start().await;
    let use_calls = |percent, regain_minutes| {
        let usage = Some(SandboxUsage { percent, regain_minutes });
        media.sandbox().update_account("blue_bottle", |account| account.call_usage = usage).unwrap();
    };
    use_calls(85, 0);
    let usage = media.list("blue_bottle", 12).await.unwrap().usage;
    assert_eq!(usage, Some(CallUsage { percent: 85, blocked_for: None }));
    use_calls(100, 7);
    let error = media.list("blue_bottle", 12).await.unwrap_err();
    assert_eq!((error.kind, error.code), (ProviderErrorKind::RateLimited, Some(80002)));
    assert_eq!(error.retry_after, Some(Duration::minutes(7)));
    assert_eq!(media.server.request_count("media").await, 2, "a rejected call was repeated");
}

#[tokio::test]
async fn a_dead_token_is_reported_by_the_usual_error() {
    let media = TestMedia::start().await;
    let token = media.token("blue_bottle").await;
    let changes: [(fn(&mut Account), _); 2] = [
        (|account| account.checkpointed = true, ProviderErrorKind::Checkpoint),
        (|account| account.revoked = true, ProviderErrorKind::AppRemoved),
    ];
    for (change, kind) in changes {
        media.sandbox().update_account("blue_bottle", change).unwrap();
        assert_eq!(media.instagram.list_posts(&token, 12).await.unwrap_err().kind, kind);
    }
}

#[tokio::test]
async fn neither_a_token_nor_a_link_is_logged() {
    let (log, _guard) = LogLines::collect();
    let media = TestMedia::start().await;
    let token = media.token("corner_bakery").await;
    let list = media.list("corner_bakery", 120).await.unwrap();
    let link = list.posts[0].files.media_url.clone().unwrap();
    media.pictures.picture(&link, 1_000_000).await.unwrap();
    let text = log.text();
    assert!(text.contains("/v26.0/me/media"), "nothing was logged: {text}");
    let signature = link.query_pairs().find(|(name, _)| name == "oh").unwrap().1.into_owned();
    for secret in [token.expose(), &signature, "IGAA", "/cdn/"] {
        assert!(!text.contains(secret), "{secret}: {text}");
    }
}
