//! What goes wrong stays small, and the last good feed stays.

use super::*;

/// Publishes posts whose picture 2 is `picture`.
async fn with_picture(picture: Result<Vec<u8>, PictureError>) -> (Fixture, Report) {
    let fixture = Fixture::empty();
    fixture.instagram.set_picture(&sample::link(2), picture);
    fixture.add("shop", (1..=3).map(sample::post).collect()).await;
    let report = fixture.publish().await;
    (fixture, report)
}

#[tokio::test]
async fn hostile_pictures_become_links_are_counted_and_not_downloaded_again() {
    let mut truncated = sample::jpeg(40, 50);
    truncated.truncate(300);
    let svg = b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>".to_vec();
    for picture in [truncated, svg, b"GIF89a".to_vec(), vec![0; 200_000], sample::jpeg(2000, 2000), Vec::new()] {
        let (fixture, report) = with_picture(Ok(picture)).await;
        assert_eq!((report.left_out, report.failed, report.pictures_converted), (1, 0, 0));
        assert_eq!(fixture.ids("shop"), ["3", "2", "1"]);
        let json = fixture.json("shop");
        assert_eq!(json["_evertoken"]["left_out"], 1);
        assert_eq!(json["items"][1]["_instagram"]["images"], serde_json::json!([]));
        assert!(json["items"][1].get("image").is_none() && json["items"][1]["url"].is_string());
        let downloads = fixture.instagram.take_downloads();
        assert_eq!(downloads.iter().filter(|path| path.contains("/2_n")).count(), 1);
    }
}

#[tokio::test]
async fn a_link_that_leads_elsewhere_becomes_a_link_to_the_post() {
    let (fixture, report) = with_picture(Err(PictureError::NotAPicture)).await;
    assert_eq!((report.left_out, report.failed), (1, 0));
    assert_eq!(fixture.ids("shop"), ["3", "2", "1"]);
}

#[tokio::test]
async fn a_post_waits_for_a_picture_that_cannot_be_downloaded_now() {
    let (fixture, report) = with_picture(Err(PictureError::Unreachable)).await;
    assert_eq!(report.left_out, 1);
    assert_eq!(fixture.ids("shop"), ["3", "1"]);
    assert!(fixture.status("shop").await.pending);
    fixture.instagram.set_picture(&sample::link(2), Ok(sample::jpeg(40, 50)));
    fixture.wait(Duration::minutes(15));
    assert_eq!(fixture.publish_due().await.published, 1);
    assert_eq!(fixture.ids("shop"), ["3", "2", "1"]);
    fixture.check_pictures(true);
}

#[tokio::test]
async fn an_expired_link_is_replaced_by_one_of_a_new_list() {
    let fixture = Fixture::new().await;
    let posts = || (1..=4).map(sample::post).collect::<Vec<Media>>();
    let mut renewed = posts();
    for post in &mut renewed {
        post.files.media_url.as_mut().unwrap().set_query(Some("oh=new"));
    }
    fixture.instagram.accept_only("oh=new");
    fixture.instagram.set_posts("shop", posts());
    fixture.instagram.add_listing("shop", Listing::Posts(MediaList { posts: renewed, ..MediaList::default() }));
    let report = fixture.publish().await;
    assert_eq!((report.left_out, report.pictures_converted), (0, 1));
    assert_eq!(fixture.ids("shop"), ["4", "3", "2", "1"]);
    fixture.check_pictures(true);
}

#[tokio::test]
async fn a_post_that_vanishes_while_links_are_renewed_leaves_no_picture() {
    let fixture = Fixture::new().await;
    let renewed = |number| {
        let mut post = sample::post(number);
        post.files.media_url.as_mut().unwrap().set_query(Some("oh=new"));
        post
    };
    let posts_and = |new: Vec<Media>| (1..=3).map(sample::post).chain(new).collect::<Vec<_>>();
    fixture.instagram.accept_only("oh=new");
    fixture.instagram.set_posts("shop", posts_and(vec![renewed(4), sample::post(5)]));
    let posts = posts_and(vec![renewed(5)]);
    fixture.instagram.add_listing("shop", Listing::Posts(MediaList { posts, ..MediaList::default() }));
    assert_eq!(fixture.publish().await.left_out, 0);
    assert_eq!(fixture.ids("shop"), ["5", "3", "2", "1"]);
    fixture.check_pictures(true);
}

