//! The service against Instagram.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::Result;
use evertoken_aws::settings::{VaultSettings, app_secret, signing_secret};
use evertoken_aws::{SecretsManagerApp, SecretsManagerSigningKeys, SecretsManagerVault};
use evertoken_callback::{Admission, Settings};
use evertoken_core::clock::SystemClock;
use evertoken_core::variables::Variables;
use evertoken_instagram::Endpoints;
use url::Url;

use super::local_server::LocalServer;
use super::serve_options::ServeOptions;
use super::shutdown::Shutdown;
use crate::any_credentials::{AnyApp, AnySigningKeys};
use crate::aws::aws_client::aws;
use crate::aws::stack::Stack;
use crate::credentials::local_credentials;
use crate::file_vault::FileVault;
use crate::terminal::output;

/// Over the vault that was named.
pub(crate) async fn serve(options: ServeOptions, variables: &Variables, json: bool) -> Result<()> {
    if options.local.is_none() && (options.stack.is_some() || variables.get("EVERTOKEN_VAULT_PREFIX").is_some()) {
        over_secrets_manager(options, variables, json).await
    } else {
        over_files(options, variables, json).await
    }
}

async fn over_files(options: ServeOptions, variables: &Variables, json: bool) -> Result<()> {
    // All is checked before the port is taken.
    let dir = options.local.unwrap_or_else(|| PathBuf::from("evertoken-data"));
    let app = local_credentials::app(variables, Some(&dir))?;
    let endpoints = Endpoints::read(variables)?;
    let listener = options.listen.listen().await?;
    let variables = options.listen.public_url(variables, &listener)?;
    let settings = Settings::read(&variables)?;
    let vault = FileVault::open(&dir)?;
    let signing_keys = AnySigningKeys::Local(Arc::new(local_credentials::signing_keys(&variables, &dir)?));
    let (app, locator) = (AnyApp::Local(Arc::new(app)), vault.locator());
    let server = options.listen.open(listener, &settings.public_url, Some(&dir))?;
    let end = Shutdown::on_signal()?;
    if settings.admission == Admission::Invited {
        say_how_to_invite(Some(&dir), &settings.public_url);
    }
    say_redirect_uri(&settings);
    LocalServer { server, settings, endpoints, app, signing_keys, vault, locator, clock: Arc::new(SystemClock) }
        .run(&variables, json, end)
        .await
}

/// With the variables of the Lambdas, or of the stack that was named.
async fn over_secrets_manager(options: ServeOptions, variables: &Variables, json: bool) -> Result<()> {
    let endpoints = Endpoints::read(variables)?;
    let listener = options.listen.listen().await?;
    // Before the stack's own: this service is reached elsewhere than its Lambdas.
    let variables = options.listen.public_url(variables, &listener)?;
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
    let server = options.listen.open(listener, &settings.public_url, None)?;
    let end = Shutdown::on_signal()?;
    if settings.admission == Admission::Invited {
        say_how_to_invite(None, &settings.public_url);
    }
    say_redirect_uri(&settings);
    LocalServer { server, settings, endpoints, app, signing_keys, vault, locator, clock: Arc::new(SystemClock) }
        .run(&variables, json, end)
        .await
}

fn say_redirect_uri(settings: &Settings) {
    output::say(&format!("Meta must know the redirect URI {}", settings.redirect_uri()));
}

fn say_how_to_invite(dir: Option<&Path>, public_url: &Url) {
    let local = dir.map_or_else(String::new, |dir| format!(" --local {}", dir.display()));
    let evertoken = output::command();
    output::say(&format!("Make an invite with: {evertoken} invite{local} --public-url {public_url} --name my-shop"));
}
