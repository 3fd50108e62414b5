//! What is written, and when.

use super::*;

#[tokio::test]
async fn a_new_feed_is_published_at_once_with_its_pictures_and_the_widget() {
    let fixture = Fixture::empty();
    fixture.add("shop", (1..=3).map(sample::post).collect()).await;
    let paths = fixture.paths("");
    assert_eq!(paths.iter().filter(|path| path.starts_with("img/shop/")).count(), 6);
    for path in ["feed/shop.json", "feed/shop.html", "feed/shop.atom", "settings/shop.json", "state/shop.json"] {
        assert!(paths.contains(&path.to_owned()), "{path}");
    }
    assert_eq!(fixture.files.files()[&FilePath::widget()], WIDGET);
    assert_eq!(fixture.ids("shop"), ["3", "2", "1"]);
    fixture.check_pictures(true);
    let status = fixture.status("shop").await;
    assert_eq!((status.posts, status.stale, status.error), (3, false, None));
    assert_eq!(status.urls.unwrap().html.as_str(), "https://feeds.example.com/feed/shop.html");
}

#[tokio::test]
async fn a_status_shows_addresses_numbers_and_times() {
    let fixture = Fixture::new().await;
    let posts = (1..=3).map(sample::post).collect();
    fixture.instagram.set_listing("shop", Listing::Posts(MediaList { posts, unreadable: 2, usage: None }));
    let changed_at = fixture.clock.now();
    fixture.publish().await;
    fixture.wait(Duration::hours(1));
    assert_eq!(fixture.publish().await.unchanged, 1);
    fixture.instagram.set_listing("shop", provider_error(ProviderErrorKind::Unavailable));
    fixture.wait(Duration::hours(1));
    assert_eq!(fixture.publish().await.failed, 1);
    let status = fixture.status("shop").await;
    assert_eq!((status.posts, status.left_out), (3, 2));
    let after = |hours| Some(changed_at + Duration::hours(hours));
    assert_eq!((status.updated_at, status.succeeded_at, status.polled_at), (after(0), after(1), after(2)));
    assert!(status.next_poll_at > after(2));
    let urls = status.urls.unwrap();
    let expected = ["feed/shop.json", "feed/shop.html", "feed/shop.atom", "widget.js"];
    let expected = expected.map(|path| format!("https://feeds.example.com/{path}"));
    assert_eq!([urls.json, urls.html, urls.atom, urls.widget].map(String::from), expected);
}

#[tokio::test]
async fn a_poll_without_change_downloads_nothing_and_writes_only_what_it_remembers() {
    let fixture = Fixture::new().await;
    let before = fixture.json("shop");
    fixture.wait(Duration::hours(1));
    let report = fixture.publish_due().await;
    assert_eq!((report.unchanged, report.published, report.pictures_converted), (1, 0, 0));
    assert_eq!(fixture.instagram.take_downloads(), Vec::<String>::new());
    assert_eq!(written(&fixture.files.take_changes()), ["state/shop.json"]);
    assert_eq!(fixture.json("shop"), before);
}

#[tokio::test]
async fn a_feed_is_polled_only_when_it_is_due() {
    let fixture = Fixture::new().await;
    let lists = fixture.instagram.lists();
    fixture.wait(Duration::minutes(5));
    assert_eq!(fixture.publish_due().await.not_due, 1);
    assert_eq!((fixture.instagram.lists(), fixture.files.take_changes()), (lists, Vec::new()));
    fixture.wait(Duration::minutes(10));
    assert_eq!(fixture.publish_due().await.unchanged, 1);
    // A request by name does not wait.
    assert_eq!(fixture.publish().await.unchanged, 1);
}

#[tokio::test]
async fn a_new_post_costs_one_download_and_a_new_signature_none() {
    let fixture = Fixture::new().await;
    let mut posts: Vec<Media> = (1..=4).map(sample::post).collect();
    for post in &mut posts {
        post.files.media_url.as_mut().unwrap().set_query(Some("oh=other&oe=67000000"));
    }
    fixture.instagram.set_posts("shop", posts);
    let report = fixture.publish().await;
    assert_eq!((report.published, report.pictures_converted), (1, 1));
    assert_eq!(fixture.instagram.take_downloads(), ["/v/t51/4_n.jpg"]);
    assert_eq!(fixture.ids("shop"), ["4", "3", "2", "1"]);
    fixture.check_pictures(true);
}

