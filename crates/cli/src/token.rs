//! `evertoken token NAME`: the token and nothing else.

use std::process::ExitCode;

use anyhow::{Context, Result};
use clap::Args;
use evertoken_core::account::AccountName;
use evertoken_core::ports::Vault;
use evertoken_core::variables::Variables;
use serde_json::json;

use crate::log;
use crate::place::{AnyVault, Place, with_vault};

/// What it is asked for.
#[derive(Debug, Args)]
pub(crate) struct Options {
    /// The account's name, as `list` shows it.
    pub(crate) name: AccountName,
    #[command(flatten)]
    pub(crate) place: Place,
}

/// Prints it. This is the one command whose purpose is to show a secret.
pub(crate) async fn token(options: Options, variables: &Variables, json: bool) -> Result<ExitCode> {
    let vault = AnyVault::open(&options.place, variables).await?;
    let account = with_vault!(&vault, vault => vault.get(&options.name).await)?;
    let unknown = || format!("there is no account {}; `evertoken list` shows those that are there", options.name);
    let token = account.with_context(unknown)?.document.access_token;
    if json {
        log::data(&json!({ "name": options.name, "access_token": token.expose() }).to_string())?;
    } else {
        log::data(token.expose())?;
    }
    Ok(ExitCode::SUCCESS)
}
