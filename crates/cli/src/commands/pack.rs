//! `evertoken pack`: moves accounts into packs, and says which of their copies are still read.

mod copies;

use std::sync::Arc;

use clap::{ArgGroup, Args};
use evertoken_aws::ListedSecret;
use evertoken_core::account::AccountName;
use evertoken_packed_aws::PacksInAws;

use super::moves::{self, Words};
use crate::context::Context;
use crate::error::Result;
use crate::exit_status::ExitStatus;
use crate::vault::location::VaultLocation;
use crate::vault::lookup;

const WORDS: Words = Words { done: "packed", already: "in packs already" };

#[derive(Debug, Args)]
#[command(group = ArgGroup::new("accounts").args(["names", "all", "check"]).required(true).multiple(true))]
pub(crate) struct Options {
    /// Names of the accounts.
    #[arg(value_name = "NAME")]
    names: Vec<AccountName>,
    /// All accounts that have a secret of their own, except those whose invite asked for one.
    #[arg(long, conflicts_with = "names")]
    all: bool,
    /// Move nothing, and list the copies of packed accounts with the day on which each was read last: those of the named
    /// accounts, or all.
    #[arg(long)]
    check: bool,
    /// Move nothing, and delete the copies of packed accounts that nobody has read since the day they were packed. You can
    /// restore them for seven days.
    #[arg(long, conflicts_with = "check")]
    delete_copies: bool,
    #[command(flatten)]
    pub(crate) vault: VaultLocation,
}

pub(crate) const HELP: &str = "\
A pack is one secret that holds many accounts, for stacks with Layout=packed. Logins, refreshes and
`evertoken token` go on while accounts are moved, and `evertoken unpack` moves them back. Ctrl-C
stops after the accounts in progress; run the command again to continue.

The secret of a packed account stays, as a copy that is not renewed. Move the applications that read
it first: `evertoken token` and `evertoken show` find an account wherever it is. Secrets Manager
records on which day a secret was read last, so --check shows two days later which copies are still
read. A copy costs as much as before until you delete it.

Examples:
  evertoken pack shop-de shop-fr
  evertoken pack --all
  evertoken pack --check
  evertoken pack --all --delete-copies

Exit status 3 means that an account was not packed, that a copy is still read, or that a copy was not
deleted.";

pub(crate) async fn pack(options: Options, context: &Context) -> Result<ExitStatus> {
    let vault = options.vault.open_packs(context).await?;
    if options.check {
        return copies::check(&listed_copies(&vault, &options).await?, &options.names, context);
    }
    if options.delete_copies {
        return copies::delete(&vault, listed_copies(&vault, &options).await?, context).await;
    }
    let names = if options.all { unpacked(&vault).await? } else { options.names };
    let vault = &Arc::new(vault);
    let move_one = |name: AccountName| {
        let vault = Arc::clone(vault);
        async move {
            if options.all { Box::pin(vault.pack_unless_kept(&name)).await } else { Box::pin(vault.pack(&name)).await }
        }
    };
    moves::run(names, &WORDS, move_one).await?.print(&WORDS, context.format)
}

/// The accounts whose secrets are not labeled as copies.
async fn unpacked(vault: &PacksInAws) -> Result<Vec<AccountName>> {
    let listed = vault.singles().listed_secrets().await?;
    Ok(listed.into_iter().filter(|secret| secret.moved_to.is_none()).map(|secret| secret.name).collect())
}

/// The copies of the accounts that the command names, each of which has to exist.
async fn listed_copies(vault: &PacksInAws, options: &Options) -> Result<Vec<ListedSecret>> {
    let secrets = vault.singles().listed_secrets().await?;
    let has_secret = |name: &AccountName| secrets.iter().any(|secret| secret.name == *name);
    let others: Vec<_> = options.names.iter().filter(|name| !has_secret(name)).cloned().collect();
    Box::pin(lookup::require_all(vault, &others)).await?;
    Ok(copies_among(secrets, &options.names))
}

/// The copies of these accounts, or all copies if no account is named.
fn copies_among(secrets: Vec<ListedSecret>, names: &[AccountName]) -> Vec<ListedSecret> {
    let is_named = |name: &AccountName| names.is_empty() || names.contains(name);
    secrets.into_iter().filter(|secret| secret.moved_to.is_some() && is_named(&secret.name)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_copies_of_the_named_accounts_are_selected() {
        let secret = |name: &str, moved_to: Option<&str>| ListedSecret {
            name: name.parse().unwrap(),
            moved_to: moved_to.map(str::to_owned),
            last_accessed: None,
            last_changed: None,
        };
        let copies = ["shop-de", "shop-fr"].map(|name| secret(name, Some("main-00001")));
        let secrets = [&copies[..], &[secret("single", None)]].concat();
        for (names, expected) in
            [(&[][..], &copies[..]), (&["shop-fr"], &copies[1..]), (&["single"], &[]), (&["nobody"], &[])]
        {
            let named: Vec<AccountName> = names.iter().map(|name| name.parse().unwrap()).collect();
            assert_eq!(copies_among(secrets.clone(), &named), expected, "{names:?}");
        }
    }
}
