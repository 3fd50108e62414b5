//! `evertoken sandbox`, and the sandbox's clock as a port.

use std::process::ExitCode;

use anyhow::Result;
use clap::Args;
use evertoken_core::clock::Clock;
use evertoken_sandbox::{Sandbox, Settings};
use time::OffsetDateTime;
use url::Url;

use crate::server::listen;
use crate::server::shutdown::Shutdown;
use crate::terminal::output;

/// What it is asked for.
#[derive(Debug, Args)]
pub(crate) struct Options {
    /// The port on 127.0.0.1; 0 takes a free one.
    #[arg(long, default_value_t = 4000)]
    pub(crate) port: u16,
    /// A redirect URI that the app has registered; may be given several times.
    #[arg(long, value_name = "URL")]
    pub(crate) redirect_uri: Vec<Url>,
}

/// What stands below the options.
pub(crate) const HELP: &str = "\
Examples:
  evertoken sandbox --redirect-uri http://127.0.0.1:3000/callback
  curl 127.0.0.1:4000/_sandbox";

/// Lets the whole service live in the sandbox's time, so that moving its clock moves everything.
#[derive(Clone, Debug)]
pub(crate) struct SandboxClock(pub(crate) Sandbox);

impl Clock for SandboxClock {
    fn now(&self) -> OffsetDateTime {
        let now = self.0.now();
        now.replace_nanosecond(0).unwrap_or(now)
    }
}

/// Serves the sandbox alone, until Ctrl-C.
pub(crate) async fn serve(options: Options, json: bool) -> Result<ExitCode> {
    let settings = Settings::default();
    let credentials = format!("app id {}, app secret {}", settings.app_id, settings.app_secret);
    let sandbox = Sandbox::new(settings);
    for uri in &options.redirect_uri {
        sandbox.register_redirect_uri(uri.as_str());
    }
    let listener = listen::bind_loopback(options.port).await?;
    let end = Shutdown::on_signal()?;
    output::url(&format!("http://{}", listener.local_addr()?), json)?;
    output::say(&format!("The sandbox's own {credentials}. /_sandbox tells what it can do. Ctrl-C ends it."));
    if options.redirect_uri.is_empty() {
        output::say("No redirect URI is registered yet: give one with --redirect-uri URL.");
    }
    listen::serve(listener, sandbox.router(), end).await?;
    Ok(ExitCode::SUCCESS)
}
