//! A year from its first hour to its last.

mod simulation;

use evertoken_core::vault::VaultError;
use serde::Serialize;
use tracing::subscriber::NoSubscriber;

use crate::Keeping;
use crate::day::Day;
use crate::outcome::Outcome;
use simulation::Simulation;

/// More would take many minutes.
pub const MOST_ACCOUNTS: u32 = 10_000;

/// Ten years.
pub const MOST_DAYS: u32 = 3_650;

/// What a year is to be like.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Year {
    /// How many accounts, from 1 to [`MOST_ACCOUNTS`].
    pub accounts: u32,
    /// How many days, from 1 to [`MOST_DAYS`].
    pub days: u32,
    /// Percent of all calls to Instagram and to the vault that go wrong, from 0 to 100.
    pub faults: f64,
    /// What all chance is made of.
    pub seed: u64,
    /// Who renews.
    pub keeping: Keeping,
}

/// The year could not be simulated.
#[derive(Debug, thiserror::Error)]
pub enum SimulationError {
    /// The numbers are outside of what [`Year`] allows.
    #[error("a year has 1 to {MOST_ACCOUNTS} accounts, 1 to {MOST_DAYS} days, and 0 to 100 percent of faults")]
    Range,
    /// The service could not be set up.
    #[error("the service could not be set up (are the machine's root certificates installed?)")]
    SetUp,
    /// No runtime for it.
    #[error("no runtime could be started: {0}")]
    Runtime(std::io::Error),
    /// What should be in memory cannot be read.
    #[error(transparent)]
    Vault(#[from] VaultError),
}

/// Lets a year pass, and shows each of its days to `watch`.
///
/// Time is simulated and nothing leaves this thread, so that the same year always comes to the same. The thread must
/// have no tokio runtime of its own. What the service logs in that year is dropped.
///
/// # Errors
/// See [`SimulationError`].
pub fn run(year: &Year, watch: impl FnMut(Day<'_>)) -> Result<Outcome, SimulationError> {
    let in_range = (1..=MOST_ACCOUNTS).contains(&year.accounts)
        && (1..=MOST_DAYS).contains(&year.days)
        && (0.0..=100.0).contains(&year.faults);
    if !in_range {
        return Err(SimulationError::Range);
    }
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build();
    let runtime = runtime.map_err(SimulationError::Runtime)?;
    tracing::subscriber::with_default(NoSubscriber::default(), || {
        runtime.block_on(async { Simulation::new(year)?.pass(watch).await })
    })
}
