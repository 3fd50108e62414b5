//! The service with the Instagram sandbox, in the same process.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use evertoken_callback::{LoginMode, Settings};
use evertoken_core::app::App;
use evertoken_core::{public_url, variables};
use evertoken_instagram::LoginSettings;
use evertoken_sandbox::Sandbox;
use tempfile::TempDir;
use time::Duration;
use tokio::sync::Mutex;
use url::Url;

use super::http_server::{self, HttpServer};
use super::local_server::LocalServer;
use super::refresh_trigger::RefreshTrigger;
use super::removal_files::RemovalFiles;
use super::restored_tokens;
use super::sandbox_clock::SandboxClock;
use super::sandbox_service::{SandboxFolder, SandboxService};
use super::serve_options::ServeOptions;
use super::shutdown::Shutdown;
use crate::context::Context;
use crate::credentials::any_credentials::{AnyApp, AnySigningKeys};
use crate::credentials::local_credentials;
use crate::error::{CliError, Result};
use crate::events::sandbox_events::SandboxEvents;
use crate::sandbox_vault::offset_clock::OffsetClock;
use crate::sandbox_vault::running_sandbox;
use crate::sandbox_vault::sandbox_error::SandboxError;
use crate::sandbox_vault::sandbox_file::{self, SandboxFile};
use crate::terminal::output;
use crate::vault::local_folder;
use crate::vault::vault_option::VaultOption;

/// Serves with a file vault. Everyone may log in: the sandbox's accounts belong to nobody.
pub(crate) async fn serve(options: ServeOptions, context: &Context) -> Result<()> {
    let clock_offset = match &options.local {
        Some(dir) => check_folder(dir).await?,
        None => Duration::ZERO,
    };
    let listener = options.listen.bind()?;
    let context = options.listen.with_public_url(context, &listener)?;
    let settings = Settings { login_mode: LoginMode::Open, ..options.brand.settings(&context.variables)? };
    let run_every = variables::policy(&context.variables)?.run_every;
    let sandbox_settings = evertoken_sandbox::Settings::default().with_failing_accounts();
    let app = App::new(&sandbox_settings.app_id, &sandbox_settings.app_secret, &[])
        .and_then(|app| app.with_meta(&sandbox_settings.meta_app_id, &sandbox_settings.meta_app_secret))
        .map_err(|reason| CliError::App { location: "the sandbox".to_owned(), reason })?;
    let sandbox = Sandbox::new(sandbox_settings);
    sandbox.advance(OffsetClock::ahead_by(clock_offset).offset());
    sandbox.register_redirect_uri(settings.redirect_uri().as_str());
    let sandbox_server = HttpServer { listener: http_server::bind_loopback(0)?, tls: None };
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
    restored_tokens::restore(&sandbox, &vault).await?;
    let signing_keys = AnySigningKeys::Local(Arc::new(local_credentials::signing_keys(&context.variables, &dir)?));
    let app = AnyApp::Local(Arc::new(app));
    let server = options.listen.server(listener, &settings.public_url, Some(&dir))?;
    let folder = SandboxFolder { dir: dir.clone(), origin: origin.clone(), public_url: settings.public_url.clone() };
    folder.note(&sandbox)?;
    let shutdown = Shutdown::on_signal()?;
    print_next_steps(&context.vault_option, &origin);
    let (refreshes, refresh_requests) = RefreshTrigger::new();
    let service = SandboxService {
        sandbox: sandbox.clone(),
        folder: folder.clone(),
        refreshes,
        run_every,
        clicks: Mutex::default(),
    };
    let sandbox_router = sandbox.router_with(Arc::new(service));
    let sandbox_serving = tokio::spawn(sandbox_server.serve(sandbox_router, shutdown.clone()));
    let server = LocalServer {
        server,
        settings,
        logins: LoginSettings::read(&context.variables)?.on_one_origin(&origin),
        app,
        signing_keys,
        vault,
        clock: Arc::new(SandboxClock(sandbox.clone())),
        removals: Some(RemovalFiles::in_folder(&dir)),
        on_renewed: options.on_renewed,
        sandbox_events: Some(SandboxEvents(sandbox.clone())),
        refresh_requests: Some(refresh_requests),
        feeds: Some(dir),
    };
    server.run(&context, shutdown).await?;
    sandbox_serving.await.map_err(|_| CliError::Panic("the sandbox"))?;
    folder.note(&sandbox)
}

/// Returns how far the clock of an earlier sandbox in this folder was ahead. Refuses a folder that another sandbox or
/// Instagram uses.
async fn check_folder(dir: &Path) -> Result<Duration> {
    let file = match SandboxFile::read(dir) {
        Ok(Some(file)) => file,
        Ok(None) => return sandbox_file::refuse_real_vault(dir).map(|()| Duration::ZERO),
        // It is a sandbox's folder all the same, and the file is written again.
        Err(CliError::Sandbox(SandboxError::File { .. })) => return Ok(Duration::ZERO),
        Err(error) => return Err(error),
    };
    if running_sandbox::clock_offset(&file).await.is_some() {
        return Err(SandboxError::Running(dir.to_owned()).into());
    }
    Ok(file.clock_offset())
}

fn origin_of(server: &HttpServer) -> Result<Url> {
    let address = server.listener.local_addr().map_err(CliError::Serve)?;
    let mut origin = Url::parse("http://127.0.0.1").map_err(|_| CliError::Panic("the sandbox"))?;
    origin.set_port(Some(address.port())).map_err(|()| CliError::Panic("the sandbox"))?;
    Ok(origin)
}

fn print_next_steps(vault_option: &VaultOption, origin: &Url) {
    let evertoken = output::invocation();
    let control_page = public_url::join(origin, "sandbox");
    output::note(&format!(
        "Open the URL below and connect one of the sandbox's accounts. Then let time pass and break tokens at\n  \
         {control_page}\n\
         and see what that does, in another terminal:\n  \
         {evertoken} list{vault_option}\n\
         Press Ctrl-C to stop."
    ));
}
