//! Moves many accounts at the same time, with a progress bar, and reports those that stay.

use std::collections::HashSet;

use evertoken_core::account::AccountName;
use evertoken_core::vault::{Unreadable, VaultError};
use evertoken_packed_vault::Moved;
use futures_util::{StreamExt, stream};
use serde::Serialize;

use crate::error::Result;
use crate::exit_status::ExitStatus;
use crate::output_format::OutputFormat;
use crate::server::shutdown::Shutdown;
use crate::terminal::output;
use crate::terminal::plural::counted;
use crate::terminal::progress_bar::progress_bar;

/// Accounts that are moved at the same time. Their writes to a pack are written together.
const CONCURRENCY: usize = 128;

/// The result for all accounts of a command.
#[derive(Debug, Default, Serialize)]
pub(super) struct MoveReport {
    moved: usize,
    /// Accounts that were where they were to be moved.
    already: usize,
    /// Accounts that are to keep a secret of their own.
    kept: usize,
    failures: Vec<Failure>,
    /// Accounts that the command did not come to, because it was interrupted.
    left: usize,
}

/// An account that was not moved, or a pack that is unreadable.
#[derive(Debug, Serialize)]
struct Failure {
    name: String,
    message: String,
}

/// What a command does, in words.
pub(super) struct Words {
    /// For example `packed`.
    pub(super) done: &'static str,
    /// For example `in packs already`.
    pub(super) already: &'static str,
}

/// Moves accounts in this order, each once. Ctrl-C stops after the accounts in progress.
pub(super) async fn run<F>(
    names: Vec<AccountName>,
    words: &Words,
    move_one: impl Fn(AccountName) -> F,
) -> Result<MoveReport>
where
    F: Future<Output = Result<Moved, VaultError>>,
{
    Ok(run_until(&Shutdown::on_signal()?, names, words, move_one).await)
}

async fn run_until<F>(
    shutdown: &Shutdown,
    mut names: Vec<AccountName>,
    words: &Words,
    move_one: impl Fn(AccountName) -> F,
) -> MoveReport
where
    F: Future<Output = Result<Moved, VaultError>>,
{
    let mut seen = HashSet::new();
    names.retain(|name| seen.insert(name.clone()));
    let bar = progress_bar(names.len(), "accounts");
    let moves = stream::iter(names).map(|name| {
        let moving = (!shutdown.is_requested()).then(|| move_one(name.clone()));
        async move {
            match moving {
                Some(moving) => Some((name, moving.await)),
                None => None,
            }
        }
    });
    let mut moves = moves.buffer_unordered(CONCURRENCY);
    let mut report = MoveReport::default();
    while let Some(moved) = moves.next().await {
        match moved {
            None => report.left += 1,
            Some((_, Ok(Moved::Now))) => report.moved += 1,
            Some((_, Ok(Moved::Already))) => report.already += 1,
            Some((_, Ok(Moved::Kept))) => report.kept += 1,
            Some((name, Ok(Moved::Absent))) => {
                let message = "no account has this name; list the accounts with `evertoken list`".to_owned();
                report.failures.push(Failure { name: name.to_string(), message });
            }
            Some((name, Err(error))) => {
                report.failures.push(Failure { name: name.to_string(), message: message(&error, words) });
            }
        }
        bar.inc(1);
    }
    bar.finish_and_clear();
    report.failures.sort_by(|one, other| one.name.cmp(&other.name));
    report
}

fn message(error: &VaultError, words: &Words) -> String {
    match error {
        VaultError::Conflict => {
            format!(
                "not {}, because other processes changed the account all the time; run the command again",
                words.done
            )
        }
        other => format!("not {}: {other}", words.done),
    }
}

impl MoveReport {
    /// Adds accounts and packs that could not be read.
    pub(super) fn with_unreadable(mut self, unreadable: Vec<Unreadable>, words: &Words) -> Self {
        let failure = |Unreadable { name, reason }| Failure { name, message: format!("not {}: {reason}", words.done) };
        self.failures.extend(unreadable.into_iter().map(failure));
        self
    }

    /// Prints the failures and a summary.
    pub(super) fn print(&self, words: &Words, format: OutputFormat) -> Result<ExitStatus> {
        if format == OutputFormat::Json {
            output::json_line(self)?;
        } else {
            for Failure { name, message } in &self.failures {
                output::note(&format!("{name}: {message}"));
            }
            output::note(&self.summary(words));
        }
        Ok(ExitStatus::healthy_if(self.failures.is_empty() && self.left == 0))
    }

    /// For example "3 accounts: 2 packed, 1 failed.".
    fn summary(&self, words: &Words) -> String {
        let total = self.moved + self.already + self.kept + self.failures.len() + self.left;
        let counts = [
            (self.moved, words.done),
            (self.already, words.already),
            (self.kept, "kept out of packs"),
            (self.failures.len(), "failed"),
            (self.left, "left; run the command again to continue"),
        ];
        let counts: Vec<_> =
            counts.iter().filter(|(count, _)| *count > 0).map(|(count, what)| format!("{count} {what}")).collect();
        if counts.is_empty() {
            "No account to move.".to_owned()
        } else {
            format!("{}: {}.", counted(total, "account"), counts.join(", "))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PACK: Words = Words { done: "packed", already: "in packs already" };

    #[tokio::test]
    async fn a_summary_counts_what_happened() {
        assert_eq!(MoveReport::default().summary(&PACK), "No account to move.");
        let names = ["a", "b", "c", "d", "e"].map(|name| name.parse::<AccountName>().unwrap());
        let moves = |name: AccountName| async move {
            match name.as_str() {
                "a" => Ok(Moved::Now),
                "b" => Ok(Moved::Already),
                "c" => Ok(Moved::Absent),
                "e" => Ok(Moved::Kept),
                _ => Err(VaultError::Conflict),
            }
        };
        let report = run(names.into(), &PACK, moves).await.unwrap();
        assert_eq!(report.summary(&PACK), "5 accounts: 1 packed, 1 in packs already, 1 kept out of packs, 2 failed.");
        assert_eq!(report.failures[1].name, "d");
        assert!(report.failures[1].message.starts_with("not packed, because other processes"));
    }

    #[tokio::test]
    async fn an_interrupt_finishes_the_move_in_progress_and_starts_no_other() {
        let names = ["a", "b", "c"].map(|name| name.parse::<AccountName>().unwrap());
        let (interrupt, shutdown) = Shutdown::by_hand();
        let moves = |_| {
            interrupt.send(true).unwrap();
            async { Ok(Moved::Now) }
        };
        let report = run_until(&shutdown, names.into(), &PACK, moves).await;
        assert_eq!(report.summary(&PACK), "3 accounts: 1 packed, 2 left; run the command again to continue.");
    }
}
