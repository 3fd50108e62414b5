//! The runs of the refresh.

use std::time::Duration;

use evertoken_core::clock::Clock;
use evertoken_core::refresh::{Report, Request};
use futures_util::future::join_all;

use crate::services::{Services, Worker};

/// The maximum duration of a Lambda invocation, which the template gives to the refresh.
const MAX_RUN_TIME: time::Duration = time::Duration::minutes(15);

/// The result of one or more runs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Ran {
    pub(crate) refreshed: usize,
    /// Due accounts that were not started, and whether some could not be read.
    pub(crate) left: usize,
    /// Accounts that were not renewed because of an error.
    pub(crate) failed: usize,
    pub(crate) took: Duration,
}

impl Ran {
    fn new(report: &Report, took: Duration) -> Self {
        let left = report.left_for_next_run + usize::from(report.incomplete);
        Self { refreshed: report.refreshed, left, failed: report.failed, took }
    }

    /// Both results together, of workers that began at the same time.
    pub(crate) fn and(self, other: Self) -> Self {
        Self {
            refreshed: self.refreshed + other.refreshed,
            left: self.left + other.left,
            failed: self.failed + other.failed,
            took: self.took.max(other.took),
        }
    }
}

/// One invocation of each worker, at the same time.
pub(crate) async fn run_all(services: &Services, workers: &[Worker]) -> Ran {
    let runs = join_all(workers.iter().map(|worker| run(services, worker))).await;
    runs.into_iter().fold(Ran::default(), Ran::and)
}

/// One invocation of the refresh function. Lambda invokes a failed function once more (`EventInvokeConfig` in template.yaml).
pub(crate) async fn run(services: &Services, worker: &Worker) -> Ran {
    let begun_at = services.clock.elapsed();
    let deadline = Some(services.clock.now() + MAX_RUN_TIME);
    let request = Request::default();
    let report = match Box::pin(worker.run(&request, deadline)).await {
        Err(_) => Box::pin(worker.run(&request, deadline)).await,
        report => report,
    };
    let took = services.clock.elapsed().saturating_sub(begun_at);
    report.map_or(Ran { left: 1, took, ..Ran::default() }, |report| Ran::new(&report, took))
}

/// Invokes the function again and again, until no account is due.
pub(crate) async fn run_until_nothing_is_due(services: &Services, worker: &Worker) -> Ran {
    let begun_at = services.clock.elapsed();
    let mut all = Ran::default();
    loop {
        let ran = run(services, worker).await;
        all.refreshed += ran.refreshed;
        if ran.left + ran.failed == 0 {
            return Ran { took: services.clock.elapsed().saturating_sub(begun_at), ..all };
        }
    }
}
