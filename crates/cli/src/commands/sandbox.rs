//! `evertoken sandbox`: runs the Instagram sandbox.

use clap::Args;
use evertoken_sandbox::{Sandbox, Settings};
use url::Url;

use crate::context::Context;
use crate::error::{CliError, Result};
use crate::exit_status::ExitStatus;
use crate::server::http_server::{self, HttpServer};
use crate::server::shutdown::Shutdown;
use crate::terminal::output;

#[derive(Debug, Args)]
pub(crate) struct Options {
    /// Port to listen on at 127.0.0.1; 0 picks a free port.
    #[arg(long, default_value_t = 4000)]
    port: u16,
    /// Redirect URI to register for the app. Can be given several times.
    #[arg(long, value_name = "URL")]
    redirect_uri: Vec<Url>,
}

pub(crate) const HELP: &str = "\
Examples:
  evertoken sandbox --redirect-uri http://127.0.0.1:3000/callback
  curl 127.0.0.1:4000/_sandbox";

pub(crate) async fn serve(options: Options, context: &Context) -> Result<ExitStatus> {
    let settings = Settings::default().with_failing_accounts();
    let credentials = format!("App ID: {}, app secret: {}.", settings.app_id, settings.app_secret);
    let sandbox = Sandbox::new(settings);
    for uri in &options.redirect_uri {
        sandbox.register_redirect_uri(uri.as_str());
    }
    let listener = http_server::bind_loopback(options.port)?;
    let shutdown = Shutdown::on_signal()?;
    let address = listener.local_addr().map_err(CliError::Serve)?;
    output::url(&format!("http://{address}"), context.format)?;
    output::note(&format!(
        "{credentials} http://{address}/sandbox moves the clock, /_sandbox describes the API. Press Ctrl-C to stop."
    ));
    if options.redirect_uri.is_empty() {
        output::note("No redirect URI is registered. Register one with --redirect-uri URL.");
    }
    HttpServer { listener, tls: None }.serve(sandbox.router(), shutdown).await;
    Ok(ExitStatus::Ok)
}
