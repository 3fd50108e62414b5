//! `evertoken export`: all accounts into one file, for another vault or a safe.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context, Result, bail};
use clap::Args;
use evertoken_core::document::{Document, SCHEMA};
use evertoken_core::variables::Variables;
use evertoken_core::vault::{Unreadable, Vault};
use futures_util::{StreamExt, pin_mut};
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Value, json};

use crate::credentials::app_store;
use crate::terminal::output;
use crate::vault::location::{AnyVault, VaultLocation, with_vault};

pub(crate) const HELP: &str = "\
The file holds every account's token: keep it as you would keep passwords, and delete it when it has served.

Examples:
  evertoken export accounts.json --local vault
  evertoken import --file accounts.json                  into Secrets Manager
  evertoken export overview.json --without-tokens";

/// What it is asked for.
#[derive(Debug, Args)]
pub(crate) struct Options {
    /// The file to write; it must not be there yet.
    pub(crate) file: PathBuf,
    /// Leave the tokens out: for a look at the accounts, not for another vault.
    #[arg(long)]
    pub(crate) without_tokens: bool,
    #[command(flatten)]
    pub(crate) place: VaultLocation,
}

/// Exports; exit 3 if something in the vault could not be read.
pub(crate) async fn export(options: Options, variables: &Variables, json: bool) -> Result<ExitCode> {
    let file = &options.file;
    if file.as_os_str() == "-" || file.starts_with("/dev") {
        bail!("tokens are written to a file and never to the terminal; name one");
    }
    if file.exists() {
        bail!("{} is there already; name another file, nothing is overwritten", file.display());
    }
    let vault = AnyVault::open(&options.place, variables).await?;
    let (documents, unreadable) = with_vault!(&vault, vault => read(vault).await)?;
    for Unreadable { name, reason } in &unreadable {
        output::say(&format!("{name}: left out, {reason}"));
    }
    let accounts = documents.len();
    let text = text(&documents, options.without_tokens)?;
    app_store::write_new(file, text.expose_secret().as_bytes())
        .with_context(|| format!("{} could not be written", file.display()))?;
    if json {
        output::data(&json!({ "file": file, "accounts": accounts, "left_out": unreadable.len() }).to_string())?;
    } else {
        output::data(&format!("{accounts} accounts in {}", file.display()))?;
    }
    if !options.without_tokens && accounts > 0 {
        output::say(
            "Warning: it holds the tokens of all of them. Whoever can read it can use them; delete it when it has served.",
        );
    }
    Ok(if unreadable.is_empty() { ExitCode::SUCCESS } else { ExitCode::from(3) })
}

async fn read<V: Vault>(vault: &V) -> Result<(Vec<Document>, Vec<Unreadable>)> {
    let (mut documents, mut unreadable) = (Vec::new(), Vec::new());
    let pages = vault.list();
    pin_mut!(pages);
    while let Some(page) = pages.next().await {
        let page = page?;
        documents.extend(page.accounts.into_iter().map(|account| account.document));
        unreadable.extend(page.unreadable);
    }
    documents.sort_by(|one, other| one.name.cmp(&other.name));
    Ok((documents, unreadable))
}

/// `{"evertoken_export": 1, "accounts": [documents]}`, each document as its vault holds it.
fn text(documents: &[Document], without_tokens: bool) -> Result<SecretString> {
    let mut accounts = Vec::new();
    for document in documents {
        // Its own text, so that nothing is lost on the way.
        let mut account: Value = serde_json::from_str(document.encode().expose_secret())?;
        if without_tokens && let Some(account) = account.as_object_mut() {
            account.remove("access_token");
        }
        accounts.push(account);
    }
    Ok(SecretString::from(serde_json::to_string_pretty(&json!({ "evertoken_export": SCHEMA, "accounts": accounts }))?))
}
