//! Accounts that the vault stores together.

use std::sync::atomic::Ordering;

use time::Duration;
use tokio::time::Instant;

use super::fixture::{Fixture, ISSUED, account};
use crate::cohort::Cohort;
use crate::document::{Document, HealthState};
use crate::policy::Policy;
use crate::provider_error::{ProviderError, ProviderErrorKind};
use crate::refresh::{Limits, Report, Request};
use crate::vault::AccountStore;

const RUN_EVERY: Duration = Duration::hours(6);

async fn with_accounts(names: impl IntoIterator<Item = String>) -> Fixture {
    let fixture = Fixture::empty();
    fixture.vault.in_cohorts.store(true, Ordering::SeqCst);
    for (day, name) in names.into_iter().enumerate() {
        let age = Duration::hours(i64::try_from(day).unwrap());
        let document = account(&name, &name);
        let expires_at = document.expires_at.map(|end| end + age);
        let document = Document { issued_at: document.issued_at + age, expires_at, ..document };
        fixture.vault.create(&document).await.unwrap();
    }
    fixture
}

fn replaced(fixture: &Fixture) -> Vec<String> {
    std::mem::take(&mut *fixture.vault.replaced.lock().unwrap())
}

#[tokio::test(start_paused = true)]
async fn a_cohort_is_renewed_together_once_in_each_cycle() {
    let fixture = with_accounts((0..10).map(|number| format!("pack-{number}"))).await;
    let mut days_of_renewals = Vec::new();
    for run in 1..=60 * 4 {
        fixture.at(ISSUED + RUN_EVERY * run);
        let Report { refreshed, .. } = fixture.run().await;
        if refreshed > 0 {
            assert_eq!(refreshed, 10, "all of them, in run {run}");
            days_of_renewals.push(run / 4);
        }
    }
    let days: Vec<_> = days_of_renewals.windows(2).map(|pair| pair[1] - pair[0]).collect();
    assert!(
        days_of_renewals[0] <= 21 && !days.is_empty() && days.iter().all(|days| *days == 20),
        "{days_of_renewals:?}"
    );
}

#[tokio::test(start_paused = true)]
async fn the_accounts_of_a_cohort_are_renewed_one_after_the_other() {
    let names = (0..6).flat_map(|number| ["beta", "alpha", "gamma"].map(|pack| format!("{pack}-{number}")));
    let fixture = with_accounts(names).await;
    fixture.at(ISSUED + Duration::days(30));
    assert_eq!(fixture.run().await.refreshed, 18);
    let packs: Vec<_> = replaced(&fixture).iter().map(|name| name.split('-').next().unwrap().to_owned()).collect();
    let mut together = packs.clone();
    together.dedup();
    // The cohort with the soonest deadline is the first.
    assert_eq!(together, ["beta", "alpha", "gamma"]);
}

#[tokio::test(start_paused = true)]
async fn a_check_that_finds_nothing_new_about_an_account_that_needs_its_owner_is_not_stored() {
    let fixture = with_accounts(["pack-0".to_owned()]).await;
    let refusal = || ProviderError::new(ProviderErrorKind::Checkpoint);
    fixture.at(ISSUED + Duration::days(30));
    fixture.refreshes([Err(refusal())]);
    assert_eq!(fixture.run().await.attention, 1);
    replaced(&fixture);
    fixture.calls();
    for run in 1..=8 {
        fixture.at(ISSUED + Duration::days(30) + RUN_EVERY * run);
        fixture.profiles([Err(refusal())]);
        fixture.run().await;
        fixture.instagram.profiles.lock().unwrap().clear();
    }
    assert_eq!((fixture.calls().len(), replaced(&fixture)), (2, Vec::new()), "one check a day, and no write");
    fixture.at(ISSUED + Duration::days(34));
    let request = Request { check_missed: true, ..Request::default() };
    fixture.refresher.run(&request, None).await.unwrap();
    let healed = fixture.vault.get(&"pack-0".parse().unwrap()).await.unwrap().unwrap().document;
    assert_eq!(healed.health.state, HealthState::Healthy);
}

