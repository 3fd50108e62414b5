//! A simulated year of accounts that were connected through Facebook.

use anyhow::{Context, Result};
use evertoken_simulation::{YearSettings, run};

/// Simulates a year of this many accounts with the default settings, and returns the figures as Markdown.
///
/// # Errors
/// If the year cannot be simulated.
pub fn simulate(accounts: u32) -> Result<String> {
    let settings = YearSettings { accounts, facebook_accounts: accounts, ..YearSettings::default() };
    let outcome = run(&settings, |_| {})?;
    let facebook = outcome.facebook.context("no account was connected through Facebook")?;
    let days = |hours: u32| format!("{:.1}", f64::from(hours) / 24.0);
    let rows = [
        ("Accounts connected through Facebook", facebook.accounts.to_string()),
        ("Accounts whose person follows a link", facebook.followed.to_string()),
        ("Of these, kept for the whole year", facebook.kept.to_string()),
        ("Accounts whose person never follows a link", (facebook.accounts - facebook.followed).to_string()),
        ("Accounts to which access ended", facebook.ended.to_string()),
        ("First reminders", facebook.reminded.to_string()),
        ("Days from the first reminder to the end of access, minimum", days(facebook.least_hours_ahead)),
        ("Days from the first reminder to the end of access, median", days(facebook.median_hours_ahead)),
        ("Tokens lost that a service could have kept", outcome.survival.lost.to_string()),
    ];
    let rows = rows.map(|(title, figure)| format!("| {title} | {figure} |\n")).concat();
    Ok(format!("| Figure | Value |\n| --- | --: |\n{rows}"))
}
