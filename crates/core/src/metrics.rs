//! Metrics: names, units, and the measurements of a run.
//!
//! Dashboards and alarms depend on the names, so a change belongs in CHANGELOG.md.

#[cfg(any(test, feature = "test-support"))]
mod memory;

use time::OffsetDateTime;

#[cfg(any(test, feature = "test-support"))]
pub use self::memory::MemoryMetrics;
use crate::refresh::{Report, Request};

/// The unit of a metric.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// A number of things.
    Count,
    /// Seconds.
    Seconds,
    /// Milliseconds.
    Milliseconds,
}

macro_rules! metrics {
    ($($(#[$doc:meta])* $name:ident: $unit:ident;)+) => {
        /// A metric.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Metric {
            $($(#[$doc])* $name,)+
        }

        impl Metric {
            /// All metrics.
            pub const ALL: &[Self] = &[$(Self::$name,)+];

            /// The metric's name in CloudWatch.
            pub fn name(self) -> &'static str {
                match self { $(Self::$name => stringify!($name),)+ }
            }

            /// The metric's unit.
            pub fn unit(self) -> Unit {
                match self { $(Self::$name => Unit::$unit,)+ }
            }
        }
    };
}

metrics! {
    /// Accounts in the vault. Like the next five metrics, only complete runs over all accounts report it.
    Accounts: Count;
    /// Accounts that need no action.
    Healthy: Count;
    /// Accounts whose owner must act on Instagram.
    Attention: Count;
    /// Accounts that need a new login.
    LoginRequired: Count;
    /// The time until the first of the renewable tokens expires; zero if it has expired, absent if there is none.
    MinSecondsToExpiry: Seconds;
    /// The duration of a run. Also the heartbeat of runs over all accounts.
    RunDurationMs: Milliseconds;
    /// Accounts that a run renewed.
    Refreshed: Count;
    /// Accounts that were due in a run but not renewed, or that could not be read.
    RefreshFailed: Count;
    /// Redirects to Instagram's consent page.
    LoginsStarted: Count;
    /// Logins that stored an account.
    LoginsCompleted: Count;
    /// Logins that returned from Instagram in the browser that had started them and did not store an account.
    LoginsFailed: Count;
    /// Requests from Meta to disconnect an account or to delete a person's data that failed.
    RemovalsFailed: Count;
    /// Cold starts of a Lambda.
    ColdStart: Count;
    /// Feeds. Like the next metric, only runs over all feeds report it, so it is also the publisher's heartbeat.
    Feeds: Count;
    /// Feeds whose posts may be out of date.
    FeedsStale: Count;
    /// Feeds that a run could not publish.
    FeedsFailed: Count;
}

/// The value of a metric.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Measurement {
    /// The metric.
    pub metric: Metric,
    /// The value, in [`Metric::unit`].
    pub value: u64,
}

impl Measurement {
    /// A count of one.
    pub fn one(metric: Metric) -> Self {
        Self { metric, value: 1 }
    }
}

/// The measurements of a run. Only a complete run over all accounts reports how many there are and when the first token
/// expires. A run over named accounts, or one that could not read them all, only reports what it did. A dry run reports
/// nothing.
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
    fn a_complete_run_reports_the_health_of_all_accounts() {
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
    fn a_partial_run_reports_only_what_it_did() {
        let named = Request { accounts: Some(vec!["shop-de".parse().unwrap()]), ..Request::default() };
        let cut_short = Report { incomplete: true, ..report() };
        for measured in [of_run(&named, &report(), NOW), of_run(&Request::default(), &cut_short, NOW)] {
            assert_eq!(by_name(&measured), [("Refreshed", 2), ("RefreshFailed", 1)]);
        }
        let dry = Request { dry_run: true, ..Request::default() };
        assert_eq!(of_run(&dry, &report(), NOW), []);
    }

    #[test]
    fn an_expired_token_has_no_time_left_and_no_token_reports_nothing() {
        let left = |soonest_expiry| {
            let measured = of_run(&Request::default(), &Report { soonest_expiry, ..report() }, NOW);
            measured.iter().find(|one| one.metric == Metric::MinSecondsToExpiry).map(|one| one.value)
        };
        assert_eq!(left(Some(NOW - Duration::days(1))), Some(0));
        assert_eq!(left(None), None);
    }

    #[test]
    fn metric_names_do_not_change() {
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
            "RemovalsFailed",
            "ColdStart",
            "Feeds",
            "FeedsStale",
            "FeedsFailed",
        ];
        assert_eq!(names, expected);
    }
}
