//! A simulated year of accounts that were connected through Facebook.

use anyhow::{Context, Result, bail};
use evertoken_simulation::{FacebookOutcome, YearSettings, run};
use serde::{Deserialize, Serialize};

use crate::results::Measurements;
use crate::table::markdown;

/// The year and its settings.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FacebookYear {
    /// The seed of all random decisions.
    pub seed: u64,
    /// The percentage of all calls that fail.
    pub fault_percent: f64,
    /// How the accounts fared.
    pub outcome: FacebookOutcome,
}

impl Measurements for FacebookYear {
    const NAME: &'static str = "facebook_year";

    fn check(&self) -> Result<()> {
        if self.outcome.followed == 0 || self.outcome.accounts <= self.outcome.followed {
            bail!("the year has no people who follow a link, or none who never do");
        }
        Ok(())
    }
}

impl FacebookYear {
    /// Simulates a year of this many accounts with the default settings.
    ///
    /// # Errors
    /// If the year cannot be simulated.
    pub fn simulate(accounts: u32) -> Result<Self> {
        let settings = YearSettings { accounts, facebook_accounts: accounts, ..YearSettings::default() };
        let outcome = run(&settings, |_| {})?.facebook.context("no account was connected through Facebook")?;
        Ok(Self { seed: settings.seed, fault_percent: settings.fault_percent, outcome })
    }

    /// Accounts whose person never follows a link.
    fn ignored(&self) -> u32 {
        self.outcome.accounts - self.outcome.followed
    }

    /// The table that the benchmark prints.
    pub fn table(&self) -> String {
        let row = |title: &str, value: String| [title.to_owned(), value];
        let outcome = &self.outcome;
        let rows = [
            row("Accounts connected through Facebook", outcome.accounts.to_string()),
            row("Accounts whose person follows a link", outcome.followed.to_string()),
            row("Of these, kept for the whole year", outcome.kept.to_string()),
            row("Accounts whose person never follows a link", self.ignored().to_string()),
            row("Accounts that the app lost access to", outcome.ended.to_string()),
            row("First reminders", outcome.reminded.to_string()),
            row("Days from the first reminder to the end of access, minimum", days(outcome.least_hours_ahead)),
            row("Days from the first reminder to the end of access, median", days(outcome.median_hours_ahead)),
        ];
        markdown(["Figure", "Value"], &rows)
    }

    /// The sentences of the documentation.
    pub fn summary(&self) -> String {
        let outcome = &self.outcome;
        format!(
            "In a simulated year of {} such accounts (seed {}), in which {:.0}% of all calls fail, {} of the {} accounts \
             whose person follows a link were kept. The first reminder came {} days before the end of access in the median, \
             and never less than {} days before. {} people never follow a link, and the app lost access to {} accounts.",
            outcome.accounts,
            self.seed,
            self.fault_percent,
            outcome.kept,
            outcome.followed,
            days(outcome.median_hours_ahead),
            days(outcome.least_hours_ahead),
            self.ignored(),
            outcome.ended,
        )
    }
}

fn days(hours: u32) -> String {
    format!("{:.1}", f64::from(hours) / 24.0)
}
