//! What came of a run, as a table.

use anyhow::{Context, Result};
use evertoken_core::refresh::{RefreshOutcome, Request};
use serde::Deserialize;
use serde_json::Value;

use crate::terminal::output;
use crate::terminal::table::{BAD, Cell, GOOD, PLAIN, Table, WARNING};
use crate::vault::account_summary::AccountSummary;

/// What came of a run, here or far away.
#[derive(Debug)]
pub(crate) struct RunResult {
    /// The report, as the Lambda answers it.
    pub(crate) report: Value,
    counts: Counts,
    /// What was heard of single accounts; nothing from afar.
    pub(super) accounts: Vec<(RefreshOutcome, AccountSummary)>,
}

/// What this command reads of a report.
#[derive(Debug, Deserialize)]
struct Counts {
    accounts: usize,
    refreshed: usize,
    not_due: usize,
    too_young: usize,
    attention: usize,
    login_required: usize,
    failed: usize,
    conflicts: usize,
    left_for_next_run: usize,
    failures: Vec<Failure>,
}

#[derive(Debug, Deserialize)]
struct Failure {
    name: String,
    message: String,
}

impl RunResult {
    pub(super) fn new(report: Value, accounts: Vec<(RefreshOutcome, AccountSummary)>) -> Result<Self> {
        let counts = Counts::deserialize(&report).context("the answer is no report of a refresh run")?;
        Ok(Self { report, counts, accounts })
    }

    /// Whether nobody need act and nothing failed.
    pub(crate) fn is_well(&self) -> bool {
        self.counts.attention + self.counts.login_required + self.counts.failed == 0
    }

    /// Why an account was not renewed, if it was tried.
    pub(crate) fn failure(&self, name: &str) -> Option<&str> {
        let failure = self.counts.failures.iter().find(|failure| failure.name == name);
        failure.map(|failure| failure.message.as_str())
    }

    /// Those that somebody named, else those that something was done with; why some failed; and the sum.
    pub(super) fn show(&self, request: &Request) -> Result<()> {
        let mut table = Table::new(["NAME", "USER", "RESULT", "DAYS LEFT", "NEXT ATTEMPT (UTC)"]);
        let named = request.accounts.is_some();
        for (end, account) in self.accounts.iter().filter(|(end, _)| named || is_news(*end)) {
            let name = account.name.clone().into();
            table.push([name, account.user(), word(*end, request), account.days_left(), account.next_attempt()]);
        }
        if !table.is_empty() {
            table.print()?;
        }
        for Failure { name, message } in &self.counts.failures {
            output::say(&format!("{}: {message}", if name.is_empty() { "the vault" } else { name }));
        }
        output::say(&self.counts.sentence(request));
        Ok(())
    }
}

fn is_news(end: RefreshOutcome) -> bool {
    !matches!(end, RefreshOutcome::NotDue | RefreshOutcome::TooYoung)
}

fn word(end: RefreshOutcome, request: &Request) -> Cell {
    let (text, style) = match end {
        RefreshOutcome::Refreshed => ("renewed", GOOD),
        RefreshOutcome::NotDue => ("not due", PLAIN),
        RefreshOutcome::TooYoung => ("too young", PLAIN),
        RefreshOutcome::Attention => ("waits for its owner", WARNING),
        RefreshOutcome::LoginRequired => ("waits for a login", BAD),
        RefreshOutcome::Failed => ("failed", BAD),
        RefreshOutcome::Conflict => ("changed meanwhile", WARNING),
        RefreshOutcome::Left if request.dry_run => ("would be renewed", PLAIN),
        RefreshOutcome::Left => ("left for the next run", WARNING),
    };
    Cell::new(text, style)
}

impl Counts {
    fn sentence(&self, request: &Request) -> String {
        let left = if request.dry_run { "would be renewed" } else { "left for the next run" };
        let parts = [
            (self.refreshed, "renewed"),
            (self.left_for_next_run, left),
            (self.not_due, "not due"),
            (self.too_young, "younger than 24 hours"),
            (self.attention, "waiting for an owner"),
            (self.login_required, "waiting for a login"),
            (self.failed, "failed"),
            (self.conflicts, "changed meanwhile"),
        ];
        let parts = parts.iter().filter(|(count, _)| *count > 0).map(|(count, what)| format!("{count} {what}"));
        let parts: Vec<_> = parts.collect();
        let accounts = if self.accounts == 1 { "1 account".to_owned() } else { format!("{} accounts", self.accounts) };
        if parts.is_empty() { format!("{accounts}.") } else { format!("{accounts}: {}.", parts.join(", ")) }
    }
}
