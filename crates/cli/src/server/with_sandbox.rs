//! The service with the Instagram sandbox, in the same process.

use std::path::PathBuf;
use std::sync::Arc;

use evertoken_callback::{LoginMode, Settings};
use evertoken_core::app::App;
use evertoken_core::public_url;
use evertoken_instagram::Endpoints;
use evertoken_sandbox::Sandbox;
use tempfile::TempDir;
use url::Url;

use super::http_server::{self, HttpServer};
use super::local_server::LocalServer;
use super::removal_files::RemovalFiles;
use super::sandbox_clock::SandboxClock;
use super::serve_options::ServeOptions;
use super::shutdown::Shutdown;
use crate::context::Context;
use crate::credentials::any_credentials::{AnyApp, AnySigningKeys};
use crate::credentials::local_credentials;
use crate::error::{CliError, Result};
use crate::terminal::output;
use crate::vault::local_folder;
use crate::vault::vault_option::VaultOption;

/// Serves with a file vault. Everyone may log in: the sandbox's accounts belong to nobody.
pub(crate) async fn serve(options: ServeOptions, context: &Context) -> Result<()> {
    let listener = options.listen.bind().await?;
    let context = options.listen.with_public_url(context, &listener)?;
    let settings = Settings { login_mode: LoginMode::Open, ..options.brand.settings(&context.variables)? };
    let sandbox_settings = evertoken_sandbox::Settings::default();
    let app = App::new(&sandbox_settings.app_id, &sandbox_settings.app_secret, &[])
        .map_err(|reason| CliError::App { location: "the sandbox".to_owned(), reason })?;
    let sandbox = Sandbox::new(sandbox_settings);
    sandbox.register_redirect_uri(settings.redirect_uri().as_str());
    let sandbox_server = HttpServer { listener: http_server::bind_loopback(0).await?, tls: None };
    let origin = origin_of(&sandbox_server)?;

    // Without a folder, nothing is kept: the sandbox's tokens end with the process too.
    let temporary = match options.local {
        None => Some(TempDir::with_prefix("evertoken-").map_err(CliError::TemporaryFolder)?),
        Some(_) => None,
    };
    let dir =
        options.local.unwrap_or_else(|| temporary.as_ref().map_or_else(PathBuf::new, |dir| dir.path().to_owned()));
    let context = context.with_vault_option(VaultOption::local(&dir));
    let vault = local_folder::open_or_create(&dir)?;
    let signing_keys = AnySigningKeys::Local(Arc::new(local_credentials::signing_keys(&context.variables, &dir)?));
    let app = AnyApp::Local(Arc::new(app));
    let server = options.listen.server(listener, &settings.public_url, Some(&dir))?;
    let shutdown = Shutdown::on_signal()?;
    print_next_steps(&context.vault_option, &origin);
    let clock = Arc::new(SandboxClock(sandbox.clone()));
    let sandbox_serving = tokio::spawn(sandbox_server.serve(sandbox.router(), shutdown.clone()));
    let endpoints = Endpoints::on_one_origin(&origin);
    let removals = Some(RemovalFiles::in_folder(&dir));
    LocalServer { server, settings, endpoints, app, signing_keys, vault, clock, removals }
        .run(&context, shutdown)
        .await?;
    sandbox_serving.await.map_err(|_| CliError::Panic("the sandbox"))
}

fn origin_of(server: &HttpServer) -> Result<Url> {
    let address = server.listener.local_addr().map_err(CliError::Serve)?;
    let mut origin = Url::parse("http://127.0.0.1").map_err(|_| CliError::Panic("the sandbox"))?;
    origin.set_port(Some(address.port())).map_err(|()| CliError::Panic("the sandbox"))?;
    Ok(origin)
}

fn print_next_steps(vault_option: &VaultOption, origin: &Url) {
    let evertoken = output::invocation();
    let clock = public_url::join(origin, "_sandbox/clock");
    output::note(&format!(
        "Open the URL below, connect one of the sandbox's accounts, then try in another terminal:\n  \
         {evertoken} list{vault_option}\n  \
         curl -X POST {clock} -H 'content-type: application/json' -d '{{\"advance_seconds\": 1900800}}'   # 22 days pass: the token is refreshed\n\
         Press Ctrl-C to stop."
    ));
}
