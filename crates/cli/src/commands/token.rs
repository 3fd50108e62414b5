//! `evertoken token NAME`: prints the token and nothing else.

use std::time::Duration;

use clap::Args;
use evertoken_core::account::AccountName;
use evertoken_core::clock::Clock;
use evertoken_core::document::{Document, HealthState};
use serde_json::json;

use super::refresh::local;
use crate::context::Context;
use crate::error::{CliError, Result};
use crate::exit_status::ExitStatus;
use crate::terminal::output;
use crate::vault::any_vault::AnyVault;
use crate::vault::location::VaultLocation;
use crate::vault::lookup;

#[derive(Debug, Args)]
pub(crate) struct Options {
    /// Account name, as shown by `evertoken list`.
    name: AccountName,
    /// Refresh the token first if it expires sooner than this, for example 7d.
    #[arg(long, value_name = "DURATION", value_parser = humantime::parse_duration)]
    min_life: Option<Duration>,
    #[command(flatten)]
    pub(crate) vault: VaultLocation,
}

impl Options {
    /// Whether the command may refresh the token.
    pub(crate) fn may_refresh(&self) -> bool {
        self.min_life.is_some()
    }
}

pub(crate) const HELP: &str = "\
Examples:
  curl -H \"Authorization: Bearer $(evertoken token shop-de)\" \\
    'https://graph.instagram.com/v26.0/me?fields=username'
  evertoken token shop-de --min-life 7d
  evertoken token shop-de --local vault

Exit status 3 means that the account is not healthy, so the token probably does not work.";

const UNKNOWN_REASON: &str = "The reason is unknown.";

/// Prints the token. This is the only command whose purpose is to print a secret.
pub(crate) async fn token(options: Options, context: &Context) -> Result<ExitStatus> {
    let vault = options.vault.open(context).await?;
    let document = match options.min_life {
        Some(min_life) => refreshed_document(&vault, &options, min_life, context).await?,
        None => lookup::account(&vault, &options.name).await?.document,
    };
    let token = document.access_token.expose();
    if context.is_json() {
        output::json_line(&json!({ "name": options.name, "access_token": token }))?;
    } else {
        output::data(token)?;
    }
    let problem = match document.health.state {
        HealthState::Healthy => return Ok(ExitStatus::Ok),
        HealthState::Attention => "needs its owner",
        HealthState::LoginRequired => "needs a new login",
    };
    let reason = document.health.message.as_deref().unwrap_or(UNKNOWN_REASON);
    output::warning(&format!(
        "the token of {} probably does not work, because the account {problem}. {reason}",
        options.name
    ));
    Ok(ExitStatus::Unhealthy)
}

/// The document with a token that is valid for at least `min_life`, refreshed if necessary.
async fn refreshed_document(
    vault: &AnyVault,
    options: &Options,
    min_life: Duration,
    context: &Context,
) -> Result<Document> {
    let name = &options.name;
    let min_life = time::Duration::try_from(min_life).map_err(|_| CliError::DurationTooLong("--min-life"))?;
    let document = lookup::account(vault, name).await?.document;
    if is_valid_for(&document, min_life, context) {
        return Ok(document);
    }
    let result = local::refresh_one(vault, &options.vault, name, context).await?;
    let document = lookup::account(vault, name).await?.document;
    if is_valid_for(&document, min_life, context) {
        return Ok(document);
    }
    let days = document.expires_at.map(|expires_at| (expires_at - context.clock.now()).whole_days().max(0));
    Err(match (result.failure(name).or(document.health.message.as_deref()), days) {
        (None, Some(days)) => CliError::LifetimeLimit { name: name.clone(), days },
        (reason, days) => {
            let reason = reason.unwrap_or(UNKNOWN_REASON).to_owned();
            CliError::NotRefreshed { name: name.clone(), provider: document.provider, days, reason }
        }
    })
}

/// Whether the token works, as far as is known, and will for `min_life`.
fn is_valid_for(document: &Document, min_life: time::Duration, context: &Context) -> bool {
    let long_enough = document.expires_at.is_none_or(|expires_at| expires_at - context.clock.now() >= min_life);
    document.health.state == HealthState::Healthy && long_enough
}
