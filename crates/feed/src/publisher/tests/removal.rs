//! What happens when an account or its feed is gone.

use super::*;

fn shop() -> AccountName {
    "shop".parse().unwrap()
}

fn only_the_widget_is_left(fixture: &Fixture) {
    assert_eq!(fixture.paths(""), ["widget.js"]);
}

#[tokio::test]
async fn the_feed_of_an_account_that_no_longer_exists_is_removed_at_once() {
    let fixture = Fixture::new().await;
    let public: BTreeSet<_> = fixture.files.files().into_keys().filter(FilePath::is_public).collect();
    fixture.vault.remove(&shop(), Removal::ForGood).await.unwrap();
    // Although no poll is due.
    let report = fixture.publish_due().await;
    assert_eq!((report.feeds, report.removed, report.failed), (1, 1, 0));
    only_the_widget_is_left(&fixture);
    let changes = fixture.files.take_changes();
    for path in public.into_iter().filter(|path| *path != FilePath::widget()) {
        let at = |change| changes.iter().position(|made| *made == change).unwrap();
        // Otherwise a cache could fetch it again in between.
        assert!(at(Change::Deleted(path.clone())) < at(Change::Invalidated(path.clone())), "{path}");
    }
    assert_eq!(fixture.publish_due().await, Report { duration_ms: 0, ..Report::default() });
}

#[tokio::test]
async fn a_request_by_name_removes_it_too() {
    let fixture = Fixture::new().await;
    fixture.vault.remove(&shop(), Removal::ForGood).await.unwrap();
    assert_eq!(fixture.publish().await.removed, 1);
    only_the_widget_is_left(&fixture);
}

#[tokio::test]
async fn an_error_of_the_vault_removes_nothing() {
    let denied = VaultError::Denied { cause: DenialCause::PermissionMissing, code: "AccessDenied".to_owned() };
    for error in [unavailable(), denied] {
        let fixture = Fixture::new().await;
        let before = fixture.paths("");
        *fixture.vault.failure.lock().unwrap() = Some(error);
        let report = fixture.publish_due().await;
        assert_eq!((report.removed, report.failed, report.failures[0].kind), (0, 1, FailureKind::Vault));
        assert_eq!(fixture.paths(""), before);
        fixture.wait(Duration::hours(25));
        assert_eq!(fixture.publish_due().await.stale, 1);
        assert_eq!(fixture.json("shop")["_evertoken"]["stale"], true);
        let publish = Request::Publish { account: shop() };
        assert!(matches!(fixture.publisher.run(publish, None).await, Err(PublishError::Vault(_))));
    }
}

#[tokio::test]
async fn an_unreadable_document_and_an_incomplete_list_remove_nothing() {
    let fixture = Fixture::new().await;
    fixture.vault.overlooked.lock().unwrap().insert(shop());
    assert_eq!(fixture.publish_due().await.not_due, 1);
    *fixture.vault.lookup_failure.lock().unwrap() = Some(unavailable());
    let report = fixture.publish_due().await;
    assert_eq!((report.removed, report.failed, report.failures[0].kind), (0, 1, FailureKind::Vault));
    fixture.vault.overlooked.lock().unwrap().clear();
    fixture.vault.unreadable.lock().unwrap().insert(shop());
    let report = fixture.publish_due().await;
    assert_eq!((report.failed, report.failures[0].kind), (1, FailureKind::Unreadable));
    assert_eq!(fixture.ids("shop").len(), 3);
}

/// The state does not name them.
#[tokio::test]
async fn pictures_that_an_interrupted_run_left_behind_are_removed_with_the_account() {
    let fixture = Fixture::new().await;
    fixture.instagram.set_posts("shop", (1..=4).map(sample::post).collect());
    // The state, and one of the two files of the new picture.
    fixture.files.fail_after(Some(2));
    assert_eq!(fixture.publish().await.failed, 1);
    fixture.files.fail_after(None);
    assert_eq!(fixture.paths("img/shop/4-").len(), 1);
    fixture.vault.remove(&shop(), Removal::ForGood).await.unwrap();
    assert_eq!(fixture.publish_due().await.removed, 1);
    only_the_widget_is_left(&fixture);
}

