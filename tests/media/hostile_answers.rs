//! Answers that Instagram does not give, or not yet.

use evertoken_core::provider_error::ProviderErrorKind;
use evertoken_sandbox::{Endpoint, FaultResponse, InjectedFault};
use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::test_media::TestMedia;

async fn answer(media: &TestMedia, body: Value) {
    let response = FaultResponse::with_body(StatusCode::OK, body);
    media.server.inject_fault(InjectedFault::new(Endpoint::Media, response)).await;
}

#[tokio::test]
async fn one_bad_post_never_hides_the_others() {
    let media = TestMedia::start().await;
    let good =
        json!({"id": 17_900_000_000_000_001_u64, "timestamp": "2026-11-25T10:00:00+0000", "caption": "\u{202e}x"});
    answer(&media, json!({"data": [null, {"id": "1"}, good, {"id": "x", "timestamp": "x"}]})).await;
    let list = media.list("blue_bottle", 12).await.unwrap();
    assert_eq!((list.posts.len(), list.unreadable), (1, 3));
    assert_eq!(list.posts[0].id.as_str(), "17900000000000001");
    assert_eq!(list.posts[0].caption.as_deref(), Some("\u{202e}x"), "a caption is its author's");
}

#[tokio::test]
async fn a_list_that_never_ends_is_left_at_the_limit() {
    let media = TestMedia::start().await;
    let post = |id: u64| json!({"id": id, "timestamp": "2026-11-25T10:00:00+0000"});
    for id in 1..=5 {
        let paging = json!({"cursors": {"after": format!("cursor {id}")}, "next": "https://attacker.example/"});
        answer(&media, json!({"data": [post(id), "unreadable"], "paging": paging})).await;
    }
    let list = media.list("blue_bottle", 10).await.unwrap();
    assert_eq!((list.posts.len(), list.unreadable), (5, 5));
    assert_eq!(media.server.request_count("media").await, 5);
}

#[tokio::test]
async fn a_list_of_several_megabytes_is_read_and_a_larger_one_is_rejected() {
    let media = TestMedia::start().await;
    for (bytes, kind) in [(7_000_000, None), (9_000_000, Some(ProviderErrorKind::Unreadable))] {
        let caption = "x".repeat(bytes);
        let post = json!({"id": "1", "timestamp": "2026-11-25T10:00:00+0000", "caption": caption});
        let response = FaultResponse::with_body(StatusCode::OK, json!({ "data": [post] }));
        media.sandbox().inject_fault(InjectedFault::new(Endpoint::Media, response)).unwrap();
        assert_eq!(media.list("blue_bottle", 12).await.err().map(|error| error.kind), kind, "{bytes}");
    }
}

#[tokio::test]
async fn an_answer_that_is_no_list_is_an_error() {
    let media = TestMedia::start().await;
    for (fault, kind) in [
        (FaultResponse::InvalidJson, ProviderErrorKind::Unreadable),
        (FaultResponse::Truncated, ProviderErrorKind::Unreachable),
        (FaultResponse::with_body(StatusCode::OK, json!({"data": {}})), ProviderErrorKind::Unreadable),
        (FaultResponse::with_body(StatusCode::OK, "<html>"), ProviderErrorKind::Unreadable),
        (FaultResponse::status(StatusCode::BAD_GATEWAY), ProviderErrorKind::Unavailable),
    ] {
        media.sandbox().inject_fault(InjectedFault::new(Endpoint::Media, fault.clone())).unwrap();
        assert_eq!(media.list("blue_bottle", 12).await.unwrap_err().kind, kind, "{fault:?}");
    }
}
