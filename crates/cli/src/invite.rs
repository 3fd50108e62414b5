//! `evertoken invite`: a link that lets one person connect an account.

use std::process::ExitCode;

use anyhow::{Context, Result, bail};
use evertoken_aws::settings::CredentialSettings;
use evertoken_aws::{Aws, SecretsManagerCredentials};
use evertoken_core::invite::{Invite, InviteId, LONGEST_ONCE, link};
use evertoken_core::ports::{Clock, Credentials};
use evertoken_core::signing::SigningKeys;
use evertoken_core::system::{SystemClock, SystemEntropy};
use evertoken_core::variables::{self, Variables};
use evertoken_https::Tls;
use serde_json::json;
use time::format_description::well_known::Rfc3339;

use crate::{arguments, log, own_credentials};

/// Makes it.
pub(crate) async fn invite(options: arguments::Invite, variables: &Variables, json: bool) -> Result<ExitCode> {
    let public_url = match &options.public_url {
        Some(url) => variables::parse_secure_url(url)
            .with_context(|| format!("--public-url is {url:?}; it should hold the https URL of the service"))?,
        None => variables::public_url(variables)?,
    };
    let keys = signing_keys(&options, variables).await?;
    let lifetime = time::Duration::try_from(options.expires).context("--expires is too long")?;
    let expires_at = SystemClock.now().checked_add(lifetime).context("--expires is too long")?;
    if options.once && lifetime > LONGEST_ONCE {
        bail!("--once goes with --expires 30d at most: that a link was used is not remembered for longer");
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
        log::data(&json!({ "url": link, "expires_at": until }).to_string())?;
    } else {
        log::data(link.as_str())?;
        log::say(&format!("It holds until {until}."));
    }
    Ok(ExitCode::SUCCESS)
}

async fn signing_keys(options: &arguments::Invite, variables: &Variables) -> Result<SigningKeys> {
    if let Some(dir) = &options.place.local {
        return own_credentials::signing_keys(variables, dir);
    }
    let secret = match &options.signing_secret {
        Some(secret) => secret.clone(),
        None => variables
            .require("EVERTOKEN_SIGNING_SECRET", "the signing secret's name or ARN; or name it with --signing-secret")?
            .to_owned(),
    };
    let client = Aws::connect(&Tls::of_the_machine()).await?.secrets_manager();
    let credentials =
        SecretsManagerCredentials::new(client, CredentialSettings { app: String::new(), signing: secret }, SystemClock);
    Ok((*credentials.signing_keys().await?).clone())
}