#[tokio::test]
async fn a_changed_caption_or_number_of_likes_writes_the_feed_but_only_the_caption_counts_as_a_change() {
    let fixture = Fixture::new().await;
    fixture.wait(Duration::hours(20));
    fixture
        .instagram
        .set_posts("shop", vec![Media { likes: Some(13), ..sample::post(1) }, sample::post(2), sample::post(3)]);
    assert_eq!(fixture.publish().await.published, 1);
    assert_eq!(fixture.json("shop")["_evertoken"]["updated_at"], "2026-11-27T06:00:00Z");
    let state = fixture.publisher.read_state(&"shop".parse().unwrap()).await.unwrap();
    assert_eq!(state.changed_at, Some(sample::EPOCH + Duration::days(1)));
    fixture.instagram.set_posts("shop", vec![Media { caption: None, ..sample::post(1) }]);
    assert_eq!(fixture.publish().await.published, 1);
    let state = fixture.publisher.read_state(&"shop".parse().unwrap()).await.unwrap();
    assert_eq!(state.changed_at, Some(sample::EPOCH + Duration::hours(44)));
}

#[tokio::test]
async fn a_post_that_vanishes_disappears_with_its_pictures() {
    let fixture = Fixture::new().await;
    fixture.instagram.set_posts("shop", vec![sample::post(1), sample::post(3)]);
    fixture.publish().await;
    assert_eq!(fixture.ids("shop"), ["3", "1"]);
    let changes = fixture.files.take_changes();
    assert!(deleted(&changes).iter().all(|path| path.starts_with("img/shop/2-")) && deleted(&changes).len() == 2);
    fixture.check_pictures(true);
    // The files that named the pictures were written before.
    let first_deletion = changes.iter().position(|change| matches!(change, Change::Deleted(_))).unwrap();
    assert!(written(&changes[first_deletion..]).iter().all(|path| path.starts_with("state/")));
}

#[tokio::test]
async fn a_changed_picture_of_a_post_replaces_its_copies() {
    let fixture = Fixture::new().await;
    let files = |number| sample::post(number).files;
    fixture.instagram.set_picture(&sample::link(9), Ok(sample::jpeg(60, 60)));
    fixture.instagram.set_posts("shop", vec![Media { files: files(9), ..sample::post(1) }]);
    fixture.publish().await;
    assert_eq!(fixture.json("shop")["items"][0]["_instagram"]["images"][0]["width"], 60);
    fixture.check_pictures(true);
}

#[tokio::test]
async fn posters_stand_for_videos_and_albums_have_their_parts() {
    let fixture = Fixture::new().await;
    let mut video = Media { kind: MediaKind::Video, ..sample::post(5) };
    video.files.thumbnail_url = Some(sample::link(50));
    let album = Media {
        kind: MediaKind::Album,
        // The cover is the first child's picture.
        files: sample::child(61).files,
        children: vec![sample::child(61), sample::child(62)],
        ..sample::post(6)
    };
    let mut coverless = Media { id: "7".parse().unwrap(), ..album.clone() };
    coverless.files.media_url = None;
    fixture.instagram.set_posts("shop", vec![video, album, coverless]);
    let report = fixture.publish().await;
    assert_eq!((report.pictures_converted, report.left_out), (3, 0));
    let mut downloads = fixture.instagram.take_downloads();
    downloads.sort();
    assert_eq!(downloads, ["/v/t51/50_n.jpg", "/v/t51/61_n.jpg", "/v/t51/62_n.jpg"]);
    let json = fixture.json("shop");
    for item in json["items"].as_array().unwrap() {
        assert!(item["image"].is_string(), "{item}");
    }
    assert_eq!(json["items"][1]["_instagram"]["children"].as_array().unwrap().len(), 2);
    fixture.check_pictures(true);
}

