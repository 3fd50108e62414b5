//! The service against Instagram.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::Result;
use evertoken_aws::settings::{VaultSettings, app_secret, signing_secret};
use evertoken_aws::{SecretsManagerApp, SecretsManagerSigningKeys, SecretsManagerVault};
use evertoken_callback::{LoginMode, Settings};
use evertoken_core::clock::SystemClock;
use evertoken_core::variables::Variables;
use evertoken_instagram::Endpoints;
use url::Url;

use super::Options;
use super::house::House;
use crate::amazon::aws;
use crate::any_credentials::{AnyApp, AnySigningKeys};
use crate::file_vault::FileVault;
use crate::listen::End;
use crate::log;
use crate::own_credentials;
use crate::stack::Stack;

/// Over the vault that was named.
pub(super) async fn serve(options: Options, variables: &Variables, json: bool) -> Result<()> {
    if options.local.is_none() && (options.stack.is_some() || variables.get("EVERTOKEN_VAULT_PREFIX").is_some()) {
        over_secrets_manager(options, variables, json).await
    } else {
        over_files(options, variables, json).await
    }
}

async fn over_files(options: Options, variables: &Variables, json: bool) -> Result<()> {
    // All is checked before the port is taken.
    let dir = options.local.unwrap_or_else(|| PathBuf::from("evertoken-data"));
    let app = own_credentials::app(variables, Some(&dir))?;
    let endpoints = Endpoints::read(variables)?;
    let listener = options.door.listen().await?;
    let variables = options.door.public_url(variables, &listener)?;
    let settings = Settings::read(&variables)?;
    let vault = FileVault::open(&dir)?;
    let signing_keys = AnySigningKeys::Local(Arc::new(own_credentials::signing_keys(&variables, &dir)?));
    let (app, locator) = (AnyApp::Local(Arc::new(app)), vault.locator());
    let door = options.door.open(listener, &settings.public_url, Some(&dir))?;
    let end = End::on_signal()?;
    if settings.login_mode == LoginMode::InviteOnly {
        say_how_to_invite(Some(&dir), &settings.public_url);
    }
    say_redirect_uri(&settings);
    House { door, settings, endpoints, app, signing_keys, vault, locator, clock: Arc::new(SystemClock) }
        .run(&variables, json, end)
        .await
}

/// With the variables of the Lambdas, or of the stack that was named.
async fn over_secrets_manager(options: Options, variables: &Variables, json: bool) -> Result<()> {
    let endpoints = Endpoints::read(variables)?;
    let listener = options.door.listen().await?;
    // Before the stack's own: this service is reached elsewhere than its Lambdas.
    let variables = options.door.public_url(variables, &listener)?;
    let variables = match &options.stack {
        Some(stack) => Stack::read(stack).await?.fill(variables)?,
        None => variables,
    };
    let settings = Settings::read(&variables)?;
    let vault = VaultSettings::read(&variables)?;
    let (app, signing) = (app_secret(&variables)?, signing_secret(&variables)?);
    let client = aws().await?.secrets_manager();
    let app = AnyApp::Aws(Arc::new(SecretsManagerApp::new(client.clone(), app, SystemClock)));
    let signing_keys =
        AnySigningKeys::Aws(Arc::new(SecretsManagerSigningKeys::new(client.clone(), signing, SystemClock)));
    let locator = vault.locator();
    let vault = SecretsManagerVault::new(client, &vault);
    let door = options.door.open(listener, &settings.public_url, None)?;
    let end = End::on_signal()?;
    if settings.login_mode == LoginMode::InviteOnly {
        say_how_to_invite(None, &settings.public_url);
    }
    say_redirect_uri(&settings);
    House { door, settings, endpoints, app, signing_keys, vault, locator, clock: Arc::new(SystemClock) }
        .run(&variables, json, end)
        .await
}

fn say_redirect_uri(settings: &Settings) {
    log::say(&format!("Meta must know the redirect URI {}", settings.redirect_uri()));
}

fn say_how_to_invite(dir: Option<&Path>, public_url: &Url) {
    let local = dir.map_or_else(String::new, |dir| format!(" --local {}", dir.display()));
    let evertoken = log::command();
    log::say(&format!("Make an invite with: {evertoken} invite{local} --public-url {public_url} --name my-shop"));
}
