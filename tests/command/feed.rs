//! `evertoken feed`, and the feeds that `evertoken serve` publishes and serves.

use std::fs;

use evertoken_tests::feed_service::FeedService;
use evertoken_tests::http::client;
use evertoken_tests::test_cli::TestCli;
use evertoken_tests::wait;
use reqwest::StatusCode;
use reqwest::header::{CONTENT_ENCODING, ETAG, IF_NONE_MATCH};
use time::Duration;

#[tokio::test]
async fn a_feed_is_published_served_and_deleted_with_its_account() {
    let feeds = FeedService::start().await;
    let cli = &feeds.cli;
    let run = cli.run(&["feed", "enable", "shop-de", "--posts", "3"]).await.expect_code(0);
    let address = feeds.service.url.join("feed/shop-de.json").unwrap();
    assert!(run.stdout.contains(address.as_str()), "{}", run.stdout);

    let feed = feeds.json("feed/shop-de.json").await;
    assert_eq!(feed["feed_url"], address.as_str());
    assert_eq!(feed["_evertoken"]["stale"], false);
    let items = feed["items"].as_array().unwrap();
    assert_eq!(items.len(), 3);
    for path in ["feed/shop-de.html", "feed/shop-de.atom"] {
        let text = feeds.get(path).await.text().await.unwrap();
        assert!(text.contains("blue_bottle") && !text.contains("/cdn/"), "{text}");
    }
    let picture = items.iter().find_map(|item| item["image"].as_str()).unwrap().to_owned();
    let bytes = client().get(&picture).send().await.unwrap().bytes().await.unwrap();
    assert!(bytes.starts_with(&[0xff, 0xd8]), "a JPEG");

    cli.run(&["remove", "shop-de", "--yes"]).await.expect_code(0);
    wait::until_async("the feed to be deleted", async || {
        (feeds.get("feed/shop-de.json").await.status() == StatusCode::NOT_FOUND).then_some(())
    })
    .await;
    wait::until_async("the pictures to be deleted", async || {
        let status = client().get(&picture).send().await.unwrap().status();
        (status == StatusCode::NOT_FOUND).then_some(())
    })
    .await;
    wait::until("the settings and state to be deleted", || {
        let is_empty = |folder: &str| fs::read_dir(cli.dir().join("feeds").join(folder)).unwrap().next().is_none();
        (is_empty("settings") && is_empty("state")).then_some(())
    })
    .await;
    feeds.shut_down().await;
}

#[tokio::test]
async fn files_are_served_with_the_headers_of_a_content_delivery_network() {
    let feeds = FeedService::start().await;
    let cli = &feeds.cli;
    cli.run(&["feed", "enable", "shop-de", "--posts", "1"]).await.expect_code(0);
    let response = feeds.get("feed/shop-de.json").await;
    let header = |name: &str| response.headers()[name].to_str().unwrap().to_owned();
    assert_eq!(header("access-control-allow-origin"), "*");
    assert_eq!(header("cross-origin-resource-policy"), "cross-origin");
    assert_eq!(header("x-content-type-options"), "nosniff");
    assert_eq!(header("content-type"), "application/json");
    let policy = "public, max-age=60, s-maxage=300, stale-while-revalidate=86400, stale-if-error=604800";
    assert_eq!(header("cache-control"), policy);

    let url = feeds.service.url.join("feed/shop-de.json").unwrap();
    for etag in [header("etag"), header("etag").replace("W/", ""), format!("\"other\", {}", header("etag"))] {
        let again = client().get(url.clone()).header(IF_NONE_MATCH, &etag).send().await.unwrap();
        assert_eq!(again.status(), StatusCode::NOT_MODIFIED, "{etag}");
        assert_eq!(again.headers()[ETAG], header("etag"));
        assert_eq!(again.bytes().await.unwrap().len(), 0);
    }
    let other = client().get(url.clone()).header(IF_NONE_MATCH, "\"other\"").send().await.unwrap();
    assert_eq!(other.status(), StatusCode::OK);

    let compressed = client().get(url.clone()).header("accept-encoding", "gzip").send().await.unwrap();
    assert_eq!(compressed.headers()[CONTENT_ENCODING], "gzip");
    let widget = client().head(feeds.service.url.join("widget.js").unwrap()).send().await.unwrap();
    assert_eq!(widget.status(), StatusCode::OK);
    assert_eq!(widget.headers()["content-type"], "text/javascript; charset=utf-8");
    feeds.shut_down().await;
}

