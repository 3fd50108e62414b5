//! Runs over several accounts.

use crate::refresh::FailureKind;
use crate::vault::AccountStore;
use std::sync::Mutex;

use time::Duration;
use tokio::time::Instant;

use super::fixture::{DUE, Fixture, ISSUED, account, token};
use crate::document::{Document, Health, HealthState};
use crate::provider_error::{ProviderError, ProviderErrorKind};
use crate::refresh::{HealthCounts, Limits, RefreshOutcome, Request, RunObserver};

pub(super) async fn fixture_with(accounts: usize) -> Fixture {
    let fixture = Fixture::empty();
    for number in 0..accounts {
        let mut document = account(&format!("shop-{number:04}"), &format!("first-{number:04}"));
        // The last one expires first.
        document.expires_at = Some(ISSUED + Duration::days(60) - Duration::minutes(i64::try_from(number).unwrap()));
        fixture.vault.create(&document).await.unwrap();
    }
    fixture
}

#[tokio::test(start_paused = true)]
async fn refreshes_the_soonest_expiry_first_whether_kept_or_read_again() {
    let fixture = fixture_with(2_041).await;
    let report = fixture.run().await;
    assert_eq!((report.accounts, report.refreshed), (2_041, 2_041));
    assert_eq!(*fixture.vault.pages_read.lock().unwrap(), 3, "two thousand documents were kept");
    let asked = fixture.calls();
    let refreshed: Vec<_> = asked.iter().filter(|asked| asked.starts_with("refresh")).collect();
    let mut sorted = refreshed.clone();
    sorted.sort_by(|one, other| other.cmp(one));
    assert_eq!(refreshed, sorted);
}

#[tokio::test(start_paused = true)]
async fn an_app_rate_limit_leaves_the_rest_to_the_next_run() {
    let fixture = fixture_with(30).await;
    fixture.refreshes([
        Ok(token("renewed", Duration::days(60))),
        Err(ProviderError::new(ProviderErrorKind::AppRateLimited)),
    ]);
    let report = fixture.run().await;
    assert_eq!((report.refreshed, report.failed, report.left_for_next_run), (1, 1, 28), "{report:?}");
    assert_eq!(fixture.calls().len(), 3);
    assert_eq!(report.failures.len(), 1);
    assert_eq!(fixture.run().await.refreshed, 29);
}

#[tokio::test(start_paused = true)]
async fn a_rate_limit_of_one_account_does_not_affect_others() {
    let fixture = fixture_with(5).await;
    fixture.refreshes([Err(ProviderError::new(ProviderErrorKind::RateLimited))]);
    let report = fixture.run().await;
    assert_eq!((report.refreshed, report.failed), (4, 1));
}

#[tokio::test(start_paused = true)]
async fn a_panic_does_not_affect_other_accounts() {
    let fixture = fixture_with(3).await;
    fixture.vault.create(&account("broken", "panic")).await.unwrap();
    let report = fixture.run().await;
    assert_eq!((report.refreshed, report.failed), (3, 1));
    let failure = &report.failures[0];
    assert_eq!((failure.kind, failure.name.as_str()), (FailureKind::Panic, "broken"));
    assert!(!failure.message.contains("as the test wants it"));
}

#[tokio::test(start_paused = true)]
async fn starts_no_account_close_to_the_deadline() {
    let fixture = fixture_with(30).await;
    let report = fixture.refresher.run(&Request::default(), Some(DUE)).await.unwrap();
    assert_eq!((report.left_for_next_run, report.refreshed, fixture.calls().len()), (30, 0, 0));
    assert_eq!(report.soonest_expiry, Some(ISSUED + Duration::days(60) - Duration::minutes(29)));
    let report = fixture.refresher.run(&Request::default(), Some(DUE + Duration::minutes(15))).await.unwrap();
    assert_eq!(report.refreshed, 30);
    // More accounts than are kept.
    let report = fixture_with(2_041).await.refresher.run(&Request::default(), Some(DUE)).await.unwrap();
    assert_eq!((report.accounts, report.left_for_next_run, report.health.healthy), (2_041, 2_041, 2_041));
}

#[tokio::test(start_paused = true)]
async fn starts_no_account_in_the_last_45_seconds_before_the_deadline() {
    assert_eq!(Limits::default().margin, Duration::seconds(45));
    // The first account is finished 50 or 40 seconds before the deadline.
    for (seconds, refreshed) in [(850, 2), (860, 1)] {
        let fixture = fixture_with(3).await;
        *fixture.vault.write_takes.lock().unwrap() = std::time::Duration::from_secs(seconds);
        let report = fixture.refresher.run(&Request::default(), Some(DUE + Duration::minutes(15))).await.unwrap();
        assert_eq!((report.refreshed, report.left_for_next_run), (refreshed, 3 - refreshed), "{seconds} seconds");
    }
}

