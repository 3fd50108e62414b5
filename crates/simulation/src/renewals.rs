//! Runs the renewal strategy and records its attempts.

use crate::baselines::{self, RenewalAttempt};
use crate::clock::Hour;
use crate::day::DayStatus;
use crate::renewal_strategy::RenewalStrategy;
use crate::simulated_year::SimulatedYear;

/// The interval of the refresh schedule.
const RUN_INTERVAL: Hour = 6;

pub(crate) async fn run(year: &mut SimulatedYear, hour: Hour) {
    let attempts = match year.outcome.strategy {
        RenewalStrategy::Evertoken => evertoken(year, hour).await,
        baseline => baselines::run(&year.testbed, baseline, hour, &year.accounts.connected()).await,
    };
    for RenewalAttempt { name, succeeded } in attempts {
        year.outcome.refreshes += u64::from(succeeded);
        year.outcome.failed_attempts += u64::from(!succeeded);
        let account = year.accounts.index_of(&name).and_then(|index| year.accounts.get_mut(index));
        if let Some(account) = account {
            account.state.record(if succeeded { DayStatus::Refreshed } else { DayStatus::RefreshFailed });
        }
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
    failures.into_iter().map(|failure| RenewalAttempt { name: failure.name, succeeded: false }).collect()
}