#[tokio::test]
async fn a_link_that_has_expired_in_the_new_list_too_leaves_its_post_out() {
    let fixture = Fixture::new().await;
    let lists = fixture.instagram.lists();
    fixture.instagram.accept_only("oh=new");
    fixture.instagram.set_posts("shop", (1..=4).map(sample::post).collect());
    assert_eq!(fixture.publish().await.left_out, 1);
    assert_eq!(fixture.instagram.lists(), lists + 2);
    assert_eq!(fixture.ids("shop"), ["3", "2", "1"]);
    assert!(fixture.status("shop").await.pending);
}

#[tokio::test]
async fn a_feed_stays_if_no_new_list_replaces_an_expired_link() {
    let fixture = Fixture::new().await;
    fixture.instagram.accept_only("oh=new");
    fixture.instagram.set_posts("shop", (1..=4).map(sample::post).collect());
    fixture.instagram.add_listing("shop", provider_error(ProviderErrorKind::Unavailable));
    let report = fixture.publish().await;
    assert_eq!((report.left_out, report.failed), (1, 0));
    assert_eq!(fixture.ids("shop"), ["3", "2", "1"]);
    fixture.check_pictures(true);
}

#[tokio::test]
async fn a_known_picture_stays_while_its_new_version_cannot_be_downloaded() {
    let fixture = Fixture::new().await;
    fixture.instagram.set_picture(&sample::link(9), Err(PictureError::Unreachable));
    fixture.instagram.set_posts("shop", vec![Media { files: sample::post(9).files, ..sample::post(1) }]);
    assert_eq!(fixture.publish().await.left_out, 0);
    assert!(fixture.json("shop")["items"][0]["image"].is_string());
    fixture.check_pictures(true);
}

#[tokio::test]
async fn flagged_posts_and_unknown_kinds_are_links() {
    let fixture = Fixture::new().await;
    let mut flagged = sample::post(5);
    flagged.files.media_url = None;
    let other = Media { kind: MediaKind::Other("HOLOGRAM".to_owned()), ..sample::post(6) };
    fixture.instagram.set_posts("shop", vec![flagged, other]);
    let report = fixture.publish().await;
    assert_eq!((report.left_out, fixture.ids("shop").len()), (0, 2));
    assert_eq!(fixture.paths("img/"), Vec::<String>::new());
}

#[tokio::test]
async fn unreadable_posts_are_counted() {
    let fixture = Fixture::new().await;
    let posts = vec![sample::post(1)];
    fixture.instagram.set_listing("shop", Listing::Posts(MediaList { posts, unreadable: 2, usage: None }));
    assert_eq!(fixture.publish().await.left_out, 2);
    assert_eq!(fixture.json("shop")["_evertoken"]["left_out"], 2);
}

#[tokio::test]
async fn the_last_good_feed_stays_and_is_stale_after_a_day() {
    let fixture = Fixture::new().await;
    let before = fixture.json("shop");
    fixture.instagram.set_listing("shop", provider_error(ProviderErrorKind::Unavailable));
    fixture.wait(Duration::hours(23));
    let report = fixture.publish_due().await;
    assert_eq!((report.failed, report.stale, report.failures[0].kind), (1, 0, FailureKind::Transient));
    assert_eq!(fixture.json("shop"), before);
    let error = fixture.status("shop").await.error.unwrap();
    assert_eq!((error.kind, error.at), (FailureKind::Transient, sample::EPOCH + Duration::hours(47)));

    fixture.wait(Duration::days(6));
    assert_eq!(fixture.publish_due().await.stale, 1);
    let stale = fixture.json("shop");
    assert_eq!(stale["_evertoken"]["stale"], true);
    assert_eq!(
        (&stale["items"], &stale["_evertoken"]["updated_at"]),
        (&before["items"], &before["_evertoken"]["updated_at"])
    );
    assert!(fixture.html("shop").contains("data-stale"));

    fixture.instagram.set_posts("shop", (1..=3).map(sample::post).collect());
    let report = fixture.publish().await;
    assert_eq!((report.published, report.stale), (1, 0));
    assert_eq!(fixture.json("shop"), before, "the posts are the same");
}

