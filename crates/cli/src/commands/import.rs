//! `evertoken import`: adopts tokens that were made elsewhere.

mod adopting;
mod date;
mod file;
mod restoring;

use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, Result, anyhow};
use clap::Args;
use evertoken_core::account::AccountName;
use evertoken_core::clock::Clock;
use evertoken_core::clock::SystemClock;
use evertoken_core::document::Document;
use evertoken_core::secrets::AccessToken;
use evertoken_core::variables::Variables;
use evertoken_core::vault::{DocumentLocator, Vault};
use evertoken_instagram::{Endpoints, InstagramLogin};
use futures_util::{StreamExt, stream};
use secrecy::{ExposeSecret, SecretString};
use serde::Serialize;
use serde_json::json;
use time::OffsetDateTime;

use crate::credentials::app_store;
use crate::terminal::output;
use crate::terminal::pasted_input;
use crate::vault::location::{AnyVault, VaultLocation, with_vault};
use adopting::{Adopted, Adopter, Candidate};
use file::{Content, Row};

/// Accounts of a file that are looked at together.
const TOGETHER: usize = 4;

pub(crate) const HELP: &str = "\
The token is read from standard input, without echo on a terminal; never give it as an argument, where other users of
this machine and the shell's history see it. A token that Meta's dashboard has made (Instagram > API setup with Instagram
login > Generate token) is fine.

Examples:
  evertoken import my-shop                                   asks for the token
  pass instagram/my-shop | evertoken import my-shop --local vault
  evertoken import my-shop --issued 2026-11-01 < token.txt   spares Instagram the renewal
  evertoken import --file accounts.csv                       columns: name, access_token, issued_at, expires_at
  evertoken import --file export.json --local vault          what `evertoken export` wrote";

/// What it is asked for.
#[derive(Debug, Args)]
pub(crate) struct Options {
    /// What the account is to be called.
    #[arg(required_unless_present = "file", conflicts_with = "file")]
    pub(crate) name: Option<AccountName>,
    /// Adopt all accounts of a CSV or JSON file; `-` is standard input.
    #[arg(long, value_name = "FILE")]
    pub(crate) file: Option<PathBuf>,
    /// When the token was issued or last renewed: `now`, 2026-11-22 or 2026-11-22T05:00:00Z. Else Instagram renews it, so
    /// that its life is known.
    #[arg(long, value_name = "DATE", value_parser = parse_date, conflicts_with = "file")]
    pub(crate) issued: Option<OffsetDateTime>,
    /// When the token ends, if that is what is known.
    #[arg(long, value_name = "DATE", value_parser = parse_date, conflicts_with = "file")]
    pub(crate) expires: Option<OffsetDateTime>,
    /// Let the token take the place of another account's.
    #[arg(long)]
    pub(crate) replace: bool,
    #[command(flatten)]
    pub(crate) place: VaultLocation,
}

fn parse_date(text: &str) -> Result<OffsetDateTime, String> {
    let now = SystemClock.now();
    let at = date::parse(text, now).ok_or("write it as 2026-11-22 or 2026-11-22T05:00:00Z")?;
    if date::is_believable(at, now) { Ok(at) } else { Err("a token of Instagram's lives for 60 days".to_owned()) }
}

/// What became of one account.
#[derive(Debug, Serialize)]
struct Entry {
    #[serde(skip_serializing_if = "Option::is_none")]
    line: Option<u64>,
    name: String,
    /// `imported`, `replaced` or `refused`.
    outcome: &'static str,
    username: Option<String>,
    account_id: Option<String>,
    #[serde(with = "time::serde::rfc3339::option")]
    expires_at: Option<OffsetDateTime>,
    /// Why it was refused, or how its life is known.
    reason: String,
    /// What was taken away from the token.
    #[serde(skip_serializing_if = "Option::is_none")]
    remark: Option<String>,
}

impl Entry {
    fn stored(document: Document, outcome: &'static str, reason: &str) -> Self {
        Self {
            line: None,
            name: document.name.into(),
            outcome,
            username: Some(document.username),
            account_id: Some(document.account_id.into()),
            expires_at: document.expires_at,
            reason: reason.to_owned(),
            remark: None,
        }
    }

    fn adopted(Adopted { document, life, replaced }: Adopted) -> Self {
        Self::stored(document, if replaced { "replaced" } else { "imported" }, life.words())
    }

    fn refused(name: &str, reason: String) -> Self {
        Self {
            line: None,
            name: name.to_owned(),
            outcome: "refused",
            username: None,
            account_id: None,
            expires_at: None,
            reason,
            remark: None,
        }
    }

    fn is_refused(&self) -> bool {
        self.outcome == "refused"
    }

