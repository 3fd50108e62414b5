//! The service with Instagram.

use std::path::PathBuf;
use std::sync::Arc;

use evertoken_aws::secret_names::{app_secret, signing_secret};
use evertoken_aws::settings::VaultSettings;
use evertoken_aws::{SecretsManagerApp, SecretsManagerSigningKeys};
use evertoken_callback::{LoginMode, Settings};
use evertoken_core::clock::SystemClock;
use evertoken_instagram::LoginSettings;
use tokio::net::TcpListener;

use super::local_server::LocalServer;
use super::removal_files::RemovalFiles;
use super::serve_options::ServeOptions;
use super::shutdown::Shutdown;
use crate::aws::stack::Stack;
use crate::context::Context;
use crate::credentials::any_credentials::{AnyApp, AnySigningKeys};
use crate::credentials::local_credentials;
use crate::error::Result;
use crate::sandbox_vault::sandbox_file;
use crate::terminal::output;
use crate::vault::any_vault::{self, AnyVault, Writes};
use crate::vault::local_folder::{self, DEFAULT_FOLDER};
use crate::vault::service_settings::ServiceSettings;
use crate::vault::vault_option::VaultOption;

/// Serves with the vault that the options or the variables select.
pub(crate) async fn serve(options: ServeOptions, context: &Context) -> Result<()> {
    let has_prefix = context.variables.get("EVERTOKEN_VAULT_PREFIX").is_some();
    if options.local.is_none() && (options.stack.is_some() || has_prefix) {
        with_secrets_manager(options, context).await
    } else {
        with_files(options, context).await
    }
}

async fn with_files(options: ServeOptions, context: &Context) -> Result<()> {
    // Before the port is bound, so that a wrong configuration has no side effects.
    let dir = options.local.clone().unwrap_or_else(|| PathBuf::from(DEFAULT_FOLDER));
    sandbox_file::refuse(&dir)?;
    let context = &context.with_variables(ServiceSettings::read(&dir)?.fill(context.variables.clone()));
    let app = local_credentials::app(&context.variables, &dir)?;
    let logins = LoginSettings::read(&context.variables)?;
    let listener = options.listen.bind()?;
    let context = options.listen.with_public_url(context, &listener)?.with_vault_option(VaultOption::local(&dir));
    let settings = options.brand.settings(&context.variables)?;
    let vault = local_folder::open_or_create(&dir)?;
    let signing_keys = AnySigningKeys::Local(Arc::new(local_credentials::signing_keys(&context.variables, &dir)?));
    let app = AnyApp::Local(Arc::new(app));
    let parts = Parts { app, signing_keys, vault, dir: Some(dir) };
    run(options, listener, settings, logins, parts, &context).await
}

/// With the variables of the Lambdas, or of the stack that was named.
async fn with_secrets_manager(options: ServeOptions, context: &Context) -> Result<()> {
    let listener = options.listen.bind()?;
    // Before the stack's variables are added: this service has another public URL than the Lambdas.
    let context = options.listen.with_public_url(context, &listener)?;
    let context = match &options.stack {
        Some(stack) => {
            let stack = Stack::read(&context, stack).await?;
            context.with_variables(stack.fill(context.variables.clone())?)
        }
        None => context,
    };
    let variables = &context.variables;
    let logins = LoginSettings::read(variables)?;
    let settings = options.brand.settings(variables)?;
    let vault = VaultSettings::read(variables)?;
    let (app, signing) = (app_secret(variables)?, signing_secret(variables)?);
    let client = context.aws().await?.secrets_manager();
    let app = AnyApp::Aws(Arc::new(SecretsManagerApp::new(client.clone(), app, SystemClock)));
    let signing_keys = SecretsManagerSigningKeys::new(client, signing, SystemClock);
    let signing_keys = AnySigningKeys::Aws(Arc::new(signing_keys));
    let vault = any_vault::in_aws(&vault, Writes::Few, &context).await?;
    let parts = Parts { app, signing_keys, vault, dir: None };
    run(options, listener, settings, logins, parts, &context).await
}

/// What is in files or in AWS.
struct Parts {
    app: AnyApp,
    signing_keys: AnySigningKeys,
    vault: AnyVault,
    /// The folder of the files. It also contains the feeds; those of a stack are published by the stack.
    dir: Option<PathBuf>,
}

async fn run(
    options: ServeOptions,
    listener: TcpListener,
    settings: Settings,
    logins: LoginSettings,
    Parts { app, signing_keys, vault, dir }: Parts,
    context: &Context,
) -> Result<()> {
    let server = options.listen.server(listener, &settings.public_url, dir.as_deref())?;
    let shutdown = Shutdown::on_signal()?;
    print_next_steps(&settings, &context.vault_option);
    let server = LocalServer {
        server,
        settings,
        logins,
        app,
        signing_keys,
        vault,
        clock: Arc::new(SystemClock),
        removals: dir.as_deref().map(RemovalFiles::in_folder),
        on_renewed: options.on_renewed,
        sandbox_events: None,
        refresh_requests: None,
        feeds: dir,
    };
    server.run(context, shutdown).await
}

fn print_next_steps(settings: &Settings, vault_option: &VaultOption) {
    if settings.login_mode == LoginMode::InviteOnly {
        let (evertoken, public_url) = (output::invocation(), &settings.public_url);
        output::note(&format!(
            "Create an invite link with: {evertoken} invite --public-url {public_url} --name my-shop{vault_option}"
        ));
    }
    output::note(&format!("Meta's dashboard must list this redirect URI: {}", settings.redirect_uri()));
}
