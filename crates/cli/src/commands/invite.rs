//! `evertoken invite`: a link that lets one person connect an account.

use evertoken_core::credentials::SigningKeySource;
use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context, Result};
use clap::Args;
use evertoken_aws::SecretsManagerSigningKeys;
use evertoken_core::account::{AccountId, AccountName};
use evertoken_core::clock::Clock;
use evertoken_core::clock::SystemClock;
use evertoken_core::entropy::SystemEntropy;
use evertoken_core::invite::{Invite, InviteId, LONGEST_NOTE, LONGEST_ONCE, link};
use evertoken_core::signing::SigningKeys;
use evertoken_core::variables::{self, Variables};
use serde_json::json;
use time::format_description::well_known::Rfc3339;
use url::Url;

use crate::aws::aws_client::aws;
use crate::credentials::local_credentials;
use crate::error::CliError;
use crate::terminal::output;
use crate::terminal::qr;
use crate::vault::location::VaultLocation;

/// What it is asked for.
#[derive(Debug, Args)]
pub(crate) struct Options {
    /// What the account is to be called; by default its id.
    #[arg(long)]
    pub(crate) name: Option<AccountName>,
    /// The one account that may log in: its id, as 17841405793187218.
    #[arg(long, value_name = "ACCOUNT_ID")]
    pub(crate) expect: Option<AccountId>,
    /// Let another account take the place of the one that is stored under the name.
    #[arg(long)]
    pub(crate) replace: bool,
    /// Let the link connect one account and no second.
    #[arg(long)]
    pub(crate) once: bool,
    /// Words for the person who opens the link, shown before they go to Instagram; 300 characters at most.
    #[arg(long, value_name = "TEXT", value_parser = note)]
    pub(crate) note: Option<String>,
    /// Where the person is sent afterwards; must lie below one of `EVERTOKEN_RETURN_URLS`.
    #[arg(long, value_name = "URL")]
    pub(crate) return_to: Option<Url>,
    /// How long the link holds, as 7d or 12h.
    #[arg(long, default_value = "7d", value_name = "DURATION", value_parser = humantime::parse_duration)]
    pub(crate) expires: Duration,
    /// Where people reach the service; by default `EVERTOKEN_PUBLIC_URL`.
    #[arg(long, value_name = "URL")]
    pub(crate) public_url: Option<String>,
    /// The signing secret's name or ARN in Secrets Manager; by default `EVERTOKEN_SIGNING_SECRET`.
    #[arg(long, value_name = "SECRET", conflicts_with = "local")]
    pub(crate) signing_secret: Option<String>,
    /// Show the link as a QR code too.
    #[arg(long)]
    pub(crate) qr: bool,
    #[command(flatten)]
    pub(crate) place: VaultLocation,
}

impl Options {
    /// Which variables the options leave open.
    fn needed(&self) -> Vec<&'static str> {
        let url = self.public_url.is_none().then_some("EVERTOKEN_PUBLIC_URL");
        let keys = self.signing_secret.is_none().then_some("EVERTOKEN_SIGNING_SECRET");
        url.into_iter().chain(keys).collect()
    }
}

/// What stands below the options.
pub(crate) const HELP: &str = "\
Examples:
  evertoken invite --name shop-de
  evertoken invite --name shop-de --once --expires 12h --note 'Hello Anna, please connect.'
  evertoken invite --name shop-de --local vault --qr --public-url https://connect.example.com";

fn note(text: &str) -> Result<String, String> {
    let text = text.trim();
    if text.chars().count() > LONGEST_NOTE || text.chars().any(char::is_control) {
        return Err(format!("a note is one line of {LONGEST_NOTE} characters at most"));
    }
    Ok(text.to_owned())
}

/// Makes it.
pub(crate) async fn invite(options: Options, variables: &Variables, json: bool) -> Result<ExitCode> {
    if json && options.qr {
        return Err(CliError::usage("--qr is for people, --json is for programs", "give one of the two").into());
    }
    let variables = &options.place.variables(variables, &options.needed()).await?;
    let public_url = match &options.public_url {
        Some(url) => variables::parse_secure_url(url).ok_or_else(|| {
            let help =
                "give the https URL of the service, as https://connect.example.com (plain http on loopback only)";
            CliError::usage(format!("--public-url is {url:?}"), help)
        })?,
        None => variables::public_url(variables)?,
    };
    let keys = signing_keys(&options, variables).await?;
    let lifetime = time::Duration::try_from(options.expires).context("--expires is too long")?;
    let expires_at = SystemClock.now().checked_add(lifetime).context("--expires is too long")?;
    if options.once && lifetime > LONGEST_ONCE {
        let what = "--once goes with --expires 30d at most";
        return Err(CliError::usage(what, "that a link was used is not remembered for longer").into());
    }
    let once = options.once.then(|| InviteId::generate(&SystemEntropy)).transpose()?;
    let invite = Invite {
        name: options.name,
        account: options.expect,
        return_to: options.return_to,
        replace: options.replace,
        note: options.note,
        once,
        ..Invite::new(expires_at)
    };
    let link = link(&public_url, &keys.sign(&invite));
    let until = expires_at.format(&Rfc3339)?;
    if json {
        output::data(&json!({ "url": link, "expires_at": until }).to_string())?;
    } else {
        output::data(link.as_str())?;
        if options.qr {
            qr::print(link.as_str())?;
        }
        output::say(&format!("It holds until {until}."));
    }
    Ok(ExitCode::SUCCESS)
}

async fn signing_keys(options: &Options, variables: &Variables) -> Result<SigningKeys> {
    if let Some(dir) = &options.place.local {
        return local_credentials::signing_keys(variables, dir);
    }
    let secret = match &options.signing_secret {
        Some(secret) => secret.clone(),
        None => variables
            .require("EVERTOKEN_SIGNING_SECRET", "the signing secret's name or ARN; or name it with --signing-secret")?
            .to_owned(),
    };
    let client = aws().await?.secrets_manager();
    let credentials = SecretsManagerSigningKeys::new(client, secret, SystemClock);
    Ok((*credentials.signing_keys().await?).clone())
}
