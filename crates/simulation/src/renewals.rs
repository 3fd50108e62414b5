//! Runs the renewal strategy and records its attempts.

use crate::baselines;
use crate::clock::Hour;
use crate::day::DayStatus;
use crate::notifications;
use crate::renewal_job::{RenewalAttempt, RenewalResult};
use crate::renewal_strategy::RenewalStrategy;
use crate::simulated_year::SimulatedYear;
use crate::token_status::TokenStatus;

/// The interval of the refresh schedule.
const RUN_INTERVAL: Hour = 6;

pub(crate) async fn run(year: &mut SimulatedYear, hour: Hour) {
    let is_baseline = year.outcome.strategy != RenewalStrategy::Evertoken;
    let attempts = if is_baseline {
        baselines::run(&year.testbed, year.outcome.strategy, hour, &year.accounts.connected()).await
    } else {
        evertoken(year, hour).await
    };
    for RenewalAttempt { name, result } in attempts {
        let Some(index) = year.accounts.index_of(&name) else { continue };
        record(year, index, result).await;
        // Evertoken notifies owners through its events.
        if is_baseline && result == RenewalResult::Rejected {
            notifications::notify_owner(year, index, None, hour).await;
        }
    }
}

async fn record(year: &mut SimulatedYear, index: usize, result: RenewalResult) {
    let succeeded = result == RenewalResult::Renewed;
    year.outcome.refreshes += u64::from(succeeded);
    year.outcome.failed_attempts += u64::from(!succeeded);
    if !succeeded && year.token_status(index).await == TokenStatus::Working {
        year.outcome.failed_attempts_with_a_working_token += 1;
    }
    if let Some(account) = year.accounts.get_mut(index) {
        account.state.record(if succeeded { DayStatus::Refreshed } else { DayStatus::RefreshFailed });
    }
}

/// Returns only the failed attempts. Successful ones publish an event.
async fn evertoken(year: &mut SimulatedYear, hour: Hour) -> Vec<RenewalAttempt> {
    if !hour.is_multiple_of(RUN_INTERVAL) {
        return Vec::new();
    }
    let run = year.testbed.refresh().await;
    year.outcome.failed_runs += u64::from(run.is_err());
    let failures = run.map(|report| report.failures).unwrap_or_default();
    let failed = |name| RenewalAttempt { name, result: RenewalResult::Failed };
    failures.into_iter().map(|failure| failed(failure.name)).collect()
}
