//! `evertoken list`: the accounts and how they are.

use std::process::ExitCode;
use std::time::Duration;

use anyhow::Result;
use clap::Args;
use evertoken_core::clock::Clock;
use evertoken_core::clock::SystemClock;
use evertoken_core::policy::Policy;
use evertoken_core::variables::{self, Variables};
use evertoken_core::vault::Vault;
use futures_util::{StreamExt, pin_mut};

use crate::server::shutdown::Shutdown;
use crate::terminal::output;
use crate::terminal::table::Table;
use crate::vault::account_summary::AccountSummary;
use crate::vault::location::{AnyVault, VaultLocation, with_vault};

/// What it is asked for.
#[derive(Debug, Args)]
pub(crate) struct Options {
    /// Show them again and again, until Ctrl-C.
    #[arg(long)]
    watch: bool,
    /// How long between two looks, as 30s.
    #[arg(long, requires = "watch", default_value = "5s", value_name = "DURATION", value_parser = humantime::parse_duration)]
    every: Duration,
    #[command(flatten)]
    place: VaultLocation,
}

/// What stands below the options.
pub(crate) const HELP: &str = "\
Examples:
  evertoken list
  evertoken list --local vault --watch
  evertoken --json list | jq -r '.[] | select(.health != \"healthy\") | .name'

Exit code 3 says that some account is not healthy.";

/// Clears a terminal and goes to its first line.
const CLEAR: &str = "\u{1b}[H\u{1b}[2J\u{1b}[3J";

/// Lists; exit 3 if some account is not healthy.
pub(crate) async fn list(options: Options, variables: &Variables, json: bool) -> Result<ExitCode> {
    let policy = variables::policy(variables)?;
    let vault = AnyVault::open(&options.place, variables).await?;
    if !options.watch {
        return look(&vault, &policy, json).await;
    }
    let asked = Shutdown::on_signal()?.asked();
    tokio::pin!(asked);
    loop {
        // Dropped where there is no terminal.
        output::styled_part(CLEAR)?;
        let code = look(&vault, &policy, json).await?;
        tokio::select! {
            () = tokio::time::sleep(options.every) => {}
            () = &mut asked => return Ok(code),
        }
    }
}

async fn look(vault: &AnyVault, policy: &Policy, json: bool) -> Result<ExitCode> {
    let accounts = with_vault!(vault, vault => read(vault, policy).await)?;
    if json {
        output::data(&serde_json::to_string_pretty(&accounts)?)?;
    } else if accounts.is_empty() {
        output::say("No account is connected.");
    } else {
        show(&accounts)?;
    }
    Ok(if accounts.iter().all(AccountSummary::is_healthy) { ExitCode::SUCCESS } else { ExitCode::from(3) })
}

async fn read<V: Vault>(vault: &V, policy: &Policy) -> Result<Vec<AccountSummary>> {
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

fn show(accounts: &[AccountSummary]) -> Result<()> {
    let mut table = Table::new(["NAME", "USER", "HEALTH", "DAYS LEFT", "NEXT ATTEMPT (UTC)"]);
    for account in accounts {
        let name = account.name.clone().into();
        table.push([name, account.user(), account.health(), account.days_left(), account.next_attempt()]);
    }
    table.print()?;
    for account in accounts.iter().filter(|account| !account.is_healthy()) {
        output::say(&format!("{}: {}", account.name, account.message.as_deref().unwrap_or("no reason is known")));
    }
    Ok(())
}
