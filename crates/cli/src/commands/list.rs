//! `evertoken list`: lists accounts and their health.

use std::time::Duration;

use clap::Args;
use evertoken_core::clock::Clock;
use evertoken_core::document::HealthState;
use evertoken_core::policy::Policy;
use evertoken_core::variables;
use evertoken_core::vault::AccountStore;
use futures_util::{StreamExt, pin_mut};
use time::OffsetDateTime;

use crate::context::Context;
use crate::error::Result;
use crate::exit_status::ExitStatus;
use crate::server::shutdown::Shutdown;
use crate::terminal::output;
use crate::terminal::table::Table;
use crate::vault::account_summary::{AccountSummary, second};
use crate::vault::location::VaultLocation;

#[derive(Debug, Args)]
pub(crate) struct Options {
    /// Keep the list on screen and update it until Ctrl-C.
    #[arg(long)]
    watch: bool,
    /// Time between two updates, at least 1s, for example 30s.
    #[arg(long, requires = "watch", default_value = "5s", value_name = "DURATION", value_parser = parse_interval)]
    every: Duration,
    /// Show only accounts that need somebody to act.
    #[arg(long)]
    unhealthy: bool,
    #[command(flatten)]
    pub(crate) vault: VaultLocation,
}

pub(crate) const HELP: &str = "\
Accounts that need somebody to act come first.

Examples:
  evertoken list
  evertoken list --unhealthy
  evertoken list --local vault --watch
  evertoken --json list | jq -r '.[] | select(.health != \"healthy\") | .name'

Exit status 3 means that an account is not healthy.";

/// Clears the terminal and moves the cursor to the first line.
const CLEAR: &str = "\u{1b}[H\u{1b}[2J\u{1b}[3J";

/// The shortest interval: each update reads the whole vault.
const SHORTEST_INTERVAL: Duration = Duration::from_secs(1);

fn parse_interval(text: &str) -> std::result::Result<Duration, String> {
    let interval = humantime::parse_duration(text).map_err(|error| error.to_string())?;
    if interval < SHORTEST_INTERVAL { Err("the shortest interval is 1s".to_owned()) } else { Ok(interval) }
}

pub(crate) async fn list(options: Options, context: &Context) -> Result<ExitStatus> {
    let policy = variables::policy(&context.variables)?;
    let vault = options.vault.open(context).await?;
    if !context.is_json() {
        output::vault_origin(&context.vault_option);
    }
    if !options.watch {
        return list_once(&vault, &policy, options.unhealthy, context).await;
    }
    let shutdown = Shutdown::on_signal()?.requested();
    tokio::pin!(shutdown);
    loop {
        // Stripped unless standard output is a terminal.
        output::styled_part(CLEAR)?;
        if !context.is_json() {
            output::note(&format!("{} UTC", second(context.clock.now())));
        }
        let status = list_once(&vault, &policy, options.unhealthy, context).await?;
        tokio::select! {
            () = tokio::time::sleep(options.every) => {}
            () = &mut shutdown => return Ok(status),
        }
    }
}

async fn list_once(
    vault: &impl AccountStore,
    policy: &Policy,
    only_unhealthy: bool,
    context: &Context,
) -> Result<ExitStatus> {
    let accounts = read(vault, policy, context.clock.now()).await?;
    let summary = summary(&accounts);
    let status = ExitStatus::healthy_if(accounts.iter().all(AccountSummary::is_healthy));
    let shown: Vec<_> = accounts.into_iter().filter(|account| !(only_unhealthy && account.is_healthy())).collect();
    if context.is_json() {
        output::json(&shown)?;
        return Ok(status);
    }
    if !shown.is_empty() {
        print(&shown)?;
    }
    output::note(&summary);
    Ok(status)
}

async fn read(vault: &impl AccountStore, policy: &Policy, now: OffsetDateTime) -> Result<Vec<AccountSummary>> {
    let mut accounts = Vec::new();
    let pages = vault.list();
    pin_mut!(pages);
    while let Some(page) = pages.next().await {
        let page = page?;
        accounts.extend(page.accounts.iter().map(|account| AccountSummary::of(account, now, policy)));
        accounts.extend(page.unreadable.into_iter().map(AccountSummary::of_unreadable));
    }
    accounts.sort_by(|one, other| one.urgency().cmp(&other.urgency()));
    Ok(accounts)
}

fn print(accounts: &[AccountSummary]) -> Result<()> {
    let mut table = Table::new(["NAME", "USER", "HEALTH", "DAYS", "NEXT (UTC)"]);
    for account in accounts {
        let name = account.name.clone().into();
        table.push([name, account.user(), account.health(), account.days_left(), account.short_next_attempt()]);
    }
    table.print()?;
    for account in accounts.iter().filter(|account| !account.is_healthy()) {
        output::note(&format!("{}: {}", account.name, account.message.as_deref().unwrap_or("unknown reason")));
    }
    Ok(())
}

/// For example "3 accounts: 1 needs a login, 2 healthy.".
fn summary(accounts: &[AccountSummary]) -> String {
    let count = |health| accounts.iter().filter(|account| account.health == health).count();
    let verb = |count, one: &str, many: &str| format!("{count} {}", if count == 1 { one } else { many });
    let parts = [
        (Some(HealthState::LoginRequired), "needs a login", "need a login"),
        (None, "unreadable", "unreadable"),
        (Some(HealthState::Attention), "needs its owner", "need their owners"),
        (Some(HealthState::Healthy), "healthy", "healthy"),
    ];
    let parts = parts.map(|(health, one, many)| (count(health), one, many));
    let parts = parts.into_iter().filter(|(count, ..)| *count > 0).map(|(count, one, many)| verb(count, one, many));
    let parts: Vec<_> = parts.collect();
    match accounts.len() {
        0 => "No accounts.".to_owned(),
        number => format!("{}: {}.", verb(number, "account", "accounts"), parts.join(", ")),
    }
}
