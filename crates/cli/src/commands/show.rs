//! `evertoken show NAME`: shows everything about an account except its token.

use clap::Args;
use evertoken_core::account::AccountName;
use evertoken_core::clock::Clock;
use evertoken_core::document::{LastAttempt, Outcome, ProviderName, TokenKind, Versioned};
use evertoken_core::scopes::Scopes;
use evertoken_core::variables;
use evertoken_core::vault::{DocumentLocator, ParkedDocuments, VaultError};
use serde::Serialize;
use time::OffsetDateTime;

use crate::context::Context;
use crate::error::Result;
use crate::exit_status::ExitStatus;
use crate::terminal::output;
use crate::terminal::table::{Cell, PLAIN, Table};
use crate::vault::account_summary::{AccountSummary, minute};
use crate::vault::any_vault;
use crate::vault::location::VaultLocation;
use crate::vault::lookup;

#[derive(Debug, Args)]
pub(crate) struct Options {
    /// Account name, as shown by `evertoken list`.
    name: AccountName,
    #[command(flatten)]
    pub(crate) vault: VaultLocation,
}

pub(crate) const HELP: &str = "\
Examples:
  evertoken show shop-de
  evertoken --json show shop-de --local vault | jq -r .expires_at

Exit status 3 means that the account is not healthy.";

/// Everything about an account except its token, as printed with `--json`.
#[derive(Serialize)]
struct AccountDetails {
    #[serde(flatten)]
    summary: AccountSummary,
    provider: ProviderName,
    app_scoped_id: String,
    account_type: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    token_kind: Option<TokenKind>,
    #[serde(skip_serializing_if = "Option::is_none")]
    page_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    page_name: Option<String>,
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
    /// Whether a second token is kept: a renewed one that Instagram rejected, or the one before an unverified one.
    parked: bool,
    stored_in: String,
    /// The pack that holds the account, if its secret holds others too.
    #[serde(skip_serializing_if = "Option::is_none")]
    pack: Option<String>,
    read_command: String,
}

/// The last attempt, without unknown keys of the document.
#[derive(Serialize)]
struct Attempt {
    #[serde(with = "time::serde::rfc3339")]
    at: OffsetDateTime,
    outcome: Outcome,
    failures: u32,
}

pub(crate) async fn show(options: Options, context: &Context) -> Result<ExitStatus> {
    let policy = variables::policy(&context.variables)?;
    let vault = options.vault.open(context).await?;
    let account = lookup::account(&vault, &options.name).await?;
    let summary = AccountSummary::of(&account, context.clock.now(), &policy);
    let parked = match vault.parked(&options.name).await {
        // The account works without it.
        Err(VaultError::Unreadable(_)) => true,
        parked => parked?.is_some(),
    };
    let details = AccountDetails::new(account, summary, parked, &any_vault::locator(&vault));
    if context.is_json() {
        output::json(&details)?;
    } else {
        details.table().print()?;
    }
    Ok(ExitStatus::healthy_if(details.summary.is_healthy()))
}

impl AccountDetails {
    fn new(account: Versioned, summary: AccountSummary, parked: bool, locator: &DocumentLocator) -> Self {
        let (stored_in, pack) = (locator.location_of(&account), account.cohort.as_ref().map(ToString::to_string));
        let document = account.document;
        let LastAttempt { at, outcome, failures, .. } = document.last_attempt;
        Self {
            summary,
            provider: document.provider,
            app_scoped_id: document.app_scoped_id.to_string(),
            account_type: document.account_type,
            token_kind: document.token_kind,
            page_id: document.page_id.map(String::from),
            page_name: document.page_name,
            scopes: document.scopes,
            connected_at: document.connected_at,
            issued_at: document.issued_at,
            health_since: document.health.since,
            health_code: document.health.code,
            health_subcode: document.health.subcode,
            last_attempt: Attempt { at, outcome, failures },
            parked,
            stored_in,
            pack,
            read_command: locator.read_command(&document.name),
        }
    }

    fn table(&self) -> Table<2> {
        let mut table = Table::without_header();
        let mut line = |what: &str, cell: Cell| table.push([Cell::new(what, PLAIN.bold()), cell]);
        let Self { summary, last_attempt, .. } = self;
        line("name", summary.name.clone().into());
        line("user", summary.user());
        line("account ID", summary.account_id.clone().unwrap_or_default().into());
        line("app-scoped ID", self.app_scoped_id.clone().into());
        if !self.account_type.is_empty() {
            line("account type", self.account_type.clone().into());
        }
        if let Some(page) = &self.page_name {
            line("Facebook Page", page.clone().into());
        }
        line("scopes", self.scopes.to_string().into());
        line("health", summary.health());
        if let Some(since) = self.health_since {
            line("since", minute(since).into());
        }
        if let Some(message) = &summary.message {
            line("reason", message.clone().into());
        }
        if let Some(code) = self.health_code {
            let subcode = self.health_subcode.map_or_else(String::new, |subcode| format!(", subcode {subcode}"));
            line("Instagram code", format!("{code}{subcode}").into());
        }
        line("connected", minute(self.connected_at).into());
        line("token issued", minute(self.issued_at).into());
        line("token expires", summary.expires_at.map_or_else(|| "never".to_owned(), minute).into());
        if let Some(at) = summary.data_access_expires_at {
            line("data access", format!("until {}, unless the person logs in again", minute(at)).into());
        }
        line("days left", summary.days_left());
        let failures = match last_attempt.failures {
            0 => String::new(),
            1 => ", 1 failure".to_owned(),
            number => format!(", {number} failures in a row"),
        };
        let outcome = serde_json::to_value(last_attempt.outcome).unwrap_or_default();
        let outcome = outcome.as_str().unwrap_or_default();
        line("last attempt", format!("{}, {outcome}{failures}", minute(last_attempt.at)).into());
        line("next attempt", summary.next_attempt());
        if self.parked {
            line("parked token", "the next refresh tries it".into());
        }
        line("stored in", self.stored_in.clone().into());
        line("read with", self.read_command.clone().into());
        table
    }
}