#[tokio::test]
async fn settings_states_and_other_files_of_the_vault_are_not_served() {
    let feeds = FeedService::start().await;
    let cli = &feeds.cli;
    cli.run(&["feed", "enable", "shop-de", "--posts", "1"]).await.expect_code(0);
    assert!(cli.dir().join("feeds/settings/shop-de.json").exists());
    for path in [
        "settings/shop-de.json",
        "state/shop-de.json",
        "feed/none.json",
        "feed/..%2Fstate%2Fshop-de.json",
        "feed/%2e%2e/state/shop-de.json",
        "img/../state/shop-de.json",
        "img/..%2F../accounts/shop-de.json",
        "accounts/shop-de.json",
        "feeds/state/shop-de.json",
    ] {
        assert_eq!(feeds.get(path).await.status(), StatusCode::NOT_FOUND, "{path}");
    }
    feeds.shut_down().await;
}

#[tokio::test]
async fn an_unlisted_feed_has_an_address_that_nobody_can_guess() {
    let feeds = FeedService::start().await;
    let cli = &feeds.cli;
    cli.run(&["feed", "enable", "shop-de", "--posts", "1"]).await.expect_code(0);
    let key = async |arguments: &[&str]| {
        let run = cli.run(&[&["--json", "feed", "enable", "shop-de"], arguments].concat()).await.expect_code(0);
        run.json()["feed"]["settings"]["key"].as_str().unwrap().to_owned()
    };
    let unlisted = key(&["--unlisted"]).await;
    assert!(unlisted.len() == 32 && unlisted.bytes().all(|b| b.is_ascii_hexdigit()), "{unlisted}");
    assert_eq!(feeds.get("feed/shop-de.json").await.status(), StatusCode::NOT_FOUND);
    assert_eq!(feeds.json(&format!("feed/{unlisted}.json")).await["items"].as_array().unwrap().len(), 1);
    assert_eq!(key(&["--unlisted", "--layout", "row"]).await, unlisted, "the key stays");
    let new = key(&["--new-key"]).await;
    assert_ne!(new, unlisted);
    assert_eq!(feeds.get(&format!("feed/{unlisted}.html")).await.status(), StatusCode::NOT_FOUND);
    feeds.shut_down().await;
}

#[tokio::test]
async fn feeds_are_listed_shown_embedded_previewed_and_disabled() {
    let feeds = FeedService::start().await;
    let cli = &feeds.cli;
    let run = cli.run(&["feed", "list"]).await.expect_code(0);
    assert!(run.stderr.contains("feed enable NAME --local"), "{}", run.stderr);
    cli.run(&["feed", "enable", "shop-de", "--posts", "2", "--exclude", "#spam", "--layout", "list"])
        .await
        .expect_code(0);
    let run = cli.run(&["feed", "list"]).await.expect_code(0);
    assert!(run.stdout.contains("shop-de") && run.stdout.contains("current"), "{}", run.stdout);
    let run = cli.run(&["feed", "show", "shop-de"]).await.expect_code(0);
    for part in ["feed/shop-de.html", "2 posts", "#spam", "list"] {
        assert!(run.stdout.contains(part), "{part}: {}", run.stdout);
    }
    let run = cli.run(&["feed", "refresh", "shop-de"]).await.expect_code(0);
    assert_eq!(run.stderr.trim_end(), "Nothing has changed since the last time.");

    let base = feeds.service.url.as_str().trim_end_matches('/');
    let run = cli.run(&["feed", "embed", "shop-de", "--for", "html"]).await.expect_code(0);
    let html = format!(
        "<script type=\"module\" src=\"{base}/widget.js\"></script>\n\
         <style>evertoken-feed:not(:defined) {{ display: block; box-sizing: content-box; aspect-ratio: 3 / 1; \
         margin-bottom: calc((1 / 3 - 1) * 8px); }}</style>\n\
         <evertoken-feed src=\"{base}/feed/shop-de.json\" posts=\"2\">\
         <a href=\"{base}/feed/shop-de.html\">Our photos on Instagram</a></evertoken-feed>\n"
    );
    assert_eq!(run.stdout, html);
    let run = cli.run(&["feed", "embed", "shop-de"]).await.expect_code(0);
    let fragment = format!("{base}/feed/shop-de.html");
    for part in [
        "<evertoken-feed".to_owned(),
        format!("file_get_contents('{fragment}'"),
        format!("[evertoken_feed src=\"{fragment}\"]"),
        format!("fetch(\"{fragment}\""),
        "dangerouslySetInnerHTML".to_owned(),
    ] {
        assert!(run.stdout.contains(&part), "{part}: {}", run.stdout);
    }
    let run = cli.run(&["feed", "preview", "shop-de"]).await.expect_code(0);
    let page = fs::read_to_string(run.stdout.trim_end()).unwrap();
    assert!(page.contains("layout=\"row\"") && page.contains("feed/shop-de.json"), "{page}");
    fs::remove_file(run.stdout.trim_end()).unwrap();

    let run = cli.run(&["doctor"]).await;
    assert!(run.stdout.contains("Feeds"), "{}", run.stdout);
    cli.run(&["feed", "disable", "shop-de"]).await.expect_code(0);
    assert_eq!(feeds.get("feed/shop-de.json").await.status(), StatusCode::NOT_FOUND);
    let run = cli.run(&["feed", "disable", "shop-de"]).await.expect_code(1);
    assert!(run.stderr.contains("the account shop-de has no feed"), "{}", run.stderr);
    feeds.shut_down().await;
}

