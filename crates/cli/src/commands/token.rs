//! `evertoken token NAME`: the token and nothing else.

use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context, Result};
use clap::Args;
use evertoken_core::account::AccountName;
use evertoken_core::clock::Clock;
use evertoken_core::clock::SystemClock;
use evertoken_core::document::{Document, HealthState};
use evertoken_core::variables::Variables;
use evertoken_core::vault::Vault;
use serde_json::json;

use crate::commands::refresh;
use crate::error::CliError;
use crate::terminal::output;
use crate::vault::location::{AnyVault, VaultLocation, with_vault};
use crate::vault::lookup;

/// What it is asked for.
#[derive(Debug, Args)]
pub(crate) struct Options {
    /// The account's name, as `list` shows it.
    name: AccountName,
    /// The token shall live this long at least, as 7d: renew it first where it does not, or fail.
    #[arg(long, value_name = "DURATION", value_parser = humantime::parse_duration)]
    min_life: Option<Duration>,
    #[command(flatten)]
    place: VaultLocation,
}

/// What stands below the options.
pub(crate) const HELP: &str = "\
Examples:
  curl -H \"Authorization: Bearer $(evertoken token shop-de)\" \\
    'https://graph.instagram.com/v26.0/me?fields=username'
  evertoken token shop-de --min-life 7d
  evertoken token shop-de --local vault";

/// Prints it. This is the one command whose purpose is to show a secret.
pub(crate) async fn token(options: Options, variables: &Variables, json: bool) -> Result<ExitCode> {
    let vault = AnyVault::open(&options.place, variables).await?;
    let document = with_vault!(&vault, vault => match options.min_life {
        Some(life) => living(vault, &options, life, variables).await?,
        None => lookup::account(vault, &options.name).await?.document,
    });
    let token = document.access_token.expose();
    if json {
        output::data(&json!({ "name": options.name, "access_token": token }).to_string())?;
    } else {
        output::data(token)?;
    }
    Ok(ExitCode::SUCCESS)
}

/// The document with a token that lives on for `life`, renewed where that is needed.
async fn living<V: Vault + Clone>(
    vault: &V,
    Options { name, place, .. }: &Options,
    life: Duration,
    variables: &Variables,
) -> Result<Document> {
    let life = time::Duration::try_from(life).context("--min-life is too long")?;
    let document = lookup::account(vault, name).await?.document;
    if lives(&document, life) {
        return Ok(document);
    }
    let result = refresh::renew(vault, place, name, variables).await?;
    let document = lookup::account(vault, name).await?.document;
    if lives(&document, life) {
        return Ok(document);
    }
    let left = document.expires_at.map_or(time::Duration::MAX, |at| at - SystemClock.now());
    let days = left.whole_days().max(0);
    Err(match result.failure(name.as_str()).or(document.health.message.as_deref()) {
        Some(why) => CliError::failed(
            format!("the token of {name} has {days} days left and was not renewed: {why}"),
            format!(
                "`evertoken show {name}` tells more; `evertoken invite --name {name}` makes a link for a new login"
            ),
        ),
        None => CliError::failed(
            format!("the token of {name} has {days} days left, and no renewal gives it more now"),
            "Instagram gives 60 days, and renews a token when it is 24 hours old; ask for less with --min-life",
        ),
    }
    .into())
}

/// Whether the token works, as far as is known, and goes on to.
fn lives(document: &Document, life: time::Duration) -> bool {
    let long_enough = document.expires_at.is_none_or(|at| at - SystemClock.now() >= life);
    document.health.state == HealthState::Healthy && long_enough
}
