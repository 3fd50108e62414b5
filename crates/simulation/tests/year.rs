//! Simulations of small years.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use evertoken_simulation::{DayStatus, Outcome, RenewalStrategy, SimulationError, TimelineEvent, YearSettings, run};

fn settings(seed: u64) -> YearSettings {
    YearSettings { accounts: 12, seed, ..YearSettings::default() }
}

fn outcome(settings: &YearSettings) -> Outcome {
    run(settings, |_| {}).unwrap()
}

#[test]
fn evertoken_keeps_every_token_in_three_years() {
    for seed in 1..=3 {
        let outcome = outcome(&settings(seed));
        assert_eq!((outcome.connected, outcome.survival.kept, outcome.survival.lost), (12, 12, 0), "{outcome:?}");
        assert_eq!(outcome.survival.needed_owner, outcome.survival.owner_helped, "{outcome:?}");
        assert_eq!(outcome.survival.working_at_the_end, 12 - outcome.left, "{outcome:?}");
        assert!(outcome.discovery.longest_hours <= 26, "an owner was told late: {outcome:?}");
        assert!(outcome.calls_failed * 100 > outcome.calls * 3, "too few calls failed: {outcome:?}");
        assert!(outcome.failed_runs >= 8, "the outage had no effect: {outcome:?}");
    }
}

#[test]
fn the_seed_determines_the_year() {
    let days = |settings: &YearSettings| {
        let mut days = Vec::new();
        let outcome =
            run(settings, |day| days.push((day.statuses.to_vec(), day.timeline.to_vec(), day.working))).unwrap();
        (outcome, days)
    };
    let short = |seed| YearSettings { days: 120, ..settings(seed) };
    assert_eq!(days(&short(7)), days(&short(7)));
    assert_ne!(days(&short(7)), days(&short(8)));
}

#[test]
fn a_year_contains_every_kind_of_incident_and_notification() {
    let mut events = Vec::new();
    let mut last_statuses = Vec::new();
    run(&settings(2), |day| {
        events.extend(day.timeline.iter().map(|entry| entry.event));
        last_statuses = day.statuses.to_vec();
    })
    .unwrap();
    for event in [
        TimelineEvent::OutageStarted,
        TimelineEvent::OutageEnded,
        TimelineEvent::AppSecretChanged,
        TimelineEvent::AppSecretConfigured,
        TimelineEvent::PasswordChanged,
        TimelineEvent::LoginRequired,
        TimelineEvent::Reconnected,
        TimelineEvent::Checkpoint,
        TimelineEvent::OwnerActionNeeded,
        TimelineEvent::Recovered,
        TimelineEvent::AppRemoved,
    ] {
        assert!(events.contains(&event), "{event:?} did not happen");
    }
    assert!(!events.contains(&TimelineEvent::Lost));
    assert_eq!(last_statuses.iter().filter(|status| **status == DayStatus::Left).count(), 1);
    let is_expected = |status| matches!(status, &DayStatus::Working | &DayStatus::Refreshed | &DayStatus::Left);
    assert!(last_statuses.iter().all(is_expected), "{last_statuses:?}");
}

/// The simulation must be able to show a failure.
#[test]
fn a_monthly_cron_loses_tokens_in_the_same_years() {
    let baseline = |seed| YearSettings { strategy: RenewalStrategy::MonthlyOneTry, ..settings(seed) };
    let lost = (1..=3).map(|seed| outcome(&baseline(seed)).survival.lost);
    assert!(lost.sum::<u32>() > 5);
}

#[test]
fn the_baselines_keep_every_token_without_faults() {
    for strategy in RenewalStrategy::ALL {
        // A single account has no incident, and nine days have no outage.
        let quiet = YearSettings { accounts: 1, days: 9, fault_percent: 0.0, strategy, ..YearSettings::default() };
        let outcome = outcome(&quiet);
        assert_eq!((outcome.survival.lost, outcome.down_days, outcome.calls_failed), (0, 0, 0), "{outcome:?}");
    }
}

#[test]
fn a_year_in_which_every_call_fails_connects_no_account() {
    let outcome = outcome(&YearSettings { fault_percent: 100.0, days: 30, ..settings(1) });
    assert_eq!((outcome.connected, outcome.survival.accounts), (0, 0));
}

#[test]
fn rejects_settings_that_are_out_of_range() {
    let valid = settings(1);
    for invalid in [
        YearSettings { accounts: 0, ..valid },
        YearSettings { accounts: 10_001, ..valid },
        YearSettings { days: 0, ..valid },
        YearSettings { days: 3_651, ..valid },
        YearSettings { fault_percent: -1.0, ..valid },
        YearSettings { fault_percent: 100.5, ..valid },
        YearSettings { fault_percent: f64::NAN, ..valid },
    ] {
        assert!(matches!(run(&invalid, |_| {}), Err(SimulationError::OutOfRange { .. })), "{invalid:?}");
    }
}