    fn text(&self) -> String {
        let place = self.line.map_or_else(String::new, |line| format!("{line}: "));
        let Self { name, outcome, reason, .. } = self;
        let remark = self.remark.as_ref().map_or_else(String::new, |remark| format!(" {remark}"));
        match &self.username {
            Some(username) => {
                let until = self.expires_at.map_or_else(|| "no end".to_owned(), |at| format!("until {}", at.date()));
                format!("{place}{name} {outcome}: @{username}, {until} ({reason}){remark}")
            }
            None => format!("{place}{name} {outcome}: {reason}{remark}"),
        }
    }
}

/// Adopts one token, or a file of them; exit 3 if some of the file were refused.
pub(crate) async fn import(options: Options, variables: &Variables, json: bool) -> Result<ExitCode> {
    let provider = InstagramLogin::new(Endpoints::read(variables)?)?;
    let vault = AnyVault::open_or_make(&options.place, variables).await?;
    let app = app_store::known_app(&options.place, variables).await;
    let now = SystemClock.now();
    let locator = vault.locator();
    with_vault!(&vault, vault => {
        let adopter = Adopter { provider: &provider, vault, app: app.as_ref(), replace: options.replace, now };
        match (&options.file, &options.name) {
            (Some(file), _) => import_file(&adopter, file, json).await,
            (None, Some(name)) => import_one(&adopter, &locator, name, &options, json).await,
            (None, None) => Err(anyhow!("name the account, or a file with --file")),
        }
    })
}

async fn import_one<V: Vault>(
    adopter: &Adopter<'_, InstagramLogin, V>,
    locator: &DocumentLocator,
    name: &AccountName,
    options: &Options,
    json: bool,
) -> Result<ExitCode> {
    let token = pasted_input::read(&format!("Token of {name}: "), "token")?;
    if let Some(remark) = token.remark("token") {
        output::say(&remark);
    }
    let candidate = Candidate {
        name: name.clone(),
        token: AccessToken::new(token.expose()),
        issued_at: options.issued,
        expires_at: options.expires,
    };
    let account = adopter.adopt(candidate).await.map_err(|refusal| anyhow!("{name} was not imported. {refusal}"))?;
    let location = locator.location(name);
    let line = Entry::adopted(account);
    if json {
        output::data(&serde_json::to_string(&line)?)?;
    } else {
        output::data(&line.text())?;
        output::say(&format!("It is in {location}; Evertoken renews it from now on."));
    }
    Ok(ExitCode::SUCCESS)
}

async fn import_file<V: Vault>(adopter: &Adopter<'_, InstagramLogin, V>, file: &Path, json: bool) -> Result<ExitCode> {
    let text = read(file).with_context(|| format!("{} could not be read", file.display()))?;
    let rows = file::parse(text.expose_secret(), adopter.now).with_context(|| format!("{}", file.display()))?;
    let total = rows.len();
    let mut lines = Vec::new();
    let mut adopting = stream::iter(rows).map(|row| adopt(adopter, row)).buffered(TOGETHER);
    while let Some(line) = adopting.next().await {
        if !json {
            output::data(&line.text())?;
        }
        lines.push(line);
    }
    let refused = lines.iter().filter(|line| line.is_refused()).count();
    let imported = total - refused;
    if json {
        let report = json!({ "imported": imported, "refused": refused, "accounts": lines });
        output::data(&serde_json::to_string_pretty(&report)?)?;
    }
    output::say(&format!("{imported} of {total} accounts imported, {refused} refused."));
    if file != Path::new("-") && imported > 0 {
        output::say(&format!("{} still holds tokens: delete it.", file.display()));
    }
    Ok(if refused == 0 { ExitCode::SUCCESS } else { ExitCode::from(3) })
}

fn read(file: &Path) -> Result<SecretString> {
    let mut text = String::new();
    if file == Path::new("-") {
        std::io::stdin().lock().read_to_string(&mut text)?;
    } else {
        text = std::fs::read_to_string(file)?;
    }
    Ok(SecretString::from(text))
}

async fn adopt<V: Vault>(adopter: &Adopter<'_, InstagramLogin, V>, row: Row) -> Entry {
    let mut line = match row.content {
        Ok(Content::Token(candidate)) => match adopter.adopt(candidate).await {
            Ok(account) => Entry::adopted(account),
            Err(refusal) => Entry::refused(&row.name, refusal.to_string()),
        },
        Ok(Content::Document(document)) => match restoring::restore(adopter.vault, &document, adopter.replace).await {
            Ok(()) => Entry::stored(*document, "imported", "as it was exported"),
            Err(refusal) => Entry::refused(&row.name, refusal.to_string()),
        },
        Err(reason) => Entry::refused(&row.name, reason),
    };
    line.line = Some(row.number);
    line.remark = row.remark;
    line
}
