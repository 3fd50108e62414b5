//! `evertoken refresh`: refreshes tokens, from this machine or with the deployed Lambda.

pub(super) mod local;
mod observer;
mod remote;
mod run_result;

use clap::{ArgGroup, Args};
use evertoken_core::account::AccountName;
use evertoken_core::refresh::Request;

use crate::context::Context;
use crate::error::{CliError, Result};
use crate::exit_status::ExitStatus;
use crate::terminal::output;
use crate::vault::location::VaultLocation;

#[derive(Debug, Args)]
#[command(group = ArgGroup::new("accounts").args(["names", "all"]).required(true))]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of the command line")]
pub(crate) struct Options {
    /// Names of the accounts to refresh.
    #[arg(value_name = "NAME")]
    names: Vec<AccountName>,
    /// Refresh every account that is due.
    #[arg(long, conflicts_with = "names")]
    all: bool,
    /// Also refresh accounts that are not due. Meta does not refresh a token within 24 hours of the last refresh.
    #[arg(long)]
    force: bool,
    /// Show what would be refreshed without calling Instagram or writing anything.
    #[arg(long)]
    dry_run: bool,
    /// Invoke the deployed Lambda instead of refreshing from this machine.
    #[arg(long, conflicts_with = "local")]
    pub(crate) remote: bool,
    /// Name or ARN of the Lambda. Defaults to the refresh function of the stack.
    #[arg(long, requires = "remote", value_name = "NAME")]
    function: Option<String>,
    #[command(flatten)]
    pub(crate) vault: VaultLocation,
}

impl Options {
    pub(crate) fn calls_instagram(&self) -> bool {
        !self.dry_run
    }
}

pub(crate) const HELP: &str = "\
Without --remote, the refresh runs on this machine, with your own AWS permissions or on the vault's
files. The run also checks the tokens that are not due. Ctrl-C stops it after the accounts in
progress. With --json, the output is the report that the Lambda returns.

Examples:
  evertoken refresh --all --dry-run
  evertoken refresh shop-de shop-fr --force
  evertoken refresh --all --local vault
  evertoken --json refresh --all --remote

Exit status 3 means that an account is not healthy or was not refreshed.";

pub(crate) async fn refresh(options: Options, context: &Context) -> Result<ExitStatus> {
    let request = Request {
        accounts: if options.all { None } else { Some(options.names) },
        force: options.force,
        dry_run: options.dry_run,
        // Nobody knows when the command runs next.
        check_missed: true,
    };
    let result = if options.remote {
        if request.force && request.accounts.is_none() {
            return Err(CliError::ForceAllRemote);
        }
        remote::run(options.function.as_deref(), &options.vault, &request, context).await?
    } else {
        let vault = options.vault.open(context).await?;
        local::run(&vault, &options.vault, &request, context).await?
    };
    if context.is_json() {
        output::json_line(&result.report)?;
    } else {
        result.print(&request)?;
    }
    Ok(ExitStatus::healthy_if(result.is_healthy(&request)))
}
