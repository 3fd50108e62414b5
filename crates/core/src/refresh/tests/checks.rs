//! Tokens that are checked before they are due.

use std::sync::Arc;

use time::Duration;

use super::fixture::{DUE, Fixture, ISSUED, shop};
use crate::document::{Document, HealthState};
use crate::policy::Policy;
use crate::provider_error::{ProviderError, ProviderErrorKind};
use crate::refresh::{Refresher, Request};

const RUN_EVERY: Duration = Duration::hours(6);

/// Runs for some days, every six hours, and returns the hours after [`ISSUED`] at which Instagram was called.
async fn hours_of_calls(fixture: &Fixture, days: i64) -> Vec<i64> {
    let mut hours = Vec::new();
    for run in 1..=days * 4 {
        fixture.at(ISSUED + RUN_EVERY * i32::try_from(run).unwrap());
        fixture.run().await;
        hours.extend(fixture.calls().iter().map(|_| run * 6));
    }
    hours
}

#[tokio::test]
async fn a_token_that_is_not_due_is_checked_once_a_day_without_a_write() {
    let fixture = Fixture::with(shop()).await;
    let before = fixture.document().await;
    let hours = hours_of_calls(&fixture, 19).await;
    assert!((18..=20).contains(&hours.len()), "{hours:?}");
    assert!(hours.windows(2).all(|pair| matches!(pair, [one, next] if next - one == 24)), "{hours:?}");
    assert_eq!(fixture.document().await, before);
    assert_eq!(fixture.published(), Vec::<&str>::new());
}

#[tokio::test]
async fn a_run_reports_how_many_tokens_it_checked() {
    let fixture = Fixture::with(shop()).await;
    fixture.at(ISSUED + Duration::days(3));
    let request = Request { check_missed: true, ..Request::default() };
    let report = fixture.refresher.run(&request, None).await.unwrap();
    assert_eq!((report.accounts, report.not_due, report.checked, report.refreshed), (1, 1, 1, 0));
    assert_eq!(fixture.calls(), ["me first"]);
    let dry = Request { dry_run: true, ..request };
    let report = fixture.refresher.run(&dry, None).await.unwrap();
    assert_eq!((report.not_due, report.checked, report.left_for_next_run), (1, 0, 0));
    assert_eq!(fixture.calls(), Vec::<String>::new());
}

#[tokio::test]
async fn a_check_stores_when_access_to_data_ends_and_one_reminder_is_sent_for_it() {
    let fixture = Fixture::with(shop()).await;
    let instagram = &fixture.refresher.provider;
    let at = ISSUED + Duration::days(3);
    fixture.at(at);
    *instagram.data_access_expires_at.lock().unwrap() = Some(at + Duration::days(14));
    let request = Request { check_missed: true, ..Request::default() };
    assert_eq!(fixture.refresher.run(&request, None).await.unwrap().checked, 1);
    let document = fixture.document().await;
    assert_eq!(document.data_access_expires_at, Some(at + Duration::days(14)));
    assert_eq!(document.reminded_days, Some(14));
    assert_eq!(fixture.published(), ["Access Expiring"]);
    fixture.refresher.run(&request, None).await.unwrap();
    assert_eq!(fixture.published(), Vec::<&str>::new());

    // A login of the person moves the end, and reminders start again.
    *instagram.data_access_expires_at.lock().unwrap() = Some(at + Duration::days(90));
    fixture.at(at + Duration::days(1));
    fixture.refresher.run(&request, None).await.unwrap();
    assert_eq!(fixture.document().await.reminded_days, None);
}

