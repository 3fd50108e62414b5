//! Simulations of small years.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use evertoken_packed_simulation::{Outcome, Phase, Recovery, Scan, YearSettings, run};

/// Two months of accounts that fill their packs, with every kind of event.
fn outcome(settings: &YearSettings) -> Outcome {
    let settings = YearSettings { days: 60, ..*settings };
    run(&settings, |_| {}).unwrap()
}

fn assert_nothing_is_lost(outcome: &Outcome) {
    assert_eq!((outcome.kept.lost, outcome.kept.behind), (0, 0), "{outcome:#?}");
    assert_eq!(outcome.kept.findings, Vec::<String>::new(), "{outcome:#?}");
    assert_eq!(outcome.kept.kept, outcome.kept.connected);
    assert!(outcome.packs.empty_places <= 2, "{outcome:#?}");
    assert!(outcome.most_versions_in_a_day <= 90, "{outcome:#?}");
    assert_eq!(outcome.usage_of(Phase::Steady).throttled_calls(), 0, "{outcome:#?}");
}

#[test]
fn two_months_of_twenty_thousand_accounts_stay_within_the_limits() {
    let outcome = outcome(&YearSettings { outage_days: 1, ..YearSettings::new(20_000, 1) });
    assert_nothing_is_lost(&outcome);
    assert!(outcome.kept.connected > 20_000 && outcome.removals > 100, "{outcome:#?}");
    assert!(outcome.cost_per_account_and_month() <= 0.004, "{outcome:#?}");
    assert!(outcome.steady.longest_milliseconds < 60_000, "{outcome:#?}");
    assert!(outcome.recovery.seconds.unwrap() < 3_600, "{outcome:#?}");
    // The faults have had an effect.
    assert!(outcome.renewals.failed * 25 > outcome.renewals.calls, "{outcome:#?}");
}

#[test]
fn an_outage_of_two_weeks_loses_nothing() {
    let outcome = outcome(&YearSettings::new(500, 4));
    assert_nothing_is_lost(&outcome);
    assert!(outcome.renewals.oldest_hours > 24 * 24, "{outcome:#?}");
    assert!(outcome.recovery.seconds.unwrap() < 3_600, "{outcome:#?}");
}

#[test]
fn logins_that_no_pack_takes_are_kept_in_secrets_of_their_own() {
    let settings = YearSettings { aws_faults_per_million: 5_000, outage_days: 1, ..YearSettings::new(500, 5) };
    let outcome = outcome(&settings);
    assert!(outcome.alone > Some(0), "{outcome:#?}");
    assert_eq!(outcome.kept.lost, 0, "{outcome:#?}");
}

#[test]
fn one_worker_recovers_by_its_schedule() {
    let settings = YearSettings { recovery: Recovery::Scheduled, outage_days: 3, ..YearSettings::new(500, 2) };
    let outcome = outcome(&settings);
    assert_eq!((outcome.kept.lost, outcome.kept.behind), (0, 0), "{outcome:#?}");
    assert_eq!(outcome.recovery.workers, 1);
    assert!(outcome.recovery.renewed > 0 && outcome.recovery.seconds.unwrap() < 12 * 3_600, "{outcome:#?}");
}

#[test]
fn the_seed_determines_the_outcome() {
    let settings = |seed| YearSettings { outage_days: 1, ..YearSettings::new(200, seed) };
    assert_eq!(outcome(&settings(7)), outcome(&settings(7)));
    assert_ne!(outcome(&settings(7)), outcome(&settings(8)));
}

/// What is left out is only the time that this machine needs.
#[test]
fn a_scan_of_due_packs_makes_the_same_requests_as_one_of_all_packs() {
    let settings = |scan| YearSettings {
        scan,
        outage_days: 1,
        instagram_fault_percent: 0.0,
        aws_faults_per_million: 0,
        ..YearSettings::new(300, 3)
    };
    let [due, every] = [Scan::DuePacks, Scan::EveryPack].map(|scan| outcome(&settings(scan)));
    assert_eq!(due.renewals.renewals, every.renewals.renewals);
    assert_eq!((&due.kept, due.packs.packs), (&every.kept, every.packs.packs));
    let (due, every) = (due.usage_of(Phase::Steady), every.usage_of(Phase::Steady));
    assert_eq!(due.calls, every.calls);
    assert_eq!((due.read_units, due.write_units), (every.read_units, every.write_units));
}
