//! The metrics of a run.

use evertoken_core::metrics::{Measurement, Metric};
use evertoken_feed::report::Report;

/// Which feeds a run was about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Scope {
    /// All feeds of the stack.
    AllFeeds,
    /// One feed.
    OneFeed,
}

/// The measurements of a run. Only a run over all feeds reports how many there are and how many of them are stale.
pub(crate) fn of_run(scope: Scope, report: &Report) -> Vec<Measurement> {
    let count = |metric, count: usize| Measurement { metric, value: u64::try_from(count).unwrap_or(u64::MAX) };
    let mut measured = vec![count(Metric::FeedsFailed, report.failed)];
    if scope == Scope::AllFeeds {
        measured.extend([count(Metric::Feeds, report.feeds), count(Metric::FeedsStale, report.stale)]);
    }
    measured
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_run_over_all_feeds_counts_them() {
        let report = Report { feeds: 3, stale: 2, failed: 1, ..Report::default() };
        let named = |scope| of_run(scope, &report).iter().map(|one| (one.metric.name(), one.value)).collect::<Vec<_>>();
        assert_eq!(named(Scope::AllFeeds), [("FeedsFailed", 1), ("Feeds", 3), ("FeedsStale", 2)]);
        assert_eq!(named(Scope::OneFeed), [("FeedsFailed", 1)]);
    }
}