/// The token of a system user is renewed and has an end of access to data as well.
#[tokio::test(start_paused = true)]
async fn a_renewal_and_a_recovery_store_when_access_to_data_ends_too() {
    let checkpoint = ProviderError::new(ProviderErrorKind::Checkpoint);
    let reminded =
        Document { data_access_expires_at: Some(DUE + Duration::days(10)), reminded_days: Some(14), ..shop() };
    let health = shop().health.worsened(HealthState::Attention, &checkpoint, ISSUED);
    for document in [reminded.clone(), Document { expires_at: None, health, ..reminded }] {
        let fixture = Fixture::with(document).await;
        let ends_at = Some(DUE + Duration::days(90));
        *fixture.instagram.data_access_expires_at.lock().unwrap() = ends_at;
        assert_eq!(fixture.run().await.refreshed, 1);
        let document = fixture.document().await;
        assert_eq!((document.health.state, document.username.as_str()), (HealthState::Healthy, "renamed"));
        assert_eq!((document.data_access_expires_at, document.reminded_days), (ends_at, None));
    }
}

#[tokio::test(start_paused = true)]
async fn a_reminder_that_is_due_when_an_account_recovers_is_sent_in_the_next_run() {
    let checkpoint = ProviderError::new(ProviderErrorKind::Checkpoint);
    let document = Document {
        expires_at: None,
        data_access_expires_at: Some(DUE + Duration::days(20)),
        health: shop().health.worsened(HealthState::Attention, &checkpoint, ISSUED),
        ..shop()
    };
    let fixture = Fixture::with(document).await;
    for (event, reminded_days) in [("Account Recovered", None), ("Access Expiring", Some(30))] {
        fixture.run().await;
        assert_eq!(fixture.published(), [event]);
        assert_eq!(fixture.document().await.reminded_days, reminded_days);
    }
    fixture.run().await;
    assert_eq!(fixture.published(), Vec::<&str>::new());
}

#[tokio::test(start_paused = true)]
async fn a_definite_answer_changes_the_health_and_is_published_at_once() {
    for (kind, state, event) in [
        (ProviderErrorKind::PasswordChanged, HealthState::LoginRequired, "Login Required"),
        (ProviderErrorKind::Checkpoint, HealthState::Attention, "Owner Action Needed"),
    ] {
        let fixture = Fixture::with(shop()).await;
        fixture.at(ISSUED + Duration::days(3));
        fixture.profiles([Err(ProviderError::new(kind))]);
        // The write is tried again, because the next check is a day away.
        *fixture.vault.rejected_writes.lock().unwrap() = 1;
        let request = Request { check_missed: true, ..Request::default() };
        let report = fixture.refresher.run(&request, None).await.unwrap();
        assert_eq!((report.checked, report.failures.len()), (1, 1), "{report:?}");
        assert_eq!(fixture.document().await.health.state, state);
        assert_eq!(fixture.published(), [event]);
    }
}

#[tokio::test(start_paused = true)]
async fn an_error_that_says_nothing_about_the_token_changes_nothing() {
    for kind in [ProviderErrorKind::Unreachable, ProviderErrorKind::AppRateLimited, ProviderErrorKind::Unavailable] {
        let fixture = Fixture::with(shop()).await;
        let before = fixture.document().await;
        fixture.at(ISSUED + Duration::days(3));
        fixture.profiles(std::iter::repeat_n(Err(ProviderError::new(kind)), 9));
        let request = Request { check_missed: true, ..Request::default() };
        let report = fixture.refresher.run(&request, None).await.unwrap();
        assert_eq!((report.not_due, report.checked, report.failed), (1, 0, 0), "{report:?}");
        assert_eq!(fixture.document().await, before);
    }
}

#[tokio::test]
async fn checks_can_be_turned_off() {
    let fixture = Fixture::with(shop()).await;
    let policy = Policy { check_every: None, ..Policy::default() };
    let Refresher { provider, vault, clock, entropy, events, limits, .. } = &*fixture.refresher;
    let (provider, vault, events) = (provider.clone(), vault.clone(), events.clone());
    let (clock, entropy, limits) = (Arc::clone(clock), Arc::clone(entropy), *limits);
    let refresher = Arc::new(Refresher { provider, vault, clock, entropy, events, policy, limits });
    fixture.at(ISSUED + Duration::days(3));
    let request = Request { check_missed: true, ..Request::default() };
    assert_eq!(refresher.run(&request, None).await.unwrap().checked, 0);
    assert_eq!(fixture.calls(), Vec::<String>::new());
}