#[tokio::test]
async fn a_report_states_the_age_of_the_oldest_feed() {
    let fixture = Fixture::empty();
    assert_eq!(fixture.publish_due().await.oldest_age_seconds, None);
    fixture.add("shop", vec![sample::post(1)]).await;
    fixture.add("down", vec![sample::post(1)]).await;
    fixture.instagram.set_listing("down", provider_error(ProviderErrorKind::Unavailable));
    fixture.wait(Duration::hours(7));
    let report = fixture.publish_due().await;
    assert_eq!((report.failed, report.oldest_age_seconds), (1, Some(7 * 3600)));
    assert_eq!(fixture.publish().await.oldest_age_seconds, Some(0));
    fixture.wait(Duration::minutes(1));
    let report = fixture.publish_due().await;
    assert_eq!((report.not_due, report.oldest_age_seconds), (2, Some(7 * 3600 + 60)));
}

#[tokio::test]
async fn a_feed_becomes_stale_at_once_if_a_person_must_act() {
    let kinds =
        [ProviderErrorKind::PasswordChanged, ProviderErrorKind::Checkpoint, ProviderErrorKind::CapabilityMissing];
    for kind in kinds {
        let fixture = Fixture::new().await;
        fixture.instagram.set_listing("shop", provider_error(kind));
        assert_eq!(fixture.publish().await.stale, 1);
        assert_eq!(fixture.json("shop")["_evertoken"]["stale"], true);
        assert_eq!(fixture.ids("shop").len(), 3);
    }
}

#[tokio::test]
async fn a_feed_is_current_again_after_a_person_has_acted() {
    let fixture = Fixture::new().await;
    fixture.instagram.set_listing("shop", provider_error(ProviderErrorKind::PasswordChanged));
    assert_eq!(fixture.publish().await.stale, 1);
    fixture.instagram.set_posts("shop", (1..=3).map(sample::post).collect());
    assert_eq!(fixture.publish().await.published, 1);
    let status = fixture.status("shop").await;
    assert_eq!((status.stale, status.error), (false, None));
    let report = fixture.publish_due().await;
    assert_eq!((report.not_due, report.stale), (1, 0));
    assert_eq!(fixture.json("shop")["_evertoken"]["stale"], false);
}

#[tokio::test]
async fn an_error_of_the_vault_does_not_hide_what_instagram_said() {
    let fixture = Fixture::new().await;
    fixture.instagram.set_listing("shop", provider_error(ProviderErrorKind::PasswordChanged));
    fixture.publish().await;
    let said = fixture.status("shop").await.error;
    *fixture.vault.failure.lock().unwrap() = Some(unavailable());
    let report = fixture.publish_due().await;
    assert_eq!((report.stale, report.failures[0].kind), (1, FailureKind::Vault));
    assert_eq!(fixture.status("shop").await.error, said);
    assert_eq!(fixture.json("shop")["_evertoken"]["stale"], true);

    let fixture = Fixture::new().await;
    let mut error = ProviderError::new(ProviderErrorKind::RateLimited);
    error.retry_after = Some(Duration::hours(3));
    fixture.instagram.set_listing("shop", Listing::Fails(error));
    fixture.publish().await;
    *fixture.vault.failure.lock().unwrap() = Some(unavailable());
    assert_eq!(fixture.publish_due().await.failed, 1);
    *fixture.vault.failure.lock().unwrap() = None;
    fixture.wait(Duration::hours(2));
    assert_eq!(fixture.publish_due().await.not_due, 1);
}

