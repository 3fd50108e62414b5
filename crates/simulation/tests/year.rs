//! Whole years, small ones.
#![allow(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

use evertoken_simulation::{Keeping, Mark, Outcome, SimulationError, What, Year, run};

fn year(seed: u64) -> Year {
    Year { accounts: 12, days: 365, faults: 5.0, seed, keeping: Keeping::Evertoken }
}

fn outcome(year: &Year) -> Outcome {
    run(year, |_| {}).unwrap()
}

#[test]
fn every_token_that_only_a_machine_was_needed_for_lives_through_three_years() {
    for seed in 1..=3 {
        let outcome = outcome(&year(seed));
        assert_eq!((outcome.connected, outcome.survival.kept, outcome.survival.lost), (12, 12, 0), "{outcome:?}");
        assert_eq!(outcome.survival.needed_owner, outcome.survival.owner_helped, "{outcome:?}");
        assert_eq!(outcome.survival.working_at_the_end, 12 - outcome.left, "{outcome:?}");
        assert!(outcome.calls_failed * 100 > outcome.calls * 3, "the weather was too good: {outcome:?}");
        assert!(outcome.failed_runs >= 8, "the outage was not felt: {outcome:?}");
    }
}

#[test]
fn the_same_seed_gives_the_same_year_and_another_one_another() {
    let days = |year: &Year| {
        let mut days = Vec::new();
        let outcome = run(year, |day| days.push((day.marks.to_vec(), day.news.to_vec(), day.working))).unwrap();
        (outcome, days)
    };
    let short = |seed| Year { days: 120, ..year(seed) };
    assert_eq!(days(&short(7)), days(&short(7)));
    assert_ne!(days(&short(7)), days(&short(8)));
}

#[test]
fn all_that_is_promised_happens_and_is_told() {
    let mut happened = Vec::new();
    let mut last_marks = Vec::new();
    run(&year(2), |day| {
        happened.extend(day.news.iter().map(|news| news.what));
        last_marks = day.marks.to_vec();
    })
    .unwrap();
    for what in [
        What::OutageBegins,
        What::OutageEnds,
        What::AppSecretChanged,
        What::AppSecretConfigured,
        What::PasswordChanged,
        What::LoginRequired,
        What::Reconnected,
        What::Checkpoint,
        What::OwnerActionNeeded,
        What::Recovered,
        What::AppRemoved,
    ] {
        assert!(happened.contains(&what), "{what:?} has not happened");
    }
    assert!(!happened.contains(&What::Lost));
    assert_eq!(last_marks.iter().filter(|mark| **mark == Mark::Left).count(), 1);
    assert!(last_marks.iter().all(|mark| matches!(mark, Mark::Well | Mark::Refreshed | Mark::Left)), "{last_marks:?}");
}

/// The measure must be able to say no.
#[test]
fn a_monthly_cron_loses_tokens_in_the_same_years() {
    let lost = (1..=3).map(|seed| outcome(&Year { keeping: Keeping::MonthlyCron, ..year(seed) }).survival.lost);
    assert!(lost.sum::<u32>() > 5);
}

#[test]
fn the_other_ways_keep_everything_where_nothing_goes_wrong() {
    for keeping in [Keeping::TwoDaysBeforeTheEnd, Keeping::MonthlyCron, Keeping::WeeklyUntilTheFirstError] {
        // One account, which nothing befalls, and too short a time for an outage to meet it.
        let quiet = Year { accounts: 1, days: 9, faults: 0.0, seed: 1, keeping };
        let outcome = outcome(&quiet);
        assert_eq!((outcome.survival.lost, outcome.dark_days, outcome.calls_failed), (0, 0, 0), "{outcome:?}");
    }
}

#[test]
fn where_nothing_ever_answers_nobody_is_connected_and_the_year_ends() {
    let outcome = outcome(&Year { faults: 100.0, days: 30, ..year(1) });
    assert_eq!((outcome.connected, outcome.survival.accounts), (0, 0));
}

#[test]
fn impossible_years_are_refused() {
    let possible = year(1);
    for impossible in [
        Year { accounts: 0, ..possible },
        Year { accounts: 10_001, ..possible },
        Year { days: 0, ..possible },
        Year { days: 3_651, ..possible },
        Year { faults: -1.0, ..possible },
        Year { faults: 100.5, ..possible },
        Year { faults: f64::NAN, ..possible },
    ] {
        assert!(matches!(run(&impossible, |_| {}), Err(SimulationError::Range)), "{impossible:?}");
    }
}
