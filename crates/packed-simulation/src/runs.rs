//! The runs of the refresh.

use std::time::Duration;

use evertoken_core::clock::Clock;
use evertoken_core::refresh::{Report, Request};

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
    pub(crate) conflicts: usize,
    pub(crate) took: Duration,
}

impl Ran {
    fn new(report: &Report, took: Duration) -> Self {
        let left = report.left_for_next_run + usize::from(report.incomplete);
        Self { refreshed: report.refreshed, left, failed: report.failed, conflicts: report.conflicts, took }
    }
}

/// One invocation of the refresh function. Lambda invokes a failed function once more (`EventInvokeConfig` in template.yaml).
pub(crate) async fn run(services: &Services, worker: &Worker) -> Ran {
    let begun_at = services.clock.elapsed();
    let deadline = Some(services.clock.now() + MAX_RUN_TIME);
    let report = match worker.run(&Request::default(), deadline).await {
        Err(_) => worker.run(&Request::default(), deadline).await,
        report => report,
    };
    let took = services.clock.elapsed() - begun_at;
    report.map_or(Ran { left: 1, took, ..Ran::default() }, |report| Ran::new(&report, took))
}

/// Invokes the function again and again, until no account is due.
pub(crate) async fn run_until_nothing_is_due(services: &Services, worker: &Worker) -> Ran {
    let begun_at = services.clock.elapsed();
    let mut all = Ran::default();
    loop {
        let ran = run(services, worker).await;
        all.refreshed += ran.refreshed;
        all.conflicts += ran.conflicts;
        if ran.left + ran.failed == 0 {
            return Ran { took: services.clock.elapsed() - begun_at, ..all };
        }
    }
}
