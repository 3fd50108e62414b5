//! Runs a simulated year, hour by hour.

use time::Duration;
use tracing::subscriber::NoSubscriber;

use crate::account_state::Connection;
use crate::clock::{HOURS_PER_DAY, START};
use crate::day::{Day, DayStatus};
use crate::discovery::Discovery;
use crate::error::SimulationError;
use crate::facebook_outcome::FacebookOutcome;
use crate::outcome::Outcome;
use crate::settings::YearSettings;
use crate::simulated_year::SimulatedYear;
use crate::{daily_review, event_handling, owner_actions, renewals};

/// Simulates a year, and passes each of its days to `observe`.
///
/// Time is simulated and everything runs on the current thread, so that the same settings always give the same outcome.
/// The thread must not run a tokio runtime. The service's log messages are dropped.
///
/// # Errors
/// See [`SimulationError`].
pub fn run(settings: &YearSettings, observe: impl FnMut(Day<'_>)) -> Result<Outcome, SimulationError> {
    settings.validate()?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build();
    let runtime = runtime.map_err(SimulationError::Runtime)?;
    tracing::subscriber::with_default(NoSubscriber::default(), || {
        runtime.block_on(async { simulate(SimulatedYear::new(settings)?, observe).await })
    })
}

async fn simulate(mut year: SimulatedYear, mut observe: impl FnMut(Day<'_>)) -> Result<Outcome, SimulationError> {
    for day in 0..year.outcome.days {
        for hour in day * HOURS_PER_DAY..(day + 1) * HOURS_PER_DAY {
            year.testbed.clock.sleep_until(hour).await;
            for action in year.schedule.take(hour) {
                owner_actions::perform(&mut year, action, hour).await?;
            }
            renewals::run(&mut year, hour).await;
            for event in year.testbed.events.take() {
                event_handling::handle(&mut year, event, hour).await;
            }
        }
        let (working, down) = daily_review::review(&mut year, (day + 1) * HOURS_PER_DAY).await?;
        let statuses: Vec<DayStatus> = year.accounts.iter().map(|account| account.state.status).collect();
        observe(Day {
            number: day + 1,
            date: START.saturating_add(Duration::days(day.into())).date(),
            statuses: &statuses,
            working,
            down,
            timeline: &year.timeline,
            so_far: &year.outcome,
        });
        year.timeline.clear();
        for account in year.accounts.iter_mut() {
            let has_left = account.state.connection == Connection::Left;
            account.state.status = if has_left { DayStatus::Left } else { DayStatus::NotConnected };
        }
    }
    let facebook = FacebookOutcome::summarize(&year.accounts, year.hours_ahead);
    Ok(Outcome { discovery: Discovery::summarize(year.hours_until_known), facebook, ..year.outcome })
}
