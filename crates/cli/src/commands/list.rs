//! `evertoken list`: lists accounts and their health.

use std::time::Duration;

use clap::Args;
use evertoken_core::clock::{Clock, SystemClock};
use evertoken_core::policy::Policy;
use evertoken_core::variables;
use evertoken_core::vault::AccountStore;
use futures_util::{StreamExt, pin_mut};

use crate::context::Context;
use crate::error::Result;
use crate::exit_status::ExitStatus;
use crate::server::shutdown::Shutdown;
use crate::terminal::output;
use crate::terminal::table::Table;
use crate::vault::account_summary::AccountSummary;
use crate::vault::location::VaultLocation;

#[derive(Debug, Args)]
pub(crate) struct Options {
    /// Keep the list on screen and update it until Ctrl-C.
    #[arg(long)]
    watch: bool,
    /// Time between two updates, for example 30s.
    #[arg(long, requires = "watch", default_value = "5s", value_name = "DURATION", value_parser = humantime::parse_duration)]
    every: Duration,
    #[command(flatten)]
    pub(crate) vault: VaultLocation,
}

pub(crate) const HELP: &str = "\
Examples:
  evertoken list
  evertoken list --local vault --watch
  evertoken --json list | jq -r '.[] | select(.health != \"healthy\") | .name'

Exit status 3 means that an account is not healthy.";

/// Clears the terminal and moves the cursor to the first line.
const CLEAR: &str = "\u{1b}[H\u{1b}[2J\u{1b}[3J";

pub(crate) async fn list(options: Options, context: &Context) -> Result<ExitStatus> {
    let policy = variables::policy(&context.variables)?;
    let vault = options.vault.open(context).await?;
    if !options.watch {
        return list_once(&vault, &policy, context).await;
    }
    let shutdown = Shutdown::on_signal()?.requested();
    tokio::pin!(shutdown);
    loop {
        // Stripped unless standard output is a terminal.
        output::styled_part(CLEAR)?;
        let status = list_once(&vault, &policy, context).await?;
        tokio::select! {
            () = tokio::time::sleep(options.every) => {}
            () = &mut shutdown => return Ok(status),
        }
    }
}

async fn list_once(vault: &impl AccountStore, policy: &Policy, context: &Context) -> Result<ExitStatus> {
    let accounts = read(vault, policy).await?;
    if context.is_json() {
        output::json(&accounts)?;
    } else if accounts.is_empty() {
        output::note("No accounts.");
    } else {
        print(&accounts)?;
    }
    Ok(ExitStatus::healthy_if(accounts.iter().all(AccountSummary::is_healthy)))
}

async fn read(vault: &impl AccountStore, policy: &Policy) -> Result<Vec<AccountSummary>> {
    let now = SystemClock.now();
    let mut accounts = Vec::new();
    let pages = vault.list();
    pin_mut!(pages);
    while let Some(page) = pages.next().await {
        let page = page?;
        accounts.extend(page.accounts.iter().map(|account| AccountSummary::of(&account.document, now, policy)));
        accounts.extend(page.unreadable.into_iter().map(AccountSummary::of_unreadable));
    }
    accounts.sort_by(|one, other| one.name.cmp(&other.name));
    Ok(accounts)
}

fn print(accounts: &[AccountSummary]) -> Result<()> {
    let mut table = Table::new(["NAME", "USER", "HEALTH", "DAYS LEFT", "NEXT ATTEMPT (UTC)"]);
    for account in accounts {
        let name = account.name.clone().into();
        table.push([name, account.user(), account.health(), account.days_left(), account.next_attempt()]);
    }
    table.print()?;
    for account in accounts.iter().filter(|account| !account.is_healthy()) {
        output::note(&format!("{}: {}", account.name, account.message.as_deref().unwrap_or("unknown reason")));
    }
    Ok(())
}
