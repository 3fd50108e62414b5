//! `evertoken unpack`: moves accounts from their packs to secrets of their own.

use std::sync::Arc;

use clap::{ArgGroup, Args};
use evertoken_core::account::AccountName;

use super::moves::{self, Words};
use crate::context::Context;
use crate::error::Result;
use crate::exit_status::ExitStatus;
use crate::vault::location::VaultLocation;

const WORDS: Words = Words { done: "unpacked", already: "in secrets of their own already" };

#[derive(Debug, Args)]
#[command(group = ArgGroup::new("accounts").args(["names", "all"]).required(true))]
pub(crate) struct Options {
    /// Names of the accounts.
    #[arg(value_name = "NAME")]
    names: Vec<AccountName>,
    /// All accounts that are in packs.
    #[arg(long, conflicts_with = "names")]
    all: bool,
    #[command(flatten)]
    pub(crate) vault: VaultLocation,
}

pub(crate) const HELP: &str = "\
Each account gets a secret of its own again, with its current token, at the usual price of a secret.
Logins, refreshes and `evertoken token` go on meanwhile. Ctrl-C stops after the accounts in progress;
run the command again to continue. New accounts still go into packs while the stack has
Layout=packed.

Examples:
  evertoken unpack shop-de
  evertoken unpack --all

Exit status 3 means that an account was not unpacked.";

pub(crate) async fn unpack(options: Options, context: &Context) -> Result<ExitStatus> {
    let vault = Arc::new(options.vault.open_packs(context).await?);
    let (names, unreadable) =
        if options.all { Box::pin(vault.packed_names()).await? } else { (options.names, Vec::new()) };
    let move_one = |name: AccountName| {
        let vault = Arc::clone(&vault);
        async move { Box::pin(vault.unpack(&name)).await }
    };
    let report = moves::run(names, &WORDS, move_one).await?.with_unreadable(unreadable, &WORDS);
    report.print(&WORDS, context.format)
}
