//! `evertoken refresh`: renews tokens, here or by the deployed Lambda.

mod local;
mod progress;
mod remote;
mod result;

use std::process::ExitCode;

use anyhow::Result;
use clap::Args;
use evertoken_core::account::AccountName;
use evertoken_core::refresh::Request;
use evertoken_core::variables::Variables;

use crate::error::CliError;
use crate::terminal::output;
use crate::vault::location::{AnyVault, VaultLocation, with_vault};

pub(crate) use local::renew;

/// What it is asked for.
#[derive(Debug, Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of the command line")]
pub(crate) struct Options {
    /// The accounts' names, as `list` shows them.
    #[arg(value_name = "NAME", required_unless_present = "all")]
    names: Vec<AccountName>,
    /// All accounts: those that are due are renewed.
    #[arg(long, conflicts_with = "names")]
    all: bool,
    /// Renew what is not due as well. Meta's 24 hours after the last renewal hold all the same.
    #[arg(long)]
    force: bool,
    /// Say what would be done; ask Instagram nothing and write nothing.
    #[arg(long)]
    dry_run: bool,
    /// Have the deployed Lambda do it, with its rights and from its address.
    #[arg(long, conflicts_with = "local")]
    remote: bool,
    /// The Lambda's name or ARN; by default the stack's.
    #[arg(long, requires = "remote", value_name = "NAME")]
    function: Option<String>,
    #[command(flatten)]
    place: VaultLocation,
}

/// What stands below the options.
pub(crate) const HELP: &str = "\
Examples:
  evertoken refresh --all --dry-run
  evertoken refresh shop-de shop-fr --force
  evertoken refresh --all --local vault
  evertoken --json refresh --all --remote

Without --remote it is done here: with your own AWS rights, or on the files. Ctrl-C lets what
was begun be finished. With --json the answer is that of the Lambda. Exit code 3 says that some
account is not healthy or was not renewed.";

/// Renews; exit 3 if some account is not healthy or was not renewed.
pub(crate) async fn refresh(options: Options, variables: &Variables, json: bool) -> Result<ExitCode> {
    let request = Request {
        accounts: if options.all { None } else { Some(options.names.clone()) },
        force: options.force,
        dry_run: options.dry_run,
    };
    let result = if options.remote {
        if request.force && request.accounts.is_none() {
            let what = "--force with --all is not for --remote: the Lambda would renew everything at once";
            return Err(CliError::usage(what, "name the accounts, or leave --remote out").into());
        }
        remote::run(&options, &request).await?
    } else {
        let vault = AnyVault::open(&options.place, variables).await?;
        with_vault!(&vault, vault => local::run(vault, &options.place, &request, variables).await)?
    };
    if json {
        output::data(&result.report.to_string())?;
    } else {
        result.show(&request)?;
    }
    Ok(if result.is_well() { ExitCode::SUCCESS } else { ExitCode::from(3) })
}
