//! `evertoken list`: the accounts and how they are.

use std::process::ExitCode;

use anyhow::Result;
use clap::Args;
use evertoken_core::document::{Document, HealthState};
use evertoken_core::policy::{self, Policy};
use evertoken_core::ports::{Clock, Unreadable, Vault};
use evertoken_core::system::SystemClock;
use evertoken_core::variables::{self, Variables};
use futures_util::{StreamExt, pin_mut};
use serde::Serialize;
use time::OffsetDateTime;

use crate::log;
use crate::place::{AnyVault, Place, with_vault};

/// What it is asked for.
#[derive(Debug, Args)]
pub(crate) struct Options {
    #[command(flatten)]
    pub(crate) place: Place,
}

/// One account, as `--json` shows it.
#[derive(Serialize)]
struct Row {
    name: String,
    username: String,
    account_id: String,
    health: HealthState,
    message: Option<String>,
    #[serde(with = "time::serde::rfc3339::option")]
    expires_at: Option<OffsetDateTime>,
    #[serde(with = "time::serde::rfc3339::option")]
    next_attempt_at: Option<OffsetDateTime>,
}

impl Row {
    fn new(document: Document, now: OffsetDateTime, policy: &Policy) -> Self {
        Self {
            next_attempt_at: policy::next_attempt_at(&document, now, policy),
            name: document.name.into(),
            username: document.username,
            account_id: document.account_id.into(),
            health: document.health.state,
            message: document.health.message,
            expires_at: document.expires_at,
        }
    }
}

/// Lists; exit 3 if some account is not healthy.
pub(crate) async fn list(options: Options, variables: &Variables, json: bool) -> Result<ExitCode> {
    let policy = variables::policy(variables)?;
    let vault = AnyVault::open(&options.place, variables).await?;
    let (rows, unreadable) = with_vault!(&vault, vault => read(vault, &policy).await)?;
    for Unreadable { name, reason } in &unreadable {
        log::say(&format!("{name}: left alone, {reason}"));
    }
    if json {
        log::data(&serde_json::to_string_pretty(&rows)?)?;
    } else if rows.is_empty() {
        log::say("No account is connected.");
    } else {
        for line in table(&rows, SystemClock.now()) {
            log::data(&line)?;
        }
    }
    let healthy = unreadable.is_empty() && rows.iter().all(|row| row.health == HealthState::Healthy);
    Ok(if healthy { ExitCode::SUCCESS } else { ExitCode::from(3) })
}

async fn read<V: Vault>(vault: &V, policy: &Policy) -> Result<(Vec<Row>, Vec<Unreadable>)> {
    let now = SystemClock.now();
    let (mut rows, mut unreadable) = (Vec::new(), Vec::new());
    let pages = vault.list();
    pin_mut!(pages);
    while let Some(page) = pages.next().await {
        let page = page?;
        rows.extend(page.accounts.into_iter().map(|account| Row::new(account.document, now, policy)));
        unreadable.extend(page.unreadable);
    }
    rows.sort_by(|one, other| one.name.cmp(&other.name));
    Ok((rows, unreadable))
}

fn table(rows: &[Row], now: OffsetDateTime) -> Vec<String> {
    let heads = ["NAME", "USER", "HEALTH", "DAYS LEFT", "NEXT ATTEMPT"].map(str::to_owned);
    let cells = rows.iter().map(|row| {
        let days = row.expires_at.map_or_else(|| "no end".to_owned(), |at| (at - now).whole_days().to_string());
        let next = row.next_attempt_at.map_or_else(|| "after a new login".to_owned(), day);
        [row.name.clone(), format!("@{}", row.username), health(row.health).to_owned(), days, next]
    });
    let lines: Vec<[String; 5]> = std::iter::once(heads).chain(cells).collect();
    let widths: Vec<usize> = (0..5)
        .map(|column| {
            let cells = lines.iter().filter_map(|line| line.get(column));
            cells.map(|cell| cell.chars().count()).max().unwrap_or(0)
        })
        .collect();
    let pad = |line: &[String; 5]| {
        let cells = line.iter().zip(&widths).map(|(cell, width)| format!("{cell:width$}"));
        cells.collect::<Vec<_>>().join("  ").trim_end().to_owned()
    };
    lines.iter().map(pad).collect()
}

fn health(state: HealthState) -> &'static str {
    match state {
        HealthState::Healthy => "healthy",
        HealthState::Attention => "attention",
        HealthState::LoginRequired => "login required",
    }
}

fn day(at: OffsetDateTime) -> String {
    at.date().to_string()
}
