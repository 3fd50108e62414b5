//! The service against a stand-in for Instagram, in the same process.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::Result;
use evertoken_callback::{Admission, Settings};
use evertoken_core::app::App;
use evertoken_core::public_url;
use evertoken_core::variables::Variables;
use evertoken_instagram::Endpoints;
use evertoken_sandbox::Sandbox;
use tempfile::TempDir;
use url::Url;

use super::listen;
use super::local_server::LocalServer;
use super::serve_options::ServeOptions;
use super::shutdown::Shutdown;
use crate::any_credentials::{AnyApp, AnySigningKeys};
use crate::commands::sandbox::SandboxClock;
use crate::credentials::local_credentials;
use crate::file_vault::FileVault;
use crate::terminal::output;

/// Always over a vault of files, and open to everybody: its accounts are nobody's.
pub(crate) async fn serve(options: ServeOptions, variables: &Variables, json: bool) -> Result<()> {
    let listener = options.listen.listen().await?;
    let variables = options.listen.public_url(variables, &listener)?;
    let settings = Settings { admission: Admission::Open, ..Settings::read(&variables)? };
    let sandbox_listener = listen::bind_loopback(0).await?;
    let origin: Url = format!("http://{}", sandbox_listener.local_addr()?).parse()?;
    let sandbox_settings = evertoken_sandbox::Settings::default();
    let app = App::new(&sandbox_settings.app_id, &sandbox_settings.app_secret, &[])?;
    let sandbox = Sandbox::new(sandbox_settings);
    sandbox.register_redirect_uri(settings.redirect_uri().as_str());

    // Without a folder of one's own, all is gone at the end: so are the sandbox's tokens.
    let temporary = if options.local.is_none() { Some(TempDir::with_prefix("evertoken-")?) } else { None };
    let dir =
        options.local.unwrap_or_else(|| temporary.as_ref().map_or_else(PathBuf::new, |dir| dir.path().to_owned()));
    let vault = FileVault::open(&dir)?;
    let signing_keys = AnySigningKeys::Local(Arc::new(local_credentials::signing_keys(&variables, &dir)?));
    let (app, locator) = (AnyApp::Local(Arc::new(app)), vault.locator());
    let server = options.listen.open(listener, &settings.public_url, Some(&dir))?;
    let end = Shutdown::on_signal()?;
    say_what_to_try(&dir, &origin);
    let clock = Arc::new(SandboxClock(sandbox.clone()));
    let sandbox_serving = tokio::spawn(listen::serve(sandbox_listener, sandbox.router(), end.clone()));
    let endpoints = Endpoints::on_one_origin(&origin);
    LocalServer { server, settings, endpoints, app, signing_keys, vault, locator, clock }
        .run(&variables, json, end)
        .await?;
    sandbox_serving.await?
}

fn say_what_to_try(dir: &Path, origin: &Url) {
    let (dir, evertoken) = (dir.display(), output::command());
    let clock = public_url::join(origin, "_sandbox/clock");
    output::say(&format!(
        "Open the page, connect one of the sandbox's accounts, then try in another terminal:\n  \
         {evertoken} list --local {dir}\n  \
         curl -X POST {clock} -H 'content-type: application/json' -d '{{\"advance_seconds\": 1900800}}'   # 22 days pass: the token is renewed\n\
         Ctrl-C ends it. The page to open:"
    ));
}