#[tokio::test]
async fn a_run_that_stopped_is_repeated_soon_also_for_a_quiet_feed() {
    let fixture = Fixture::new().await;
    fixture.wait(Duration::days(3));
    assert_eq!(fixture.publish_due().await.failed, 0);
    fixture.wait(Duration::hours(6));
    fixture.instagram.set_posts("shop", (1..=4).map(sample::post).collect());
    // The state, and one of the two files of the new picture.
    fixture.files.fail_after(Some(2));
    assert_eq!(fixture.publish_due().await.failed, 1);
    fixture.files.fail_after(None);
    fixture.wait(Duration::minutes(15));
    assert_eq!(fixture.publish_due().await.published, 1);
    assert_eq!(fixture.ids("shop"), ["4", "3", "2", "1"]);
    fixture.check_pictures(true);
}

#[tokio::test]
async fn a_feed_becomes_stale_while_no_poll_is_allowed() {
    let fixture = Fixture::new().await;
    let mut error = ProviderError::new(ProviderErrorKind::RateLimited);
    error.retry_after = Some(Duration::hours(30));
    fixture.instagram.set_listing("shop", Listing::Fails(error));
    fixture.publish().await;
    fixture.wait(Duration::hours(25));
    let report = fixture.publish_due().await;
    assert_eq!((report.not_due, report.stale), (1, 1));
    assert_eq!(fixture.json("shop")["_evertoken"]["stale"], true);
}

#[tokio::test(start_paused = true)]
async fn an_error_a_panic_and_a_delay_affect_no_other_feed() {
    let fixture = Fixture::empty();
    for name in ["broken", "dead", "good-1", "good-2", "slow"] {
        fixture.add(name, vec![sample::post(1)]).await;
    }
    fixture.instagram.set_listing("broken", Listing::Panics);
    fixture.instagram.set_listing("dead", provider_error(ProviderErrorKind::Expired));
    fixture.instagram.set_listing("slow", Listing::Hangs);
    fixture.wait(Duration::hours(1));
    let report = fixture.publish_due().await;
    assert_eq!((report.feeds, report.unchanged, report.failed), (5, 2, 3));
    let kinds: BTreeMap<_, _> =
        report.failures.iter().map(|failure| (failure.account.as_str(), failure.kind)).collect();
    let expected =
        [("broken", FailureKind::Panic), ("dead", FailureKind::LoginRequired), ("slow", FailureKind::TimedOut)];
    assert_eq!(kinds, BTreeMap::from(expected));
    // A feed that always takes too long is marked as stale all the same.
    fixture.wait(Duration::days(2));
    fixture.publish_due().await;
    assert_eq!(fixture.json("slow")["_evertoken"]["stale"], true);
}

#[tokio::test]
async fn downloads_end_when_their_time_is_over_and_the_next_run_continues() {
    let fixture = Fixture::with(|publisher| publisher.limits.download_time = std::time::Duration::ZERO);
    fixture.add("shop", vec![sample::post(1)]).await;
    assert_eq!((fixture.ids("shop"), fixture.status("shop").await.pending), (Vec::<String>::new(), true));
}

#[tokio::test]
async fn feeds_that_are_not_started_before_the_deadline_are_left_for_the_next_run() {
    let fixture = Fixture::new().await;
    let deadline = Some(fixture.clock.now());
    let response = fixture.publisher.run(Request::PublishDue, deadline).await.unwrap();
    let Response::Published { report } = response else { panic!() };
    assert_eq!((report.feeds, report.left_for_next_run), (1, 1));
}

