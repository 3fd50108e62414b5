//! The settings of a simulated year.

use evertoken_sandbox::OlderToken;

use crate::error::SimulationError;
use crate::renewal_strategy::RenewalStrategy;

/// The maximum number of accounts. More would take many minutes.
pub const MAX_ACCOUNTS: u32 = 10_000;

/// The maximum number of days: ten years.
pub const MAX_DAYS: u32 = 3_650;

/// The settings of a simulated year.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct YearSettings {
    /// The number of accounts, from 1 to [`MAX_ACCOUNTS`].
    pub accounts: u32,
    /// How many of the accounts are connected through Facebook. Only Evertoken can keep them.
    pub facebook_accounts: u32,
    /// The number of days, from 1 to [`MAX_DAYS`].
    pub days: u32,
    /// The percentage of calls to Instagram and to the vault that fail, from 0 to 100.
    pub fault_percent: f64,
    /// The seed of all random numbers.
    pub seed: u64,
    /// How tokens are renewed.
    pub strategy: RenewalStrategy,
    /// What happens to the older token when a refresh returns a new one.
    pub older_token: OlderToken,
    /// The age in days from which Evertoken renews a token.
    pub refresh_after_days: u32,
}

impl Default for YearSettings {
    /// A year of 20 accounts with Evertoken's default settings, in which 5% of all calls fail.
    fn default() -> Self {
        Self {
            accounts: 20,
            facebook_accounts: 0,
            days: 365,
            fault_percent: 5.0,
            seed: 1,
            strategy: RenewalStrategy::Evertoken,
            older_token: OlderToken::Valid,
            refresh_after_days: 20,
        }
    }
}

impl YearSettings {
    pub(crate) fn validate(&self) -> Result<(), SimulationError> {
        let is_valid = (1..=MAX_ACCOUNTS).contains(&self.accounts)
            && (1..=MAX_DAYS).contains(&self.days)
            && (0.0..=100.0).contains(&self.fault_percent)
            && self.facebook_accounts <= self.accounts
            && (self.facebook_accounts == 0 || self.strategy == RenewalStrategy::Evertoken);
        if is_valid {
            Ok(())
        } else {
            Err(SimulationError::OutOfRange { max_accounts: MAX_ACCOUNTS, max_days: MAX_DAYS })
        }
    }
}
