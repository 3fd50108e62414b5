//! Decisions, by table and by property.

use proptest::prelude::*;
use time::macros::datetime;

use super::*;
use crate::document::{Health, LastAttempt, Outcome};
use crate::sample::document as sample;

const ISSUED: OffsetDateTime = datetime!(2026-11-22 05:00 UTC);

fn aged(days: i64) -> OffsetDateTime {
    ISSUED + Duration::days(days)
}

fn with_health(state: HealthState, tried_at: OffsetDateTime) -> Document {
    let mut document = sample("shop-de", ISSUED);
    document.health = Health { state, ..Health::healthy() };
    document.last_attempt = LastAttempt::succeeded(tried_at, Outcome::Failed);
    document
}

#[test]
fn a_token_that_does_not_expire_is_next_attempted_at_its_turn_to_be_checked() {
    let document = Document { expires_at: None, ..sample("shop-de", ISSUED) };
    let policy = Policy::default();
    let next = next_attempt_at(&document, ISSUED, &policy).unwrap();
    assert!(next > ISSUED && next <= ISSUED + Duration::hours(24), "{next}");
    assert!(is_check_due(&document, next, Duration::SECOND, &policy));
    assert!(!is_check_due(&document, next - Duration::SECOND, Duration::SECOND, &policy));
    assert_eq!(next_attempt_at(&document, ISSUED, &Policy { check_every: None, ..policy }), None);
}

#[test]
fn a_healthy_account_is_due_after_a_third_of_its_lifetime() {
    let document = sample("shop-de", ISSUED);
    let policy = Policy::default();
    let table = [
        (ISSUED - Duration::hours(1), Decision::TooYoung),
        (ISSUED, Decision::TooYoung),
        (ISSUED + Duration::hours(23), Decision::TooYoung),
        (aged(1), Decision::NotDue),
        (aged(19), Decision::NotDue),
        (aged(21), Decision::Refresh),
        (aged(59), Decision::Refresh),
        (aged(61), Decision::Refresh),
    ];
    for (now, decision) in table {
        assert_eq!(decide(&document, now, &policy), decision, "{now}");
    }
}

#[test]
fn a_token_with_an_assumed_expiry_is_due_as_soon_as_meta_allows() {
    let document = Document { expires_at_assumed: true, ..sample("shop-de", ISSUED) };
    let policy = Policy::default();
    let table = [
        (ISSUED, Decision::TooYoung),
        (ISSUED + Duration::hours(23), Decision::TooYoung),
        (aged(1), Decision::Refresh),
        (aged(2), Decision::Refresh),
    ];
    for (now, decision) in table {
        assert_eq!(decide(&document, now, &policy), decision, "{now}");
    }
    assert_eq!(next_attempt_at(&document, ISSUED, &policy), Some(aged(1)));
}

#[test]
fn an_account_that_needs_its_owner_is_checked_once_a_day() {
    let document = with_health(HealthState::Attention, aged(30));
    let policy = Policy::default();
    assert_eq!(decide(&document, aged(30) + Duration::hours(23), &policy), Decision::AwaitOwner);
    assert_eq!(decide(&document, aged(31), &policy), Decision::Probe);
    assert_eq!(next_attempt_at(&document, aged(30), &policy), Some(aged(31)));
    assert_eq!(next_attempt_at(&document, aged(30) + Duration::hours(6), &policy), Some(aged(31)));
}

#[test]
fn an_account_of_a_cohort_that_needs_its_owner_is_next_attempted_at_its_daily_turn() {
    let document = with_health(HealthState::Attention, aged(30));
    let policy = Policy { check_every: None, phase: Some(Duration::days(7)), ..Policy::default() };
    for hours in 0..48 {
        let now = aged(40) + Duration::hours(hours);
        assert_eq!(decide(&document, now, &policy), Decision::AwaitOwner, "{now}");
        let next = next_attempt_at(&document, now, &policy).unwrap();
        assert!(next > now && next <= now + Duration::hours(24), "{next} at {now}");
        assert!(is_check_due(&document, next, Duration::SECOND, &policy), "{next}");
        assert!(!is_check_due(&document, next - Duration::SECOND, Duration::SECOND, &policy), "{next}");
    }
}