#[tokio::test(start_paused = true)]
async fn a_dry_run_makes_no_calls_and_no_writes() {
    let fixture = fixture_with(3).await;
    let request = Request { dry_run: true, ..Request::default() };
    let report = fixture.refresher.run(&request, None).await.unwrap();
    assert_eq!((report.left_for_next_run, fixture.calls().len(), fixture.published().len()), (3, 0, 0));
}

#[tokio::test(start_paused = true)]
async fn a_page_that_cannot_be_listed_does_not_stop_the_run() {
    for page in [0, 1] {
        let fixture = fixture_with(45).await;
        *fixture.vault.rejected_listings.lock().unwrap() = 1;
        *fixture.vault.first_rejected.lock().unwrap() = page;
        let report = fixture.run().await;
        assert_eq!((report.accounts, report.refreshed), (25, 25), "{report:?}");
        assert_eq!(report.failures[0].kind, FailureKind::Vault);
        assert!(report.incomplete && !fixture.run().await.incomplete);
    }
}

#[tokio::test(start_paused = true)]
async fn reports_the_names_of_a_page_that_cannot_be_read_again() {
    let fixture = fixture_with(2_050).await;
    *fixture.vault.rejected_pages.lock().unwrap() = 1;
    let report = fixture.run().await;
    // The fifty that were not kept expire first and are read twenty at a time.
    assert_eq!((report.accounts, report.refreshed, report.failed), (2_050, 2_030, 20));
    assert!(report.failures.iter().all(|failure| failure.kind == FailureKind::Vault && !failure.name.is_empty()));
    assert!(report.soonest_expiry.unwrap() < ISSUED + Duration::days(59));
    // Not started, but known from the initial scan.
    assert_eq!(report.health, HealthCounts { healthy: 2_050, ..HealthCounts::default() });
}

#[tokio::test(start_paused = true)]
async fn counts_health_after_the_run_including_accounts_not_started() {
    let fixture = fixture_with(3).await;
    for (name, state) in [("asks", HealthState::Attention), ("dead", HealthState::LoginRequired)] {
        let mut document = account(name, name);
        document.health = Health { state, since: Some(DUE), ..document.health };
        document.expires_at = Some(DUE + Duration::days(1));
        fixture.vault.create(&document).await.unwrap();
    }
    let left = fixture.refresher.run(&Request::default(), Some(DUE)).await.unwrap();
    assert_eq!(left.health, HealthCounts { healthy: 3, attention: 1, login_required: 1 });
    fixture.refreshes([Err(ProviderError::new(ProviderErrorKind::Expired))]);
    let report = fixture.run().await;
    assert_eq!(report.health.login_required, 2, "{report:?}");
    assert_eq!(report.health.healthy + report.health.attention, 3, "{report:?}");
    // Dead tokens are not renewable, so they do not count for the soonest expiry.
    assert!(report.soonest_expiry.unwrap() > DUE + Duration::days(2));
}

#[tokio::test(start_paused = true)]
async fn counts_an_unreadable_value_once_and_reports_its_name() {
    let fixture = fixture_with(2_041).await;
    // One while all are listed, and one that was not kept when it is read again.
    *fixture.vault.unreadable.lock().unwrap() = (vec!["foreign"], vec!["shop-2040"]);
    let report = fixture.run().await;
    assert_eq!((report.accounts, report.refreshed, report.failed), (2_042, 2_040, 2));
    let failures: Vec<_> = report.failures.iter().map(|failure| (failure.name.as_str(), failure.kind)).collect();
    assert_eq!(failures, [("foreign", FailureKind::Unreadable), ("shop-2040", FailureKind::Unreadable)]);

    let accounts = Some(vec!["shop-2040".parse().unwrap()]);
    let report = fixture.refresher.run(&Request { accounts, ..Request::default() }, None).await.unwrap();
    assert_eq!((report.accounts, report.failed, report.failures.len()), (1, 1, 1));
    assert_eq!(report.failures[0].kind, FailureKind::Unreadable);
}

#[tokio::test(start_paused = true)]
async fn a_dry_run_publishes_no_reminders() {
    let fixture = Fixture::empty();
    let mut document = account("dead", "dead");
    document.health = Health { state: HealthState::LoginRequired, since: Some(DUE), ..document.health };
    fixture.vault.create(&document).await.unwrap();
    let report = fixture.refresher.run(&Request { dry_run: true, ..Request::default() }, None).await.unwrap();
    assert_eq!((report.login_required, report.left_for_next_run), (1, 0));
}

