//! The outcome of a simulated year.

use evertoken_sandbox::OlderToken;
use serde::{Deserialize, Serialize};

use crate::discovery::Discovery;
use crate::facebook_outcome::FacebookOutcome;
use crate::renewal_strategy::RenewalStrategy;
use crate::settings::YearSettings;

/// The outcome of a simulated year in numbers. The same settings give the same outcome.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Outcome {
    /// The version of this format: 1.
    pub version: u32,
    /// How tokens were renewed.
    #[serde(rename = "policy")]
    pub strategy: RenewalStrategy,
    /// The seed of all random numbers.
    pub seed: u64,
    /// The number of accounts in the settings.
    pub accounts: u32,
    /// The number of simulated days.
    pub days: u32,
    /// The percentage of calls that fail by chance.
    #[serde(rename = "faults_percent")]
    pub fault_percent: f64,
    /// What happens to a token that a refresh has replaced.
    pub older_token: OlderToken,
    /// The age in days from which Evertoken renews a token.
    pub refresh_after_days: u32,
    /// Accounts that were connected.
    pub connected: u32,
    /// Accounts whose owner has removed the app.
    pub left: u32,
    /// Calls to Instagram and to the vault.
    pub calls: u64,
    /// Calls to Instagram.
    pub instagram_calls: u64,
    /// Calls that failed, including those during the outage.
    pub calls_failed: u64,
    /// Tokens renewed.
    pub refreshes: u64,
    /// Failed attempts to renew a token. The token may still have worked.
    pub failed_attempts: u64,
    /// Failed attempts after which the token worked: what a job that reports every error would report in vain.
    pub failed_attempts_with_a_working_token: u64,
    /// Runs that could not process any account.
    pub failed_runs: u64,
    /// Notifications to owners.
    pub alerts: u64,
    /// Notifications about a token that worked, or that worked again before the owner acted.
    pub false_alerts: u64,
    /// Notifications about a problem that the owner had already been notified about.
    pub repeated_alerts: u64,
    /// How long owners did not know about a problem.
    pub discovery: Discovery,
    /// Tokens that work again after a new login or a cleared checkpoint.
    pub recoveries: u64,
    /// Days on which an account's token did not work, summed over all accounts.
    #[serde(rename = "dark_days")]
    pub down_days: u64,
    /// Down days that a service could have avoided.
    #[serde(rename = "dark_days_for_want_of_a_machine")]
    pub avoidable_down_days: u64,
    /// How many tokens were kept.
    pub survival: Survival,
    /// How accounts fared that were connected through Facebook; `None` if there are none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub facebook: Option<FacebookOutcome>,
}

impl Outcome {
    /// The outcome before the first day.
    pub(crate) fn new(settings: &YearSettings) -> Self {
        Self {
            version: 1,
            strategy: settings.strategy,
            seed: settings.seed,
            accounts: settings.accounts,
            days: settings.days,
            fault_percent: settings.fault_percent,
            older_token: settings.older_token,
            refresh_after_days: settings.refresh_after_days,
            connected: 0,
            left: 0,
            calls: 0,
            instagram_calls: 0,
            calls_failed: 0,
            refreshes: 0,
            failed_attempts: 0,
            failed_attempts_with_a_working_token: 0,
            failed_runs: 0,
            alerts: 0,
            false_alerts: 0,
            repeated_alerts: 0,
            discovery: Discovery::default(),
            recoveries: 0,
            down_days: 0,
            avoidable_down_days: 0,
            survival: Survival::default(),
            facebook: None,
        }
    }
}

/// How many tokens were kept.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Survival {
    /// Accounts that were connected.
    pub accounts: u32,
    /// Accounts whose token never expired.
    pub kept: u32,
    /// Accounts whose token expired at least once, although a service could have renewed it.
    pub lost: u32,
    /// `kept` as a percentage of `accounts`.
    pub percent: f64,
    /// Accounts whose owner had to act: a changed password or a checkpoint.
    pub needed_owner: u32,
    /// Accounts of `needed_owner` whose token works at the end.
    pub owner_helped: u32,
    /// Tokens that work at the end.
    pub working_at_the_end: u32,
}
