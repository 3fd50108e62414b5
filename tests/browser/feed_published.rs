//! Tests of a feed that `evertoken serve` publishes, on a page of another site.

use std::fs;

use evertoken_tests::feed_service::FeedService;
use evertoken_tests::workspace;
use serde_json::{Map, Value, json};
use tempfile::TempDir;

use crate::run_script;

/// Publishes posts of every kind, with a fragment in each layout, and runs a journey of `feed_published.mjs`.
async fn run_published(journey: &str) {
    let feeds = FeedService::start().await;
    let folder = TempDir::new().unwrap();
    let mut fragments = Map::new();
    for layout in ["grid", "row", "list"] {
        let settings = ["--posts", "100", "--off-feed-reels", "--layout", layout];
        feeds.cli.run(&[&["feed", "enable", "shop-de"], &settings[..]].concat()).await.expect_code(0);
        let path = folder.path().join(layout);
        fs::write(&path, feeds.text("feed/shop-de.html").await).unwrap();
        fragments.insert(layout.to_owned(), json!(path));
    }
    let embedded = feeds.cli.run(&["feed", "embed", "shop-de", "--for", "html"]).await.expect_code(0).stdout;
    let published = json!({
        "embedded": embedded,
        "origin": feeds.service.url.as_str().trim_end_matches('/'),
        "feed": feeds.json("feed/shop-de.json").await,
        "fragments": fragments,
        "widgetDocumentation": workspace::root().join("docs/feed-widget.md"),
        "fragmentDocumentation": workspace::root().join("crates/feed/README.md"),
    });
    let kinds: Vec<&Value> =
        published["feed"]["items"].as_array().unwrap().iter().map(|item| &item["_instagram"]["type"]).collect();
    assert!(["image", "video", "album", "other"].iter().all(|kind| kinds.contains(&&json!(kind))), "{kinds:?}");
    run_script("feed_published.mjs", journey, &published, None).await;
    feeds.shut_down().await;
}

macro_rules! journeys {
    ($($journey:ident),+ $(,)?) => {
        $(
            #[tokio::test]
            #[ignore = "needs a browser: run `make browser`, and pass --include-ignored"]
            async fn $journey() {
                run_published(stringify!($journey)).await;
            }
        )+
    };
}

journeys!(
    the_widget_shows_a_published_feed,
    the_fragment_of_a_published_feed_needs_no_script,
    foreign_captions_are_shown_as_text,
    the_content_of_the_element_is_shown_without_a_script,
);
