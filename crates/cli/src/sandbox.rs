//! `evertoken sandbox`, and the sandbox's clock as a port.

use std::process::ExitCode;

use anyhow::Result;
use evertoken_core::ports::Clock;
use evertoken_sandbox::{Sandbox, Settings};
use time::OffsetDateTime;

use crate::listen::{self, End};
use crate::{arguments, log};

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
pub(crate) async fn serve(options: arguments::Sandbox) -> Result<ExitCode> {
    let settings = Settings::default();
    let credentials = format!("app id {}, app secret {}", settings.app_id, settings.app_secret);
    let sandbox = Sandbox::new(settings);
    for uri in &options.redirect_uri {
        sandbox.register_redirect_uri(uri.as_str());
    }
    let listener = listen::bind(options.port).await?;
    let end = End::on_signal()?;
    log::data(&format!("http://{}", listener.local_addr()?))?;
    log::say(&format!("The sandbox's own {credentials}. /_sandbox tells what it can do. Ctrl-C ends it."));
    if options.redirect_uri.is_empty() {
        log::say("No redirect URI is registered yet: give one with --redirect-uri URL.");
    }
    listen::serve(listener, sandbox.router(), end).await?;
    Ok(ExitCode::SUCCESS)
}