#[test]
fn an_account_that_needs_a_login_is_never_due() {
    let document = with_health(HealthState::LoginRequired, aged(1));
    let policy = Policy::default();
    assert_eq!(decide(&document, aged(400), &policy), Decision::AwaitLogin);
    assert_eq!(next_attempt_at(&document, aged(30), &policy), None);
}

#[test]
fn a_token_that_does_not_expire_is_never_due() {
    let mut document = sample("shop-de", ISSUED);
    document.expires_at = None;
    assert_eq!(decide(&document, aged(4000), &Policy::default()), Decision::NotDue);
}

#[test]
fn force_only_refreshes_tokens_of_the_minimum_age() {
    let document = sample("shop-de", ISSUED);
    assert_eq!(decide_forced(&document, ISSUED + Duration::hours(23)), Decision::TooYoung);
    assert_eq!(decide_forced(&document, aged(2)), Decision::Refresh);
}

#[test]
fn contradictory_dates_never_delay_an_account() {
    let policy = Policy::default();
    let mut document = sample("shop-de", ISSUED);
    document.expires_at = Some(ISSUED - Duration::days(1));
    for now in [ISSUED - Duration::days(2), ISSUED, aged(1)] {
        assert_eq!(decide(&document, now, &policy), Decision::Refresh, "{now}");
    }
    document.expires_at = Some(ISSUED);
    assert_eq!(decide(&document, ISSUED - Duration::hours(1), &policy), Decision::Refresh);
    let from_the_future = sample("shop-de", aged(3650));
    assert_eq!(decide(&from_the_future, ISSUED, &policy), Decision::Refresh);
    assert_eq!(decide_forced(&from_the_future, ISSUED), Decision::Refresh);
}

#[test]
fn a_clock_that_is_a_day_off_changes_little() {
    let policy = Policy::default();
    let document = sample("shop-de", ISSUED);
    for (now, decision) in [
        (ISSUED - Duration::hours(24), Decision::TooYoung),
        (ISSUED - Duration::hours(24) - Duration::seconds(1), Decision::Refresh),
        (ISSUED + Duration::hours(24), Decision::NotDue),
        (aged(20) - Duration::seconds(1), Decision::NotDue),
        (aged(61), Decision::Refresh),
    ] {
        assert_eq!(decide(&document, now, &policy), decision, "{now}");
    }
    let tried_tomorrow = with_health(HealthState::Attention, aged(31));
    assert_eq!(decide(&tried_tomorrow, aged(30), &policy), Decision::AwaitOwner);
    assert_eq!(decide(&tried_tomorrow, aged(30) - Duration::seconds(1), &policy), Decision::Probe);
}

#[test]
fn a_token_that_expires_within_its_first_day_is_refreshed_after_its_expiry() {
    let mut document = sample("shop-de", ISSUED);
    document.expires_at = Some(ISSUED + Duration::hours(1));
    let policy = Policy::default();
    assert_eq!(decide(&document, ISSUED + Duration::minutes(59), &policy), Decision::TooYoung);
    assert_eq!(decide(&document, ISSUED + Duration::hours(1), &policy), Decision::Refresh);
    assert!(has_ended(&document, ISSUED + Duration::hours(1)));
    assert!(!has_ended(&document, ISSUED + Duration::minutes(59)));
}

#[test]
fn an_expiry_by_our_clock_only_is_checked_with_instagram() {
    let policy = Policy::default();
    let mut document = with_health(HealthState::LoginRequired, aged(61));
    document.health.presumed = true;
    assert_eq!(decide(&document, aged(62), &policy), Decision::Refresh);
    assert_eq!(next_attempt_at(&document, aged(62), &policy), Some(aged(62) + policy.run_every));
    document.health.presumed = false;
    assert_eq!(decide(&document, aged(62), &policy), Decision::AwaitLogin);
}

#[test]
fn the_next_run_checks_an_unproven_token() {
    let mut document = sample("shop-de", ISSUED);
    document.last_attempt.outcome = Outcome::Unproven;
    assert_eq!(decide(&document, ISSUED + Duration::hours(6), &Policy::default()), Decision::Probe);
    // A check without a definite answer must not let the token expire.
    assert_eq!(decide(&document, aged(19), &Policy::default()), Decision::Probe);
    assert_eq!(decide(&document, aged(22), &Policy::default()), Decision::Refresh);
}

