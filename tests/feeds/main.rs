//! What the publisher writes is valid JSON Feed 1.1 and Atom (RFC 4287), according to implementations of others.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test may panic")]

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::Command;

use evertoken_sandbox::Post;
use evertoken_tests::feed_service::FeedService;
use evertoken_tests::{venv, workspace};
use tempfile::TempDir;
use time::OffsetDateTime;

/// Checks all feeds in a folder. Returns the problems of each file.
fn validate(folder: &Path) -> BTreeMap<String, Vec<String>> {
    let script = workspace::root().join("tests/feeds/validate.py");
    let output = Command::new(venv::feed_validators_python()).arg(script).arg(folder).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

/// Writes both files of the feed to the folder.
async fn save(feeds: &FeedService, folder: &Path, name: &str) {
    for format in ["json", "atom"] {
        let text = feeds.text(&format!("feed/shop-de.{format}")).await;
        fs::write(folder.join(format!("{name}.{format}")), text).unwrap();
    }
}

/// Captions that a format might not be able to hold.
fn hostile_captions() -> Vec<String> {
    let all = [
        "]]> <![CDATA[ <?xml version=\"1.0\"?> <!DOCTYPE a [<!ENTITY b \"c\">]> &b; &#0; &#x1F600; --> <!--",
        "</script><img src=x onerror=alert(1)> #<b> # ## #a&b #\"quoted\"",
        "Control \u{1}\u{b}\u{1b}\u{7f}\u{85}\u{2028} and noncharacters \u{fffe}\u{ffff}\u{10ffff}",
        "\u{202e}משהו #שלום מרחבא\u{2067} #مرحبا \u{feff}",
        "\n\n   \r\n\t",
        "#coffee #Coffee #COFFEE #coffee",
        "\u{1f469}\u{200d}\u{1f373}\u{1f1f5}\u{1f1f9} #☕ #コーヒー https://example.com/#fragment",
    ];
    all.map(str::to_owned).into_iter().chain(["😀".repeat(2200), "#x ".repeat(733), "é".repeat(2200)]).collect()
}

#[tokio::test]
async fn published_feeds_are_valid_json_feed_and_atom() {
    let (folder, feeds) = (TempDir::new().unwrap(), FeedService::start().await);
    let enable = async |name: &str, arguments: &[&str]| {
        feeds.cli.run(&[&["feed", "enable", "shop-de"], arguments].concat()).await.expect_code(0);
        save(&feeds, folder.path(), name).await;
    };
    enable("no-posts", &["--include", "#nobody-writes-this"]).await;
    assert_eq!(feeds.json("feed/shop-de.json").await["items"].as_array().unwrap().len(), 0);
    enable("default", &["--reset"]).await;
    enable("every-kind", &["--posts", "100", "--off-feed-reels"]).await;

    let sandbox = feeds.cli.instagram().sandbox();
    for caption in hostile_captions() {
        let post =
            Post { caption: Some(caption.clone()), alt_text: Some(caption), width: 64, height: 64, ..Post::default() };
        sandbox.publish_post("blue_bottle", Post { timestamp: OffsetDateTime::now_utc(), ..post }).unwrap();
    }
    enable("hostile-captions", &["--reset", "--posts", "100"]).await;
    let hostile = feeds.json("feed/shop-de.json").await;
    assert!(hostile["items"].as_array().unwrap().len() > hostile_captions().len());

    sandbox.update_account("blue_bottle", |account| account.password_changed = true).unwrap();
    feeds.cli.run(&["feed", "refresh", "shop-de"]).await.expect_code(3);
    assert_eq!(feeds.json("feed/shop-de.json").await["_evertoken"]["stale"], true);
    save(&feeds, folder.path(), "stale").await;

    let problems = validate(folder.path());
    assert_eq!(problems.len(), 2 * 5);
    assert!(problems.values().all(Vec::is_empty), "{problems:#?}");
    feeds.shut_down().await;
}

/// Otherwise validators that check nothing would pass every feed.
#[tokio::test]
async fn the_validators_find_errors() {
    let (folder, feeds) = (TempDir::new().unwrap(), FeedService::start().await);
    feeds.cli.run(&["feed", "enable", "shop-de", "--posts", "2"]).await.expect_code(0);
    let mut broken = 0;
    for (format, changes) in [
        (
            "json",
            &[
                ("\"title\":", "\"caption\":"),
                ("\"id\":\"", "\"id\":1,\"_x\":\""),
                ("\"content_text\":", "\"_content\":"),
                ("\"date_published\":\"2", "\"date_published\":\"x2"),
                ("\"home_page_url\":\"https", "\"home_page_url\":\"a b"),
                ("\"items\":[", "\"items\":7,\"_x\":["),
                ("}]}", "}]"),
            ][..],
        ),
        (
            "atom",
            &[
                ("<updated>2", "<updated>x2"),
                ("<id>urn:evertoken", "<id>u&rn:evertoken"),
                ("<title>", "<titles>"),
                ("</feed>", ""),
                ("<entry>\n<id>", "<entry>\n<guid>x</guid>\n<link href=\"http://a/\"/><x>"),
                ("http://www.w3.org/2005/Atom", "http://www.w3.org/2005/Atoms"),
            ],
        ),
    ] {
        let text = feeds.text(&format!("feed/shop-de.{format}")).await;
        for (number, (from, to)) in changes.iter().enumerate() {
            assert!(text.contains(from), "{from}: {text}");
            fs::write(folder.path().join(format!("{number}.{format}")), text.replacen(from, to, 1)).unwrap();
            broken += 1;
        }
    }
    let problems = validate(folder.path());
    assert_eq!(problems.len(), broken);
    let missed: Vec<_> = problems.iter().filter(|(_, problems)| problems.is_empty()).collect();
    assert!(missed.is_empty(), "{missed:?}");
    feeds.shut_down().await;
}
