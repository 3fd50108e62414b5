//! The errors of a simulation.

use evertoken_core::vault::VaultError;
use evertoken_packed_vault::PackError;

/// A year could not be simulated.
#[derive(Debug, thiserror::Error)]
pub enum SimulationError {
    /// The settings contradict each other.
    #[error("a year has at least one account, one worker, {fewest_days} days, and 30 days besides the outage")]
    Settings {
        /// The fewest days.
        fewest_days: u32,
    },
    /// The runtime could not be started.
    #[error("the runtime could not be started")]
    Runtime(#[source] std::io::Error),
    /// A name or an id of the simulation is not valid.
    #[error("an account of the simulation has no valid name or id")]
    Name,
    /// A task of the simulation has panicked.
    #[error("a task of the simulation has panicked")]
    Task(#[from] tokio::task::JoinError),
    /// The vault failed in a way that the simulation does not provide for.
    #[error("{action} failed for too long: {error}")]
    Vault {
        /// What was attempted.
        action: &'static str,
        /// The last error.
        error: VaultError,
    },
    /// A pack could not be read at the end.
    #[error("the pack {pack} cannot be read: {error}")]
    Pack {
        /// The secret.
        pack: String,
        /// The reason.
        error: PackError,
    },
}
