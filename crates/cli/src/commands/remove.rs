//! `evertoken remove NAME`: removes an account from the vault.

use clap::Args;
use evertoken_core::account::AccountName;
use evertoken_core::vault::{AccountStore, Removal, VaultError};
use serde_json::json;

use crate::context::Context;
use crate::error::{CliError, Result};
use crate::exit_status::ExitStatus;
use crate::terminal::{output, prompt};
use crate::vault::any_vault;
use crate::vault::location::VaultLocation;
use crate::vault::lookup;

#[derive(Debug, Args)]
pub(crate) struct Options {
    /// Account name, as shown by `evertoken list`.
    name: AccountName,
    /// Skip the confirmation prompt.
    #[arg(long, short)]
    yes: bool,
    /// Delete immediately, without the seven days in which Secrets Manager can restore the account.
    #[arg(long)]
    for_good: bool,
    #[command(flatten)]
    pub(crate) vault: VaultLocation,
}

pub(crate) const HELP: &str = "\
Removing an account does not revoke the app's access: the account's owner does that in
Instagram's settings. In Secrets Manager you can restore the account within seven days:
  aws secretsmanager restore-secret --secret-id <prefix>/accounts/shop-de

Examples:
  evertoken remove shop-de
  evertoken remove shop-de --local vault --yes";

pub(crate) async fn remove(options: Options, context: &Context) -> Result<ExitStatus> {
    let vault = options.vault.open(context).await?;
    let name = &options.name;
    let owner = match lookup::account(&vault, name).await {
        Ok(account) => format!("@{}", account.document.username),
        // Removing it is the remedy that the error suggests.
        Err(CliError::Vault(VaultError::Unreadable(reason))) => format!("unreadable: {reason}"),
        Err(error) => return Err(error),
    };
    let recoverable = any_vault::can_restore(&vault) && !options.for_good;
    if !options.yes {
        let location = any_vault::locator(&vault).location(name);
        let consequence = if recoverable { "You can restore it for seven days." } else { "This cannot be undone." };
        confirm(&format!("Remove {name} ({owner}) from {location}? {consequence} [y/N] "))?;
    }
    let removal = if recoverable { Removal::Recoverable } else { Removal::ForGood };
    vault.remove(name, removal).await?;
    if context.is_json() {
        output::json_line(&json!({ "name": name, "removed": true, "recoverable": recoverable }))?;
    } else {
        output::note(&format!("Removed {name}."));
    }
    Ok(ExitStatus::Ok)
}

/// Fails unless the answer is yes.
fn confirm(question: &str) -> Result<()> {
    match prompt::ask(question)?.map(|answer| answer.to_ascii_lowercase()).as_deref() {
        Some("y" | "yes") => Ok(()),
        Some(_) => Err(CliError::RemovalDeclined),
        None => {
            // Ends the line of the question.
            output::note("");
            Err(CliError::RemovalUnanswered)
        }
    }
}
