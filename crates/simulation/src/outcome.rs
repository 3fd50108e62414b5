//! What came of a year.

use serde::Serialize;

use crate::Keeping;

/// A year in numbers. The same seed gives the same.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Outcome {
    /// Of this form; 1.
    pub version: u32,
    /// Who renewed.
    pub policy: Keeping,
    /// What made it.
    pub seed: u64,
    /// Accounts that were to connect.
    pub accounts: u32,
    /// Days that have passed.
    pub days: u32,
    /// Percent of all calls that went wrong.
    pub faults_percent: f64,
    /// Accounts that were connected.
    pub connected: u32,
    /// Accounts whose owner has removed the app.
    pub left: u32,
    /// Calls to Instagram and to the vault.
    pub calls: u64,
    /// How many of them went wrong, the outage's included.
    pub calls_failed: u64,
    /// Tokens renewed.
    pub refreshes: u64,
    /// Tries that failed; the token may well have lived on.
    pub failed_attempts: u64,
    /// Runs in which no account could be looked at.
    pub failed_runs: u64,
    /// How often an owner was told to do something.
    pub alerts: u64,
    /// Tokens that came back: a login again, or a checkpoint cleared.
    pub recoveries: u64,
    /// Days on which some account's token did not work, summed over accounts.
    pub dark_days: u64,
    /// Those of them that a machine could have spared.
    pub dark_days_for_want_of_a_machine: u64,
    /// What this is all about.
    pub survival: Survival,
}

/// Which tokens lived.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct Survival {
    /// Accounts that were connected: each needed a machine, some also a person.
    pub accounts: u32,
    /// Accounts whose token never ended for want of a machine.
    pub kept: u32,
    /// Accounts whose token ended by its age at least once.
    pub lost: u32,
    /// `kept` in percent of `accounts`.
    pub percent: f64,
    /// Accounts that also needed their owner: another password, a checkpoint.
    pub needed_owner: u32,
    /// Those of them that work again at the end.
    pub owner_helped: u32,
    /// Tokens that work at the end.
    pub working_at_the_end: u32,
}
