//! `evertoken export`: writes all accounts to one file, for another vault or as a backup.

use std::io::ErrorKind;
use std::path::PathBuf;

use clap::Args;
use evertoken_core::document::{Document, SCHEMA};
use evertoken_core::vault::{AccountStore, Unreadable};
use evertoken_file_vault::safe_folder;
use futures_util::{StreamExt, pin_mut};
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Value, json};

use crate::context::Context;
use crate::error::{CliError, Result};
use crate::exit_status::ExitStatus;
use crate::terminal::output;
use crate::vault::location::VaultLocation;

pub(crate) const HELP: &str = "\
The file contains the token of every account. Protect it like a password, and delete it once you
have imported it.

Examples:
  evertoken export accounts.json --local vault
  evertoken import --file accounts.json                  # import it into Secrets Manager
  evertoken export overview.json --without-tokens

Exit status 3 means that an account could not be read and is missing from the file.";

#[derive(Debug, Args)]
pub(crate) struct Options {
    /// File to write. It must not exist yet.
    file: PathBuf,
    /// Leave the tokens out. Such a file cannot be imported.
    #[arg(long)]
    without_tokens: bool,
    #[command(flatten)]
    pub(crate) vault: VaultLocation,
}

pub(crate) async fn export(options: Options, context: &Context) -> Result<ExitStatus> {
    let file = &options.file;
    if file.as_os_str() == "-" || file.starts_with("/dev") {
        return Err(CliError::ExportToTerminal);
    }
    if file.exists() {
        return Err(CliError::FileExists(file.clone()));
    }
    let vault = options.vault.open(context).await?;
    let (documents, unreadable) = read(&vault).await?;
    for Unreadable { name, reason } in &unreadable {
        output::note(&format!("{name}: not exported, {reason}"));
    }
    let accounts = documents.len();
    let text = encode(&documents, options.without_tokens)?;
    safe_folder::create(file, text.expose_secret().as_bytes()).map_err(|source| match source.kind() {
        ErrorKind::AlreadyExists => CliError::FileExists(file.clone()),
        _ => CliError::WriteFile { path: file.clone(), source },
    })?;
    if context.is_json() {
        output::json_line(&json!({ "file": file, "accounts": accounts, "left_out": unreadable.len() }))?;
    } else {
        let noun = if accounts == 1 { "account" } else { "accounts" };
        output::data(&format!("Exported {accounts} {noun} to {}", file.display()))?;
    }
    if !options.without_tokens && accounts > 0 {
        output::warning("the file contains access tokens. Delete it once you have imported it.");
    }
    Ok(ExitStatus::healthy_if(unreadable.is_empty()))
}

async fn read(vault: &impl AccountStore) -> Result<(Vec<Document>, Vec<Unreadable>)> {
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

/// `{"evertoken_export": 1, "accounts": [documents]}`, with each document as the vault stores it.
fn encode(documents: &[Document], without_tokens: bool) -> Result<SecretString> {
    let mut accounts = Vec::new();
    for document in documents {
        // From the stored text, so that unknown keys are kept.
        let mut account: Value = serde_json::from_str(document.encode().expose_secret())?;
        if without_tokens && let Some(account) = account.as_object_mut() {
            account.remove("access_token");
        }
        accounts.push(account);
    }
    Ok(SecretString::from(serde_json::to_string_pretty(&json!({ "evertoken_export": SCHEMA, "accounts": accounts }))?))
}