#[tokio::test]
async fn a_dead_token_leaves_the_last_feed_marked_as_stale_and_doctor_says_why() {
    let feeds = FeedService::start().await;
    let cli = &feeds.cli;
    cli.run(&["feed", "enable", "shop-de", "--posts", "1"]).await.expect_code(0);
    cli.instagram().sandbox().update_account("blue_bottle", |account| account.password_changed = true).unwrap();
    let run = cli.run(&["feed", "refresh", "shop-de"]).await.expect_code(3);
    assert!(run.stderr.contains("password"), "{}", run.stderr);
    for command in [&["feed", "list"][..], &["feed", "show", "shop-de"]] {
        let run = cli.run(command).await.expect_code(3);
        assert!(run.stdout.contains("stale") && run.stderr.contains("password"), "{run:?}");
    }
    let feed = feeds.json("feed/shop-de.json").await;
    assert_eq!(feed["_evertoken"]["stale"], true);
    assert_eq!(feed["items"].as_array().unwrap().len(), 1, "the last posts stay");
    let run = cli.run(&["doctor"]).await.expect_code(3);
    assert!(run.stdout.contains("feed shop-de") && run.stdout.contains("out of date"), "{}", run.stdout);
    feeds.shut_down().await;
}

#[tokio::test]
async fn bad_input_is_an_error_that_names_it_and_what_is_allowed() {
    let cli = TestCli::with_file_vault().await;
    cli.add_account("shop-de", Duration::days(2)).await;
    for (arguments, parts) in [
        (&["--posts", "0"][..], ["0", "1 to 100"]),
        (&["--posts", "many"], ["many", "1 to 100"]),
        (&["--kinds", "image,reel"], ["reel", "`image`, `video`, `album`"]),
        (&["--layout", "masonry"], ["masonry", "`grid`, `row`, `list`"]),
        (&["--include", "#"], ["#", "not a word or hashtag"]),
        (&["--pin", "abc"], ["abc", "1 to 32 digits"]),
        (&["--unlisted", "--listed"], ["--unlisted", "--listed"]),
        (&["--shade", "red"], ["--shade", "unexpected argument"]),
    ] {
        let run = cli.run(&[&["feed", "enable", "shop-de"], arguments].concat()).await.expect_code(2);
        assert!(parts.iter().all(|part| run.stderr.contains(part)), "{arguments:?}: {}", run.stderr);
    }
    let run = cli.run(&["feed", "enable", "Shop DE"]).await.expect_code(2);
    assert!(run.stderr.contains("not a valid account name"), "{}", run.stderr);
    let run = cli.run(&["feed", "enable", "shop-fr"]).await.expect_code(1);
    assert!(run.stderr.contains("did you mean shop-de?"), "{}", run.stderr);
    assert!(!cli.dir().join("feeds").exists(), "nothing was written");
}
