//! Statistics over the years of one row of a table.

use evertoken_simulation::Outcome;

/// Whether more is better.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Better {
    More,
    Less,
}

/// The median and the worst of several years.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Years {
    pub(super) median: f64,
    pub(super) worst: f64,
}

impl Years {
    /// `metric` is calculated for each year. Of an even number of years, the median is the worse of the middle two.
    pub(super) fn of(outcomes: &[&Outcome], better: Better, metric: impl Fn(&Outcome) -> f64) -> Self {
        let mut values: Vec<_> = outcomes.iter().map(|outcome| metric(outcome)).collect();
        values.sort_by(f64::total_cmp);
        if better == Better::More {
            values.reverse();
        }
        let at = |place: usize| values.get(place).copied().unwrap_or(f64::NAN);
        Self { median: at(values.len() / 2), worst: at(values.len().saturating_sub(1)) }
    }
}

pub(super) fn kept_percent(outcome: &Outcome) -> f64 {
    outcome.survival.percent
}

pub(super) fn down_days(outcome: &Outcome) -> f64 {
    per_account(outcome, outcome.down_days)
}

pub(super) fn hours_until_known(outcome: &Outcome) -> f64 {
    f64::from(outcome.discovery.median_hours)
}

pub(super) fn longest_hours_until_known(outcome: &Outcome) -> f64 {
    f64::from(outcome.discovery.longest_hours)
}

pub(super) fn false_alerts(outcome: &Outcome) -> f64 {
    100.0 * per_account(outcome, outcome.false_alerts)
}

pub(super) fn repeated_alerts(outcome: &Outcome) -> f64 {
    100.0 * per_account(outcome, outcome.repeated_alerts)
}

pub(super) fn errors_with_a_working_token(outcome: &Outcome) -> f64 {
    100.0 * per_account(outcome, outcome.failed_attempts_with_a_working_token)
}

pub(super) fn instagram_calls(outcome: &Outcome) -> f64 {
    per_account(outcome, outcome.instagram_calls)
}

fn per_account(outcome: &Outcome, count: u64) -> f64 {
    // Far below the largest integer that an f64 represents exactly.
    let count = u32::try_from(count).unwrap_or(u32::MAX);
    f64::from(count) / f64::from(outcome.connected.max(1))
}