#[test]
fn honors_the_wait_that_instagram_requests_up_to_a_limit() {
    let policy = Policy::default();
    assert_eq!(not_before(None, ISSUED, &policy), None);
    assert_eq!(not_before(Some(policy.run_every), ISSUED, &policy), None);
    let wait = policy.run_every + Duration::seconds(1);
    assert_eq!(not_before(Some(wait), ISSUED, &policy), Some(ISSUED + wait));
    assert_eq!(not_before(Some(Duration::days(400)), ISSUED, &policy), Some(aged(1)));

    let mut document = sample("shop-de", ISSUED);
    document.last_attempt.not_before = Some(aged(30));
    for (now, decision) in [
        (aged(29) - Duration::seconds(1), Decision::Refresh),
        (aged(29), Decision::NotDue),
        (aged(30) - Duration::seconds(1), Decision::NotDue),
        (aged(30), Decision::Refresh),
    ] {
        assert_eq!(decide(&document, now, &policy), decision, "{now}");
    }
    assert_eq!(next_attempt_at(&document, aged(29), &policy), Some(aged(30)));
    assert_eq!(decide_forced(&document, aged(29)), Decision::Refresh);
    document.health.state = HealthState::Attention;
    assert_eq!(decide(&document, aged(29), &policy), Decision::AwaitOwner);
    document.health.state = HealthState::LoginRequired;
    assert_eq!(decide(&document, aged(29), &policy), Decision::AwaitLogin);
    document.health.presumed = true;
    assert_eq!(decide(&document, aged(29), &policy), Decision::AwaitLogin);
    assert_eq!(next_attempt_at(&document, aged(29), &policy), Some(aged(30)));
}

#[test]
fn the_next_attempt_is_reported_for_every_health_state() {
    let policy = Policy::default();
    let document = sample("shop-de", ISSUED);
    let due_at = due_at(&document, &policy);
    assert_eq!(next_attempt_at(&document, aged(1), &policy), Some(due_at));
    assert_eq!(next_attempt_at(&document, due_at, &policy), Some(due_at + policy.run_every));
    assert_eq!(next_attempt_at(&document, ISSUED, &policy), Some(due_at));
    let waiting = with_health(HealthState::Attention, aged(30));
    assert_eq!(next_attempt_at(&waiting, aged(40), &policy), Some(aged(40) + policy.run_every));
}

#[test]
fn only_refresh_and_probe_call_instagram() {
    assert!(Decision::Refresh.acts() && Decision::Probe.acts());
    for idle in [Decision::NotDue, Decision::TooYoung, Decision::AwaitOwner, Decision::AwaitLogin] {
        assert!(!idle.acts(), "{idle:?}");
    }
}

#[test]
fn extreme_dates_do_not_panic() {
    let mut document = sample("shop-de", ISSUED);
    document.issued_at = datetime!(9999-12-31 00:00 UTC);
    document.expires_at = Some(datetime!(9999-12-31 23:59:59 UTC));
    assert_eq!(decide(&document, ISSUED, &Policy::default()), Decision::Refresh);
    document.issued_at = datetime!(0000-01-01 00:00 UTC);
    assert_eq!(decide(&document, ISSUED, &Policy::default()), Decision::Refresh);
}

#[test]
fn a_token_is_due_at_the_configured_age_or_at_that_share_of_a_shorter_lifetime() {
    // Days of lifetime, the setting, and the first and last day on which the token becomes due.
    for (life, days, due) in [
        (60, 20, 20..21),
        (60, 45, 45..46),
        (60, 50, 50..51),
        (60, 5, 5..6),
        (30, 20, 10..11),
        (30, 10, 10..11),
        (30, 40, 20..21),
        (90, 45, 45..47),
    ] {
        let mut document = sample("shop-de", ISSUED);
        document.expires_at = Some(aged(life));
        let policy = Policy { refresh_after: Duration::days(days), ..Policy::default() };
        let age = (due_at(&document, &policy) - ISSUED).whole_days();
        assert!(due.contains(&age), "{life} days, renewed after {days}: day {age}");
    }
}

