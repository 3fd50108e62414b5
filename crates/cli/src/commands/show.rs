//! `evertoken show NAME`: all that is known about one account, but its token.

use std::process::ExitCode;

use anyhow::Result;
use clap::Args;
use evertoken_core::account::AccountName;
use evertoken_core::clock::Clock;
use evertoken_core::clock::SystemClock;
use evertoken_core::document::{Document, LastAttempt, Outcome, ProviderName};
use evertoken_core::scopes::Scopes;
use evertoken_core::variables::{self, Variables};
use evertoken_core::vault::{DocumentLocator, ParkedDocuments};
use serde::Serialize;
use time::OffsetDateTime;

use crate::terminal::output;
use crate::terminal::table::{Cell, PLAIN, Table};
use crate::vault::account_summary::{AccountSummary, minute};
use crate::vault::location::{AnyVault, VaultLocation, with_vault};
use crate::vault::lookup;

/// What it is asked for.
#[derive(Debug, Args)]
pub(crate) struct Options {
    /// The account's name, as `list` shows it.
    name: AccountName,
    #[command(flatten)]
    place: VaultLocation,
}

/// What stands below the options.
pub(crate) const HELP: &str = "\
Examples:
  evertoken show shop-de
  evertoken --json show shop-de --local vault | jq -r .expires_at

Exit code 3 says that the account is not healthy.";

/// As `--json` shows it.
#[derive(Serialize)]
struct Shown {
    #[serde(flatten)]
    summary: AccountSummary,
    provider: ProviderName,
    app_scoped_id: String,
    account_type: String,
    scopes: Scopes,
    #[serde(with = "time::serde::rfc3339")]
    connected_at: OffsetDateTime,
    #[serde(with = "time::serde::rfc3339")]
    issued_at: OffsetDateTime,
    #[serde(with = "time::serde::rfc3339::option")]
    health_since: Option<OffsetDateTime>,
    health_code: Option<i64>,
    health_subcode: Option<i64>,
    last_attempt: Attempt,
    /// A renewed token that Instagram refused, or the one before an unproven one, is kept beside.
    parked: bool,
    stored_in: String,
    read_command: String,
}

/// What was last tried, without what the document may hold beyond it.
#[derive(Serialize)]
struct Attempt {
    #[serde(with = "time::serde::rfc3339")]
    at: OffsetDateTime,
    outcome: Outcome,
    failures: u32,
}

/// Shows it; exit 3 if the account is not healthy.
pub(crate) async fn show(options: Options, variables: &Variables, json: bool) -> Result<ExitCode> {
    let policy = variables::policy(variables)?;
    let vault = AnyVault::open(&options.place, variables).await?;
    let locator = vault.locator();
    let shown = with_vault!(&vault, vault => {
        let document = lookup::account(vault, &options.name).await?.document;
        let summary = AccountSummary::of(&document, SystemClock.now(), &policy);
        Shown::new(document, summary, vault, &locator).await?
    });
    if json {
        output::data(&serde_json::to_string_pretty(&shown)?)?;
    } else {
        shown.table().print()?;
    }
    Ok(if shown.summary.is_healthy() { ExitCode::SUCCESS } else { ExitCode::from(3) })
}

impl Shown {
    async fn new<V: ParkedDocuments>(
        document: Document,
        summary: AccountSummary,
        vault: &V,
        locator: &DocumentLocator,
    ) -> Result<Self> {
        let LastAttempt { at, outcome, failures, .. } = document.last_attempt;
        Ok(Self {
            summary,
            provider: document.provider,
            app_scoped_id: document.app_scoped_id.to_string(),
            account_type: document.account_type,
            scopes: document.scopes,
            connected_at: document.connected_at,
            issued_at: document.issued_at,
            health_since: document.health.since,
            health_code: document.health.code,
            health_subcode: document.health.subcode,
            last_attempt: Attempt { at, outcome, failures },
            parked: vault.parked(&document.name).await?.is_some(),
            stored_in: locator.location(&document.name),
            read_command: locator.read_command(&document.name),
        })
    }

    fn table(&self) -> Table<2> {
        let mut table = Table::without_heads();
        let mut line = |what: &str, cell: Cell| table.push([Cell::new(what, PLAIN.bold()), cell]);
        let Self { summary, last_attempt, .. } = self;
        line("name", summary.name.clone().into());
        line("user", summary.user());
        line("account id", summary.account_id.clone().unwrap_or_default().into());
        line("app-scoped id", self.app_scoped_id.clone().into());
        line("account type", self.account_type.clone().into());
        line("scopes", self.scopes.to_string().into());
        line("health", summary.health());
        if let Some(since) = self.health_since {
            line("since", minute(since).into());
        }
        if let Some(message) = &summary.message {
            line("why", message.clone().into());
        }
        if let Some(code) = self.health_code {
            let subcode = self.health_subcode.map_or_else(String::new, |subcode| format!(", subcode {subcode}"));
            line("Instagram's code", format!("{code}{subcode}").into());
        }
        line("connected", minute(self.connected_at).into());
        line("token issued", minute(self.issued_at).into());
        line("token ends", summary.expires_at.map_or_else(|| "no end".to_owned(), minute).into());
        line("days left", summary.days_left());
        let failures = match last_attempt.failures {
            0 => String::new(),
            number => format!(", failure {number} in a row"),
        };
        let outcome = serde_json::to_value(last_attempt.outcome).unwrap_or_default();
        let outcome = outcome.as_str().unwrap_or_default();
        line("last attempt", format!("{}, {outcome}{failures}", minute(last_attempt.at)).into());
        line("next attempt", summary.next_attempt());
        if self.parked {
            line("beside it", "another token is parked, which the next refresh tries".into());
        }
        line("stored in", self.stored_in.clone().into());
        line("read it with", self.read_command.clone().into());
        table
    }
}
