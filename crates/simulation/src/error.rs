//! Errors of a simulation.

use evertoken_core::vault::VaultError;
use evertoken_sandbox::ControlError;

/// Why a year could not be simulated.
#[derive(Debug, thiserror::Error)]
pub enum SimulationError {
    /// A setting is outside its range.
    #[error(
        "a year has 1 to {max_accounts} accounts, 1 to {max_days} days, and 0 to 100 percent of faults; only Evertoken keeps \
         accounts that are connected through Facebook, of which there are no more than accounts"
    )]
    OutOfRange {
        /// The maximum number of accounts.
        max_accounts: u32,
        /// The maximum number of days.
        max_days: u32,
    },
    /// The service could not be set up.
    #[error("the service could not be set up (are the system's root certificates installed?)")]
    SetUp,
    /// The async runtime could not be started.
    #[error("the async runtime could not be started: {0}")]
    Runtime(std::io::Error),
    /// The vault in memory could not be read.
    #[error(transparent)]
    Vault(#[from] VaultError),
    /// The sandbox rejected a change.
    #[error("the sandbox rejected a change: {0}")]
    Sandbox(#[from] ControlError),
}
