//! `evertoken remove NAME`: takes an account out of the vault.

use evertoken_core::vault::AccountStore;
use std::io;
use std::process::ExitCode;

use anyhow::Result;
use clap::Args;
use evertoken_core::account::AccountName;
use evertoken_core::variables::Variables;
use evertoken_core::vault::{Removal, Vault};
use serde_json::json;

use crate::error::CliError;
use crate::terminal::output;
use crate::vault::location::{AnyVault, VaultLocation, with_vault};
use crate::vault::lookup;

/// What it is asked for.
#[derive(Debug, Args)]
pub(crate) struct Options {
    /// The account's name, as `list` shows it.
    name: AccountName,
    /// Do not ask.
    #[arg(long, short)]
    yes: bool,
    /// In Secrets Manager too, remove it at once, with no seven days to have it back.
    #[arg(long)]
    for_good: bool,
    #[command(flatten)]
    place: VaultLocation,
}

/// What stands below the options.
pub(crate) const HELP: &str = "\
Examples:
  evertoken remove shop-de
  evertoken remove shop-de --local vault --yes

Instagram is not told: whoever wants the app's access to end removes it in Instagram's settings.
In Secrets Manager the account can be had back for seven days:
  aws secretsmanager restore-secret --secret-id <prefix>/accounts/shop-de";

/// Asks, and removes it.
pub(crate) async fn remove(options: Options, variables: &Variables, json: bool) -> Result<ExitCode> {
    let vault = AnyVault::open(&options.place, variables).await?;
    let name = &options.name;
    let username = with_vault!(&vault, vault => lookup::account(vault, name).await?.document.username);
    let place = vault.locator().location(name);
    // On a disk nobody would clear away what is kept to be had back.
    let for_good = options.for_good || matches!(vault, AnyVault::File(_));
    if !options.yes {
        let ending = if for_good { "for good" } else { "for seven days it can be had back" };
        confirm(&format!("Remove {name} (@{username}), {place}, {ending}?"))?;
    }
    let removal = if for_good { Removal::ForGood } else { Removal::Recoverable };
    with_vault!(&vault, vault => vault.remove(name, removal).await)?;
    if json {
        output::data(&json!({ "name": name, "removed": true, "recoverable": !for_good }).to_string())?;
    } else {
        output::say(&format!("{name} is removed."));
    }
    Ok(ExitCode::SUCCESS)
}

/// Goes on only after a yes.
fn confirm(question: &str) -> Result<()> {
    output::ask(&format!("{question} [y/N] "));
    let mut answer = String::new();
    io::stdin().read_line(&mut answer)?;
    match answer.trim().to_ascii_lowercase().as_str() {
        "y" | "yes" => Ok(()),
        // Nobody is there to answer.
        "" if answer.is_empty() => {
            output::say("");
            Err(CliError::failed("nothing was removed: nobody answered", "--yes removes without asking").into())
        }
        _ => Err(CliError::failed("nothing was removed", "answer y, or give --yes").into()),
    }
}
