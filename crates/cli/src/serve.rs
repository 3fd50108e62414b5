//! `evertoken serve`: the pages, the refresh loop, the file vault and, if wanted, the sandbox in one process.

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::{Context, Result};
use evertoken_callback::{Admission, Service, Settings, routes};
use evertoken_core::app::App;
use evertoken_core::login::below;
use evertoken_core::metrics::NoMetrics;
use evertoken_core::ports::Clock;
use evertoken_core::refresh::Refresher;
use evertoken_core::system::{SystemClock, SystemEntropy};
use evertoken_core::variables::{self, Variables};
use evertoken_instagram::{Endpoints, InstagramLogin};
use evertoken_sandbox::Sandbox;
use tempfile::TempDir;
use tokio::net::TcpListener;
use url::Url;

use crate::file_vault::FileVault;
use crate::listen::{self, End};
use crate::logged_events::LoggedEvents;
use crate::own_credentials::{self, OwnCredentials};
use crate::refresh_loop;
use crate::sandbox::SandboxClock;
use crate::{arguments, log};

/// Serves until Ctrl-C.
pub(crate) async fn serve(options: arguments::Serve, variables: &Variables) -> Result<ExitCode> {
    if options.sandbox { with_sandbox(options, variables).await } else { with_instagram(options, variables).await }
}

/// What is the same with and without a sandbox.
struct House<C> {
    listener: TcpListener,
    settings: Settings,
    endpoints: Endpoints,
    app: App,
    clock: C,
    dir: PathBuf,
}

impl<C: Clock + Clone> House<C> {
    async fn run(self, variables: &Variables, end: End) -> Result<()> {
        let provider = InstagramLogin::new(self.endpoints)?;
        let vault = FileVault::open(&self.dir)?;
        let signing_keys = Arc::new(own_credentials::signing_keys(variables, &self.dir)?);
        let refresher = Refresher {
            provider: provider.clone(),
            vault: vault.clone(),
            clock: self.clock.clone(),
            entropy: SystemEntropy,
            events: LoggedEvents,
            policy: variables::policy(variables)?,
            limits: variables::limits(variables)?,
        };
        let service = Service {
            provider,
            vault,
            credentials: OwnCredentials { app: Arc::new(self.app), signing_keys },
            clock: self.clock,
            entropy: SystemEntropy,
            events: LoggedEvents,
            metrics: NoMetrics,
            settings: self.settings,
        };
        log::data(service.settings.public_url.as_str())?;
        let refreshing = tokio::spawn(refresh_loop::run(Arc::new(refresher), end.clone()));
        listen::serve(self.listener, routes(Arc::new(service)), end).await?;
        refreshing.await.context("the refresh loop panicked")
    }
}

async fn with_instagram(options: arguments::Serve, variables: &Variables) -> Result<ExitCode> {
    let app = own_credentials::app(variables)?;
    let endpoints = Endpoints::read(variables)?;
    // Checked before the port is taken; the port may be part of the default URL.
    let listener = listen::bind(options.port).await?;
    let settings = Settings::read(&with_public_url(variables, &listener)?)?;
    let dir = options.local.unwrap_or_else(|| PathBuf::from("evertoken-data"));
    let end = End::on_signal()?;
    if settings.admission == Admission::Invited {
        say_how_to_invite(&dir, &settings.public_url);
    }
    log::say(&format!("Meta must know the redirect URI {}", settings.redirect_uri()));
    House { listener, settings, endpoints, app, clock: SystemClock, dir }.run(variables, end).await?;
    Ok(ExitCode::SUCCESS)
}

async fn with_sandbox(options: arguments::Serve, variables: &Variables) -> Result<ExitCode> {
    let listener = listen::bind(options.port).await?;
    let settings = Settings { admission: Admission::Open, ..Settings::read(&with_public_url(variables, &listener)?)? };
    let sandbox_listener = listen::bind(0).await?;
    let origin: Url = format!("http://{}", sandbox_listener.local_addr()?).parse()?;
    let sandbox_settings = evertoken_sandbox::Settings::default();
    let app = App::new(&sandbox_settings.app_id, &sandbox_settings.app_secret, &[])?;
    let sandbox = Sandbox::new(sandbox_settings);
    sandbox.register_redirect_uri(settings.redirect_uri().as_str());

    // Without a folder of one's own, all is gone at the end: so are the sandbox's tokens.
    let temporary = if options.local.is_none() { Some(TempDir::with_prefix("evertoken-")?) } else { None };
    let dir =
        options.local.unwrap_or_else(|| temporary.as_ref().map_or_else(PathBuf::new, |dir| dir.path().to_owned()));
    let end = End::on_signal()?;
    say_what_to_try(&dir, &origin);
    let clock = SandboxClock(sandbox.clone());
    let sandbox_serving = tokio::spawn(listen::serve(sandbox_listener, sandbox.router(), end.clone()));
    let endpoints = Endpoints::on_one_origin(&origin);
    House { listener, settings, endpoints, app, clock, dir }.run(variables, end).await?;
    sandbox_serving.await??;
    Ok(ExitCode::SUCCESS)
}

/// Where people reach the pages: the variable, else this machine's loopback.
fn with_public_url(variables: &Variables, listener: &TcpListener) -> Result<Variables> {
    Ok(variables.clone().or("EVERTOKEN_PUBLIC_URL", &format!("http://{}", listener.local_addr()?)))
}

fn say_what_to_try(dir: &Path, origin: &Url) {
    let (dir, evertoken) = (dir.display(), log::command());
    let clock = below(origin, "_sandbox/clock");
    log::say(&format!(
        "Open the page, connect one of the sandbox's accounts, then try in another terminal:\n  \
         {evertoken} list --local {dir}\n  \
         curl -X POST {clock} -H 'content-type: application/json' -d '{{\"advance_seconds\": 1900800}}'   # 22 days pass: the token is renewed\n\
         Ctrl-C ends it. The page to open:"
    ));
}

fn say_how_to_invite(dir: &Path, public_url: &Url) {
    let (dir, evertoken) = (dir.display(), log::command());
    log::say(&format!(
        "Make an invite with: {evertoken} invite --local {dir} --public-url {public_url} --name my-shop"
    ));
}
