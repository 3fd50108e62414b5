//! The result of a refresh run, as a table.

use evertoken_core::account::AccountName;
use evertoken_core::refresh::{AccountFailure, RefreshOutcome, Report, Request};
use indicatif::HumanCount;

use crate::error::Result;
use crate::terminal::output;
use crate::terminal::plural::counted;
use crate::terminal::table::{BAD, Cell, GOOD, PLAIN, Table, WARNING};
use crate::vault::account_summary::AccountSummary;

/// The result of a run, on this machine or by the Lambda.
#[derive(Debug)]
pub(crate) struct RunResult {
    pub(crate) report: Report,
    /// The outcome of each account. Empty for a run by the Lambda.
    pub(super) accounts: Vec<(RefreshOutcome, AccountSummary)>,
}

impl RunResult {
    /// Whether no account failed or was left, and none needs action. A dry run leaves all that are due.
    pub(super) fn is_healthy(&self, request: &Request) -> bool {
        let Report { attention, login_required, failed, left_for_next_run, .. } = self.report;
        attention + login_required + failed == 0 && (request.dry_run || left_for_next_run == 0)
    }

    /// Why an account was not refreshed.
    pub(crate) fn failure(&self, name: &AccountName) -> Option<&str> {
        let failure = self.report.failures.iter().find(|failure| failure.name == name.as_str());
        failure.map(|failure| failure.message.as_str())
    }

    /// Prints the accounts that were named or that anything was done about, then the failures and a summary.
    pub(super) fn print(&self, request: &Request) -> Result<()> {
        let mut table = Table::new(["NAME", "USER", "RESULT", "DAYS", "NEXT (UTC)"]);
        let prints_all = request.accounts.is_some();
        for (outcome, account) in self.accounts.iter().filter(|(outcome, _)| prints_all || is_notable(*outcome)) {
            let name = account.name.clone().into();
            let result = result_cell(*outcome, request);
            table.push([name, account.user(), result, account.days_left(), account.short_next_attempt()]);
        }
        if !table.is_empty() {
            table.print()?;
        }
        for AccountFailure { name, message, .. } in &self.report.failures {
            output::note(&format!("{}: {message}", if name.is_empty() { "vault" } else { name }));
        }
        if self.report.failures_left_out > 0 {
            let count = HumanCount(u64::try_from(self.report.failures_left_out).unwrap_or(u64::MAX));
            output::note(&format!("{count} more failures are in the function's log"));
        }
        output::note(&summary(&self.report, request));
        Ok(())
    }
}

fn is_notable(outcome: RefreshOutcome) -> bool {
    !matches!(outcome, RefreshOutcome::NotDue | RefreshOutcome::TooYoung)
}

fn result_cell(outcome: RefreshOutcome, request: &Request) -> Cell {
    let (text, style) = match outcome {
        RefreshOutcome::Refreshed => ("refreshed", GOOD),
        RefreshOutcome::NotDue => ("not due", PLAIN),
        RefreshOutcome::TooYoung => ("too young", PLAIN),
        RefreshOutcome::Attention => ("needs its owner", WARNING),
        RefreshOutcome::LoginRequired => ("needs a new login", BAD),
        RefreshOutcome::Failed => ("failed", BAD),
        RefreshOutcome::Conflict => ("changed by others", WARNING),
        RefreshOutcome::Left if request.dry_run => ("would be refreshed", PLAIN),
        RefreshOutcome::Left => ("left for the next run", WARNING),
    };
    Cell::new(text, style)
}

/// For example "3 accounts: 1 refreshed, 2 not due.".
fn summary(report: &Report, request: &Request) -> String {
    if report.planned > 0 {
        return format!(
            "Sent {} to the workers. Their results are in the metrics and in the function's log.",
            counted(report.planned, "message")
        );
    }
    let left = if request.dry_run { "would be refreshed" } else { "left for the next run" };
    let counts = [
        (report.refreshed, "refreshed"),
        (report.left_for_next_run, left),
        (report.not_due, "not due"),
        (report.too_young, "younger than 24 hours"),
        (report.attention, "waiting for the owner"),
        (report.login_required, "waiting for a new login"),
        (report.failed, "failed"),
        (report.conflicts, "changed by others"),
    ];
    let counts = counts.iter().filter(|(count, _)| *count > 0).map(|(count, what)| format!("{count} {what}"));
    let counts: Vec<_> = counts.collect();
    let accounts = match report.accounts {
        1 => "1 account".to_owned(),
        accounts => format!("{accounts} accounts"),
    };
    let checked = match report.checked {
        0 => String::new(),
        1 => " Checked 1 token that was not due.".to_owned(),
        checked => format!(" Checked {checked} tokens that were not due."),
    };
    if counts.is_empty() {
        format!("{accounts}.{checked}")
    } else {
        format!("{accounts}: {}.{checked}", counts.join(", "))
    }
}
