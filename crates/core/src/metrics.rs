//! What is measured: names, units, and what a run comes to. Pure.
//!
//! Dashboards and alarms are built on these; a change is in CHANGELOG.md.

#[cfg(any(test, feature = "test-support"))]
mod memory;

use time::OffsetDateTime;

#[cfg(any(test, feature = "test-support"))]
pub use self::memory::MemoryMetrics;
use crate::refresh::{Report, Request};

/// What a number counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// How many.
    Count,
    /// Seconds.
    Seconds,
    /// Milliseconds.
    Milliseconds,
}

macro_rules! metrics {
    ($($(#[$doc:meta])* $name:ident: $unit:ident;)+) => {
        /// One thing that is measured.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Metric {
            $($(#[$doc])* $name,)+
        }

        impl Metric {
            /// All of them.
            pub const ALL: &[Self] = &[$(Self::$name,)+];

            /// What it is called wherever it is looked at.
            pub fn name(self) -> &'static str {
                match self { $(Self::$name => stringify!($name),)+ }
            }

            /// In what it is counted.
            pub fn unit(self) -> Unit {
                match self { $(Self::$name => Unit::$unit,)+ }
            }
        }
    };
}

metrics! {
    /// Accounts in the vault; of a completed run over all of them, as the next five.
    Accounts: Count;
    /// Accounts that nobody need act for.
    Healthy: Count;
    /// Accounts whose owner must act on Instagram.
    Attention: Count;
    /// Accounts that only a new login helps.
    LoginRequired: Count;
    /// Until the first token ends of those that a machine can renew, zero if it has ended. Absent where there is none.
    MinSecondsToExpiry: Seconds;
    /// How long the run took. Of completed runs over all accounts only, so that it is their heartbeat.
    RunDurationMs: Milliseconds;
    /// Accounts that a run renewed.
    Refreshed: Count;
    /// Accounts that were due in a run and not renewed, or that could not be read.
    RefreshFailed: Count;
    /// People sent to Instagram.
    LoginsStarted: Count;
    /// Logins whose account was stored.
    LoginsCompleted: Count;
    /// Logins that came back from Instagram, in the browser that had started them, and were not stored.
    LoginsFailed: Count;
    /// A process that was started to answer an invocation.
    ColdStart: Count;
}

/// A number and what it is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Measurement {
    /// What was measured.
    pub metric: Metric,
    /// In [`Metric::unit`].
    pub value: u64,
}

impl Measurement {
    /// Something that happened once.
    pub fn one(metric: Metric) -> Self {
        Self { metric, value: 1 }
    }
}

/// What a run measures. Only a run that saw all accounts knows how many there are and when the first token ends; one over
/// named accounts, or one that could not read them all, tells of what it did and no more. A dry run does nothing.
pub fn of_run(request: &Request, report: &Report, now: OffsetDateTime) -> Vec<Measurement> {
    if request.dry_run {
        return Vec::new();
    }
    let count = |metric, count: usize| Measurement { metric, value: u64::try_from(count).unwrap_or(u64::MAX) };
    let mut measured = vec![count(Metric::Refreshed, report.refreshed), count(Metric::RefreshFailed, report.failed)];
    if request.accounts.is_some() || report.incomplete {
        return measured;
    }
    measured.extend([
        count(Metric::Accounts, report.accounts),
        count(Metric::Healthy, report.health.healthy),
        count(Metric::Attention, report.health.attention),
        count(Metric::LoginRequired, report.health.login_required),
        Measurement { metric: Metric::RunDurationMs, value: report.duration_ms },
    ]);
    measured.extend(report.soonest_expiry.map(|soonest| {
        let left = u64::try_from((soonest - now).whole_seconds()).unwrap_or(0);
        Measurement { metric: Metric::MinSecondsToExpiry, value: left }
    }));
    measured
}

/// Records measurements.
pub trait Metrics: Send + Sync + 'static {
    /// Records measurements that were taken together. A failure loses them and nothing else.
    fn record(&self, measured: &[Measurement]);
}

/// Discards all measurements.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoMetrics;

impl Metrics for NoMetrics {
    fn record(&self, _: &[Measurement]) {}
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;
    use time::{Duration, OffsetDateTime};

    use super::*;
    use crate::refresh::HealthCounts;

    const NOW: OffsetDateTime = datetime!(2026-11-22 05:00 UTC);

    fn report() -> Report {
        Report {
            accounts: 7,
            refreshed: 2,
            failed: 1,
            duration_ms: 1_200,
            soonest_expiry: Some(NOW + Duration::days(5)),
            health: HealthCounts { healthy: 4, attention: 2, login_required: 1 },
            ..Report::default()
        }
    }

    fn by_name(measured: &[Measurement]) -> Vec<(&'static str, u64)> {
        measured.iter().map(|one| (one.metric.name(), one.value)).collect()
    }

    #[test]
    fn a_run_over_all_tells_how_all_are() {
        let measured = of_run(&Request::default(), &report(), NOW);
        let expected = [
            ("Refreshed", 2),
            ("RefreshFailed", 1),
            ("Accounts", 7),
            ("Healthy", 4),
            ("Attention", 2),
            ("LoginRequired", 1),
            ("RunDurationMs", 1_200),
            ("MinSecondsToExpiry", 432_000),
        ];
        assert_eq!(by_name(&measured), expected);
    }

    #[test]
    fn a_run_that_did_not_see_all_tells_of_what_it_did_only() {
        let named = Request { accounts: Some(vec!["shop-de".parse().unwrap()]), ..Request::default() };
        let cut_short = Report { incomplete: true, ..report() };
        for measured in [of_run(&named, &report(), NOW), of_run(&Request::default(), &cut_short, NOW)] {
            assert_eq!(by_name(&measured), [("Refreshed", 2), ("RefreshFailed", 1)]);
        }
        let dry = Request { dry_run: true, ..Request::default() };
        assert_eq!(of_run(&dry, &report(), NOW), []);
    }

    #[test]
    fn a_token_that_has_ended_has_no_time_left_and_without_one_nothing_is_said() {
        let left = |soonest_expiry| {
            let measured = of_run(&Request::default(), &Report { soonest_expiry, ..report() }, NOW);
            measured.iter().find(|one| one.metric == Metric::MinSecondsToExpiry).map(|one| one.value)
        };
        assert_eq!(left(Some(NOW - Duration::days(1))), Some(0));
        assert_eq!(left(None), None);
    }

    #[test]
    fn names_are_the_contracts() {
        let names: Vec<_> = Metric::ALL.iter().map(|metric| metric.name()).collect();
        let expected = [
            "Accounts",
            "Healthy",
            "Attention",
            "LoginRequired",
            "MinSecondsToExpiry",
            "RunDurationMs",
            "Refreshed",
            "RefreshFailed",
            "LoginsStarted",
            "LoginsCompleted",
            "LoginsFailed",
            "ColdStart",
        ];
        assert_eq!(names, expected);
    }
}