#[tokio::test]
async fn invalid_settings_fail_their_feed_alone() {
    let fixture = Fixture::new().await;
    fixture.add("cafe", vec![sample::post(1)]).await;
    let settings = FilePath::settings(&"shop".parse().unwrap());
    fixture.files.write(&settings, br#"{"schema":1,"key":"shop","layout":"masonry"}"#.to_vec()).await.unwrap();
    fixture.wait(Duration::hours(1));
    let report = fixture.publish_due().await;
    assert_eq!((report.unchanged, report.failed, report.failures[0].kind), (1, 1, FailureKind::Settings));
    assert!(report.failures[0].message.contains("expected one of `grid`, `row`, `list`"));
    assert_eq!(fixture.ids("shop").len(), 3);
    assert!(fixture.status("shop").await.settings_error.is_some());
    fixture.wait(Duration::hours(24));
    assert_eq!(fixture.publish_due().await.stale, 1);
    assert_eq!(fixture.json("shop")["_evertoken"]["stale"], true);
}

#[tokio::test]
async fn settings_that_are_all_replaced_need_not_be_valid() {
    let reset = || SettingsChange {
        posts: Some(PostCount::default()),
        kinds: Some(PostKind::ALL.to_vec()),
        off_feed_reels: Some(false),
        include: Some(Vec::new()),
        exclude: Some(Vec::new()),
        pinned: Some(Vec::new()),
        hidden: Some(Vec::new()),
        layout: Some(Layout::default()),
        ..SettingsChange::default()
    };
    let settings = FilePath::settings(&"shop".parse().unwrap());
    for invalid in [r#"{"schema":1,"key":"KEY","layout":"masonry"}"#, "{"] {
        let fixture = Fixture::new().await;
        let unlisted = SettingsChange { key: Some(KeyChoice::Unlisted), ..SettingsChange::default() };
        let key = fixture.enable("shop", unlisted).await.settings.unwrap().key;
        let invalid = invalid.replace("KEY", serde_json::to_value(&key).unwrap().as_str().unwrap());
        fixture.files.write(&settings, invalid.clone().into_bytes()).await.unwrap();
        let account = "shop".parse().unwrap();
        let change = Box::new(SettingsChange { layout: None, ..reset() });
        let refused = fixture.publisher.run(Request::Enable { account, settings: change }, None).await;
        assert!(matches!(refused, Err(PublishError::Settings(_))), "{invalid}: {refused:?}");
        let status = fixture.enable("shop", reset()).await;
        assert_eq!((status.settings, status.settings_error), (Some(FeedSettings::new(key)), None), "{invalid}");
    }
}

#[tokio::test]
async fn an_unreadable_state_starts_again() {
    let fixture = Fixture::new().await;
    fixture.files.write(&FilePath::state(&"shop".parse().unwrap()), b"{".to_vec()).await.unwrap();
    fixture.instagram.set_posts("shop", vec![sample::post(1)]);
    assert_eq!(fixture.publish().await.published, 1);
    assert_eq!(fixture.ids("shop"), ["1"]);
    fixture.check_pictures(true);
}

/// A run that stops after any number of changes leaves a feed whose pictures all exist, and a later run finishes its work.
#[tokio::test]
async fn a_run_that_stops_anywhere_leaves_a_consistent_feed() {
    for changes in 0.. {
        let fixture = Fixture::new().await;
        let mut album = Media { kind: MediaKind::Album, children: vec![sample::child(61)], ..sample::post(6) };
        album.files.media_url = Some(sample::link(60));
        fixture.instagram.set_posts("shop", vec![sample::post(2), sample::post(4), album]);
        fixture.files.fail_after(Some(changes));
        let is_complete = fixture.publish().await.failed == 0;
        fixture.check_pictures(false);
        fixture.files.fail_after(None);
        // Another post vanishes before the next run.
        fixture.instagram.set_posts("shop", vec![sample::post(2), sample::post(4)]);
        fixture.publish().await;
        fixture.check_pictures(false);
        fixture.wait(Duration::hours(1));
        fixture.publish().await;
        fixture.check_pictures(true);
        assert_eq!(fixture.ids("shop"), ["4", "2"]);
        if is_complete {
            assert!(changes > 5);
            break;
        }
    }
}

/// The run that has written it may still be running for twenty minutes.
#[tokio::test]
async fn a_picture_that_no_feed_names_is_deleted_once_its_run_has_ended() {
    let fixture = Fixture::new().await;
    fixture.instagram.set_posts("shop", (1..=4).map(sample::post).collect());
    // The state, and one of the two files of the picture.
    fixture.files.fail_after(Some(2));
    assert_eq!(fixture.publish().await.failed, 1);
    fixture.files.fail_after(None);
    fixture.instagram.set_posts("shop", (1..=3).map(sample::post).collect());
    fixture.wait(Duration::minutes(5));
    fixture.publish().await;
    assert_eq!(fixture.paths("img/shop/4-").len(), 1);
    fixture.wait(Duration::hours(1));
    fixture.publish().await;
    fixture.check_pictures(true);
}
