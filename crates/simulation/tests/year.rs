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

#[test]
fn people_are_reminded_weeks_ahead_and_keep_every_account_whose_links_they_follow() {
    let (mut ended, mut never_followed, mut events) = (0, 0, Vec::new());
    for seed in 1..=2 {
        let year = YearSettings { accounts: 24, facebook_accounts: 20, seed, ..YearSettings::default() };
        let outcome = run(&year, |day| events.extend(day.timeline.iter().map(|entry| entry.event))).unwrap();
        let facebook = outcome.facebook.unwrap();
        assert_eq!((outcome.connected, facebook.accounts), (24, 20), "{outcome:?}");
        assert_eq!(
            facebook.kept, facebook.followed,
            "an account was lost although its person followed the link: {outcome:?}"
        );
        assert_eq!(outcome.survival.lost, 0, "{outcome:?}");
        // The two-day outage can delay a reminder.
        assert!(facebook.least_hours_ahead >= 27 * 24, "somebody was reminded late: {outcome:?}");
        assert!(facebook.median_hours_ahead >= 29 * 24, "{outcome:?}");
        assert!(facebook.reminded >= 40, "a year has at least three ends of access: {outcome:?}");
        ended += facebook.ended;
        never_followed += facebook.accounts - facebook.followed;
    }
    // The simulation must be able to show a loss.
    assert!(ended > 0 && ended <= never_followed, "{ended} of {never_followed}");
    for event in [TimelineEvent::AccessExpiring, TimelineEvent::Reconnected, TimelineEvent::PasswordChanged] {
        assert!(events.contains(&event), "{event:?} did not happen");
    }
}

#[test]
fn accounts_connected_through_facebook_do_not_change_the_plan_of_the_others() {
    let days = |facebook_accounts| {
        let mut incidents = Vec::new();
        let year = YearSettings { facebook_accounts, ..settings(3) };
        run(&year, |day| {
            let of_others = day.timeline.iter().filter(|entry| entry.account.as_deref() > Some("shop-004"));
            let incident = |event| {
                matches!(event, TimelineEvent::PasswordChanged | TimelineEvent::Checkpoint | TimelineEvent::AppRemoved)
            };
            incidents.extend(of_others.filter(|entry| incident(entry.event)).map(|entry| (day.number, entry.clone())));
        })
        .unwrap();
        incidents
    };
    assert_eq!(days(0), days(4));
    assert!(!days(0).is_empty());
}

#[test]
fn a_lost_role_or_link_is_noticed_and_repaired() {
    let mut events = Vec::new();
    let year =
        YearSettings { accounts: 60, facebook_accounts: 60, days: 130, fault_percent: 0.0, ..YearSettings::default() };
    let outcome = run(&year, |day| events.extend(day.timeline.iter().cloned())).unwrap();
    let of_page = |event| matches!(event, TimelineEvent::RoleLost | TimelineEvent::Unlinked);
    let incidents: Vec<_> = events.iter().filter(|entry| of_page(entry.event)).collect();
    assert!(!incidents.is_empty(), "{outcome:?}");
    for incident in incidents {
        let noticed =
            events.iter().any(|entry| entry.account == incident.account && entry.event == TimelineEvent::LoginRequired);
        assert!(noticed, "{incident:?}");
    }
    assert_eq!(outcome.false_alerts, 0, "{outcome:?}");
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
        YearSettings { facebook_accounts: 13, ..valid },
        YearSettings { facebook_accounts: 1, strategy: RenewalStrategy::Weekly, ..valid },
        YearSettings { fault_percent: -1.0, ..valid },
        YearSettings { fault_percent: 100.5, ..valid },
        YearSettings { fault_percent: f64::NAN, ..valid },
    ] {
        assert!(matches!(run(&invalid, |_| {}), Err(SimulationError::OutOfRange { .. })), "{invalid:?}");
    }
}