#[tokio::test]
async fn an_unlisted_feed_is_removed_even_if_its_settings_or_its_state_is_unreadable() {
    for damaged in [FilePath::settings(&shop()), FilePath::state(&shop())] {
        let fixture = Fixture::new().await;
        fixture.enable("shop", SettingsChange { key: Some(KeyChoice::Unlisted), ..SettingsChange::default() }).await;
        fixture.files.write(&damaged, b"{".to_vec()).await.unwrap();
        fixture.vault.remove(&shop(), Removal::ForGood).await.unwrap();
        assert_eq!(fixture.publish_due().await.removed, 1, "{damaged}");
        only_the_widget_is_left(&fixture);
    }
    // Both, but the key can be read.
    let fixture = Fixture::new().await;
    let unlisted = SettingsChange { key: Some(KeyChoice::Unlisted), ..SettingsChange::default() };
    let key = fixture.enable("shop", unlisted).await.settings.unwrap().key;
    let settings = serde_json::json!({"schema": 1, "key": key, "layout": "masonry"}).to_string();
    fixture.files.write(&FilePath::settings(&shop()), settings.into_bytes()).await.unwrap();
    fixture.files.write(&FilePath::state(&shop()), b"{".to_vec()).await.unwrap();
    fixture.vault.remove(&shop(), Removal::ForGood).await.unwrap();
    assert_eq!(fixture.publish_due().await.removed, 1);
    only_the_widget_is_left(&fixture);
}

#[tokio::test]
async fn disabling_removes_everything() {
    let fixture = Fixture::new().await;
    fixture.enable("shop", SettingsChange { key: Some(KeyChoice::Unlisted), ..SettingsChange::default() }).await;
    let disable = || fixture.publisher.run(Request::Disable { account: shop() }, None);
    assert_eq!(disable().await, Ok(Response::Disabled { account: shop() }));
    only_the_widget_is_left(&fixture);
    let expected = PublishError::NotEnabled(shop());
    assert_eq!(disable().await, Err(expected.clone()));
    assert_eq!(fixture.publisher.run(Request::Show { account: shop() }, None).await, Err(expected.clone()));
    assert_eq!(fixture.publisher.run(Request::Publish { account: shop() }, None).await, Err(expected));
}

#[tokio::test]
async fn a_feed_needs_an_account() {
    let fixture = Fixture::empty();
    let request = Request::Enable { account: shop(), settings: Box::default() };
    assert_eq!(fixture.publisher.run(request, None).await, Err(PublishError::NoAccount(shop())));
    assert_eq!(fixture.paths(""), Vec::<String>::new());
}

/// A removal that stops after any number of changes is finished by the next run, whether or not the account is back.
#[tokio::test]
async fn a_removal_that_stops_anywhere_is_finished_by_the_next_run() {
    for changes in 0.. {
        let fixture = Fixture::new().await;
        fixture.enable("shop", SettingsChange { key: Some(KeyChoice::Unlisted), ..SettingsChange::default() }).await;
        let public: BTreeSet<_> = fixture.files.files().into_keys().filter(FilePath::is_public).collect();
        fixture.files.take_changes();
        fixture.files.fail_after(Some(changes));
        let disable = Request::Disable { account: shop() };
        let is_complete = fixture.publisher.run(disable.clone(), None).await.is_ok();
        fixture.files.fail_after(None);
        if changes > 0 {
            fixture.publish_due().await;
        } else {
            fixture.publisher.run(disable, None).await.unwrap();
        }
        only_the_widget_is_left(&fixture);
        let changes_made = fixture.files.take_changes();
        for path in public.into_iter().filter(|path| *path != FilePath::widget()) {
            assert!(changes_made.contains(&Change::Invalidated(path.clone())), "{changes}: {path}");
        }
        if is_complete {
            assert!(changes > 5);
            break;
        }
    }
}