#[test]
fn accounts_connected_together_are_spread_over_a_day() {
    let policy = Policy::default();
    let dues: Vec<_> = (0..200).map(|n| due_at(&sample(&format!("shop-{n}"), ISSUED), &policy)).collect();
    let (first, last) = (*dues.iter().min().unwrap(), *dues.iter().max().unwrap());
    assert!(first >= aged(20) && last < aged(21), "{first} {last}");
    assert!(last - first > Duration::hours(20), "{first} {last}");
}

proptest! {
    #[test]
    fn a_due_token_stays_due(name in "[a-z0-9]{1,20}", life in 2i64..200, first in 0i64..5000, later in 0i64..5000) {
        let mut document = sample(&name, ISSUED);
        document.expires_at = Some(aged(life));
        let policy = Policy::default();
        let at = ISSUED + Duration::hours(first);
        if decide(&document, at, &policy) == Decision::Refresh {
            prop_assert_eq!(decide(&document, at + Duration::hours(later), &policy), Decision::Refresh);
        }
    }

    #[test]
    fn a_token_is_due_early_enough_and_never_before_the_minimum_age(name in "[a-z0-9]{1,20}", life in 3i64..200, days in 1i64..60) {
        let mut document = sample(&name, ISSUED);
        document.expires_at = Some(aged(life));
        let policy = Policy { refresh_after: Duration::days(days), ..Policy::default() };
        let due = due_at(&document, &policy);
        prop_assert!(due >= ISSUED + MINIMUM_AGE);
        prop_assert!(due < aged(life), "due {due}");
    }
}

/// Whether the account is checked in a run at `now` whose predecessor was at least `run_every` ago.
fn is_checked(document: &Document, now: OffsetDateTime, policy: &Policy) -> bool {
    is_check_due(document, now, check_window(policy), policy)
}

proptest! {
    #[test]
    fn every_account_is_checked_within_a_day_and_one_interval_however_late_runs_start(
        name in "[a-z]{1,12}",
        run_every in 1..=12_i64,
        delays in proptest::collection::vec(0..=30_i64, 60),
    ) {
        let mut document = sample("shop-de", ISSUED);
        document.name = name.parse().unwrap();
        let policy = Policy { run_every: Duration::hours(run_every), ..Policy::default() };
        let mut last = ISSUED;
        for (run, delay) in (1..).zip(&delays) {
            let now = ISSUED + Duration::hours(run_every * run) + Duration::minutes(*delay);
            if is_checked(&document, now, &policy) {
                last = now;
            }
            prop_assert!(now - last < Duration::hours(24 + run_every) + Duration::minutes(30), "{now}, {last}");
        }
    }

    #[test]
    fn a_token_that_was_proven_since_its_turn_is_not_checked(name in "[a-z]{1,12}", minutes in 0..=1_440_i64) {
        let mut document = sample("shop-de", ISSUED);
        document.name = name.parse().unwrap();
        let now = ISSUED + Duration::days(2) + Duration::minutes(minutes);
        let is_checked_after = |proven_at| {
            let mut document = document.clone();
            document.last_attempt.at = proven_at;
            is_check_due(&document, now, Duration::MAX, &Policy::default())
        };
        prop_assert!(is_checked_after(now - Duration::days(1)));
        prop_assert!(!is_checked_after(now));
    }
}

#[test]
fn checks_are_spread_over_the_runs_of_a_day() {
    let names = (0..1_000).map(|number| format!("shop-{number}"));
    let documents: Vec<_> = names.map(|name| sample(&name, ISSUED)).collect();
    for run in 1..=4 {
        let now = aged(3) + Duration::hours(6 * run);
        let checked = documents.iter().filter(|document| is_checked(document, now, &Policy::default())).count();
        assert!((230..=340).contains(&checked), "{checked} in run {run}");
    }
}

#[test]
fn only_healthy_accounts_are_checked() {
    for state in [HealthState::Attention, HealthState::LoginRequired] {
        let document = with_health(state, aged(1));
        assert!(!is_check_due(&document, aged(10), Duration::MAX, &Policy::default()));
    }
}