#[tokio::test(start_paused = true)]
async fn an_expiry_that_instagram_cannot_confirm_is_stored_once_and_asked_about_in_each_run() {
    let fixture = with_accounts(["pack-0".to_owned()]).await;
    for (run, writes) in [(1, 2), (2, 0), (3, 0)] {
        fixture.at(ISSUED + Duration::days(60) + RUN_EVERY * run);
        fixture.refreshes([Err(ProviderError::new(ProviderErrorKind::PolicyBlock))]);
        assert_eq!(fixture.run().await.login_required, 1);
        // One write for the health, and one for the event.
        assert_eq!((fixture.calls().len(), replaced(&fixture).len()), (1, writes), "run {run}");
    }
    fixture.at(ISSUED + Duration::days(68));
    fixture.refreshes([Err(ProviderError::new(ProviderErrorKind::PolicyBlock))]);
    fixture.run().await;
    assert_eq!(fixture.published(), ["Login Required"; 2], "the second one after a week");
}

#[tokio::test(start_paused = true)]
async fn each_failure_of_a_healthy_account_is_counted() {
    let fixture = with_accounts(["pack-0".to_owned()]).await;
    fixture.refreshes(std::iter::repeat_n(Err(ProviderError::new(ProviderErrorKind::PolicyBlock)), 2));
    for run in 1..=2 {
        fixture.at(ISSUED + Duration::days(30) + RUN_EVERY * run);
        assert_eq!(fixture.run().await.failed, 1);
        let document = fixture.vault.get(&"pack-0".parse().unwrap()).await.unwrap().unwrap().document;
        assert_eq!((document.health.state, document.last_attempt.failures), (HealthState::Healthy, run));
    }
}

/// One account at a time is asked about, and each write takes a second, as a group commit does.
#[tokio::test(start_paused = true)]
async fn a_slow_write_does_not_hold_up_the_calls_to_instagram() {
    for (waiting_for_vault, seconds) in [(0, 10), (9, 1)] {
        let fixture = with_accounts((0..10).map(|number| format!("pack-{number}"))).await;
        *fixture.vault.write_takes.lock().unwrap() = std::time::Duration::from_secs(1);
        fixture.at(ISSUED + Duration::days(30));
        let limits = Limits { waiting_for_vault, writes_per_second: None, ..fixture.refresher.limits };
        let started = Instant::now();
        let report = fixture.with_limits(limits).run(&Request::default(), None).await.unwrap();
        assert_eq!((report.refreshed, started.elapsed().as_secs()), (10, seconds));
    }
}

#[test]
fn a_new_account_joins_its_cohort_a_day_after_its_login_at_the_earliest() {
    let (cohort, policy) = (Cohort::new("main-00042"), Policy::default());
    let of_cohort = policy.of(Some(&cohort));
    let phase = of_cohort.phase.unwrap();
    assert!(phase >= Duration::ZERO && phase < Duration::days(20));
    let due_at = |age| {
        let document = account("shop-de", "first");
        let document =
            Document { issued_at: ISSUED + age, expires_at: document.expires_at.map(|end| end + age), ..document };
        crate::policy::due_at(&document, &of_cohort)
    };
    let first = due_at(Duration::ZERO);
    for hours in 0..24 * 19 {
        let due_at = due_at(Duration::hours(hours));
        assert!(due_at >= ISSUED + Duration::hours(hours + 24), "{hours}");
        // Unless it is a third of its lifetime old before.
        let is_old = due_at > ISSUED + Duration::hours(hours) + Duration::days(20);
        assert!(due_at == first || due_at == first + Duration::days(20) || is_old, "{hours}");
    }
    assert_eq!(policy.of(None), policy);
}
