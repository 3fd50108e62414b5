//! `evertoken reindex`: rebuilds the index of packs.

use std::sync::OnceLock;

use clap::Args;
use evertoken_packed_vault::Reindexed;
use indicatif::ProgressBar;
use serde_json::json;

use crate::context::Context;
use crate::error::Result;
use crate::exit_status::ExitStatus;
use crate::terminal::output;
use crate::terminal::plural::counted;
use crate::terminal::progress_bar::progress_bar;
use crate::vault::location::VaultLocation;

#[derive(Debug, Args)]
pub(crate) struct Options {
    #[command(flatten)]
    pub(crate) vault: VaultLocation,
}

pub(crate) const HELP: &str = "\
Run this after the DynamoDB table of a stack with Layout=packed was lost, or restored from a backup.
The command reads all packs and adds what the table lacks. It changes no pack, it can be repeated and
interrupted, and logins and refreshes go on meanwhile.

Examples:
  evertoken reindex

Exit status 3 means that a pack is missing or cannot be read, or that the records of an account
contradict each other. The output lists each such account and pack.";

pub(crate) async fn reindex(options: Options, context: &Context) -> Result<ExitStatus> {
    let vault = options.vault.open_packs(context).await?;
    let bar: OnceLock<ProgressBar> = OnceLock::new();
    let progress = |_: usize, total: usize| bar.get_or_init(|| progress_bar(total, "packs")).inc(1);
    let report = Box::pin(vault.reindex(progress)).await;
    if let Some(bar) = bar.get() {
        bar.finish_and_clear();
    }
    print(&report?, context)
}

fn print(report: &Reindexed, context: &Context) -> Result<ExitStatus> {
    let Reindexed { packs, recorded_packs, accounts, placed_accounts, problems } = report;
    if context.is_json() {
        let problems: Vec<_> = problems.iter().map(|one| json!({ "name": one.name, "message": one.problem })).collect();
        output::json_line(&json!({
            "packs": packs,
            "recorded_packs": recorded_packs,
            "accounts": accounts,
            "placed_accounts": placed_accounts,
            "problems": problems,
        }))?;
    } else {
        for problem in problems {
            output::note(&format!("{}: {}", problem.name, problem.problem));
        }
        output::note(&format!(
            "{} with {}: added or corrected {recorded_packs} of the packs and {placed_accounts} of the accounts.",
            counted(*packs, "pack"),
            counted(*accounts, "account"),
        ));
    }
    Ok(ExitStatus::healthy_if(problems.is_empty()))
}