#[tokio::test(start_paused = true)]
async fn reports_names_that_do_not_exist() {
    let fixture = fixture_with(1).await;
    let accounts = ["shop-0000", "nobody", "nobody"].map(|name| name.parse().unwrap());
    let request = Request { accounts: Some(accounts.into()), ..Request::default() };
    let report = fixture.refresher.run(&request, None).await.unwrap();
    assert_eq!((report.accounts, report.refreshed, report.failed), (2, 1, 1));
    assert_eq!((report.failures[0].kind, report.failures[0].name.as_str()), (FailureKind::NotFound, "nobody"));
}

#[tokio::test(start_paused = true)]
async fn a_vault_that_cannot_be_listed_fails_the_run() {
    let fixture = fixture_with(45).await;
    *fixture.vault.rejected_listings.lock().unwrap() = 3;
    let error = fixture.refresher.run(&Request::default(), None).await.unwrap_err();
    assert!(error.to_string().contains("ThrottlingException"), "{error}");
    assert_eq!(fixture.calls().len(), 0);
}

/// Records its notifications and ends the run after a number of refreshed accounts.
#[derive(Default)]
struct Spectator {
    enough: usize,
    due: Mutex<Option<usize>>,
    ended: Mutex<Vec<(String, RefreshOutcome)>>,
}

impl Spectator {
    fn count(&self, end: RefreshOutcome) -> usize {
        self.ended.lock().unwrap().iter().filter(|ended| ended.1 == end).count()
    }
}

impl RunObserver for Spectator {
    fn due(&self, accounts: usize) {
        *self.due.lock().unwrap() = Some(accounts);
    }

    fn finished(&self, outcome: RefreshOutcome, document: &Document) {
        self.ended.lock().unwrap().push((document.name.to_string(), outcome));
    }

    fn should_continue(&self) -> bool {
        self.count(RefreshOutcome::Refreshed) < self.enough
    }
}

#[tokio::test(start_paused = true)]
async fn an_observer_is_notified_of_every_account_once() {
    let fixture = fixture_with(30).await;
    let mut young = account("young", "young");
    young.issued_at = DUE - Duration::hours(2);
    fixture.vault.create(&young).await.unwrap();
    let spectator = Spectator { enough: 100, ..Spectator::default() };
    fixture.refreshes([Err(ProviderError::new(ProviderErrorKind::Expired))]);
    fixture.refresher.run_observed(&spectator, &Request::default(), None).await.unwrap();
    assert_eq!(*spectator.due.lock().unwrap(), Some(30));
    let counts = [RefreshOutcome::Refreshed, RefreshOutcome::LoginRequired, RefreshOutcome::TooYoung]
        .map(|end| spectator.count(end));
    assert_eq!((counts, spectator.ended.lock().unwrap().len()), ([29, 1, 1], 31));
}

#[tokio::test(start_paused = true)]
async fn an_observer_can_end_a_run_between_two_accounts() {
    let fixture = fixture_with(30).await;
    let spectator = Spectator { enough: 5, ..Spectator::default() };
    let report = fixture.refresher.run_observed(&spectator, &Request::default(), None).await.unwrap();
    assert_eq!(report.refreshed + report.left_for_next_run, 30);
    // One more may have been started before the fifth was counted.
    assert!((5..=6).contains(&report.refreshed), "{report:?}");
    assert_eq!(spectator.count(RefreshOutcome::Left), report.left_for_next_run);
}

/// 21 writes, of which the first does not wait.
#[tokio::test(start_paused = true)]
async fn a_run_writes_no_faster_than_the_limit() {
    for (writes_per_second, seconds) in [(1, 20), (5, 4)] {
        let fixture = fixture_with(21).await;
        let limits = Limits { writes_per_second: Some(writes_per_second), ..fixture.refresher.limits };
        let started = Instant::now();
        assert_eq!(fixture.with_limits(limits).run(&Request::default(), None).await.unwrap().refreshed, 21);
        assert_eq!(started.elapsed().as_secs(), seconds, "{writes_per_second} writes per second");
    }
}

/// An account that needs a login is written twice: its health, and that the event was published.
#[tokio::test(start_paused = true)]
async fn the_record_of_an_event_counts_towards_the_write_limit() {
    let fixture = fixture_with(5).await;
    fixture.refreshes((0..5).map(|_| Err(ProviderError::new(ProviderErrorKind::PasswordChanged))));
    let limits = Limits { writes_per_second: Some(1), ..fixture.refresher.limits };
    let started = Instant::now();
    let report = fixture.with_limits(limits).run(&Request::default(), None).await.unwrap();
    assert_eq!((report.login_required, started.elapsed().as_secs()), (5, 9));
}