#[tokio::test]
async fn new_settings_are_published_at_once_and_the_others_stay() {
    let fixture = Fixture::new().await;
    let posts = Some(2.try_into().unwrap());
    fixture.enable("shop", SettingsChange { posts, ..SettingsChange::default() }).await;
    let layout = Some(Layout::List);
    let feed = fixture.enable("shop", SettingsChange { layout, ..SettingsChange::default() }).await;
    assert_eq!((feed.posts, feed.settings.unwrap().layout), (2, Layout::List));
    assert_eq!(fixture.ids("shop"), ["3", "2"]);
    assert!(fixture.html("shop").contains(r#"class="evertoken-feed evertoken-feed-list""#));
    fixture.check_pictures(true);
    // A layout needs no answer of Instagram.
    fixture.instagram.set_listing("shop", provider_error(ProviderErrorKind::Unavailable));
    fixture.enable("shop", SettingsChange { layout: Some(Layout::Row), ..SettingsChange::default() }).await;
    assert!(fixture.html("shop").contains(r#"class="evertoken-feed evertoken-feed-row""#));
}

#[tokio::test]
async fn another_key_removes_the_old_files_and_their_cached_copies() {
    let fixture = Fixture::new().await;
    let change = |key| SettingsChange { key: Some(key), ..SettingsChange::default() };
    let key = |feed: FeedStatus| feed.settings.unwrap().key;
    let unlisted = key(fixture.enable("shop", change(KeyChoice::Unlisted)).await);
    assert_eq!(unlisted.as_str().len(), 32);
    assert_eq!(fixture.paths("feed/").len(), 3);
    assert!(fixture.paths("feed/").iter().all(|path| path.starts_with(&format!("feed/{unlisted}."))));
    let gone = FilePath::feed(&"shop".parse().unwrap(), FeedFormat::Json);
    assert!(fixture.files.take_changes().contains(&Change::Invalidated(gone)));
    // It stays until another one is asked for.
    for same in [change(KeyChoice::Unlisted), SettingsChange::default()] {
        assert_eq!(key(fixture.enable("shop", same).await), unlisted);
    }
    assert_ne!(key(fixture.enable("shop", change(KeyChoice::NewUnlisted)).await), unlisted);
    assert_eq!(key(fixture.enable("shop", change(KeyChoice::Name)).await).as_str(), "shop");
    assert_eq!(fixture.paths("feed/"), ["feed/shop.atom", "feed/shop.html", "feed/shop.json"]);
}

#[tokio::test]
async fn another_key_takes_effect_even_if_instagram_fails() {
    let fixture = Fixture::new().await;
    fixture.instagram.set_listing("shop", provider_error(ProviderErrorKind::Unavailable));
    let key = Some(KeyChoice::NewUnlisted);
    let hidden = Some(vec!["3".parse().unwrap()]);
    let feed = fixture.enable("shop", SettingsChange { key, hidden, ..SettingsChange::default() }).await;
    let key = feed.settings.unwrap().key;
    assert!(fixture.paths("feed/").iter().all(|path| path.starts_with(&format!("feed/{key}."))));
    assert_eq!(fixture.ids(key.as_str()), ["2", "1"]);
}

#[tokio::test]
async fn a_new_widget_is_written_once() {
    let fixture = Fixture::new().await;
    fixture.files.write(&FilePath::widget(), b"old".to_vec()).await.unwrap();
    fixture.files.take_changes();
    for expected in [1, 0] {
        fixture.publish_due().await;
        let count = written(&fixture.files.take_changes()).iter().filter(|path| *path == "widget.js").count();
        assert_eq!(count, expected);
    }
}

#[tokio::test]
async fn feeds_are_listed_in_the_order_of_their_names() {
    let fixture = Fixture::new().await;
    fixture.add("cafe", Vec::new()).await;
    let Response::Feeds { feeds } = fixture.publisher.run(Request::List, None).await.unwrap() else { panic!() };
    let names: Vec<_> = feeds.iter().map(|feed| feed.account.as_str()).collect();
    assert_eq!(names, ["cafe", "shop"]);
    let json = serde_json::to_value(Response::Feeds { feeds: feeds.clone() }).unwrap();
    assert_eq!(serde_json::from_value::<Response>(json).unwrap(), Response::Feeds { feeds });
}

#[tokio::test]
async fn polls_slow_down_when_the_budget_is_used() {
    let fixture = Fixture::new().await;
    let usage = Some(CallUsage { percent: 95, blocked_for: Some(Duration::hours(2)) });
    fixture.instagram.set_listing("shop", Listing::Posts(MediaList { usage, ..MediaList::default() }));
    fixture.publish().await;
    assert_eq!(fixture.status("shop").await.usage, usage);
    fixture.wait(Duration::minutes(119));
    assert_eq!(fixture.publish_due().await.not_due, 1);
    fixture.wait(Duration::minutes(1));
    assert_eq!(fixture.publish_due().await.not_due, 0);
}
