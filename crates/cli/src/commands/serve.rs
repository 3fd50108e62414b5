//! `evertoken serve`: the pages, the refresh loop, a vault and, if wanted, the sandbox in one process.

use std::process::ExitCode;

use anyhow::Result;
use evertoken_core::variables::Variables;

use crate::server::serve_options::ServeOptions;
use crate::server::{with_instagram, with_sandbox};

/// What stands below the options.
pub(crate) const HELP: &str = "\
Examples:
  evertoken serve --sandbox                         try it without an Instagram account
  evertoken serve --sandbox --tls                   the same behind https://localhost:8080
  evertoken serve --local vault --port 8080         behind a proxy that speaks TLS
  evertoken serve --local vault --address 0.0.0.0 --port 443 \\
    --tls-cert fullchain.pem --tls-key privkey.pem

Against Instagram, these variables are read:
  EVERTOKEN_APP_ID          the Instagram app ID of Meta's dashboard
  EVERTOKEN_APP_SECRET      the Instagram app secret; or, without EVERTOKEN_APP_ID, the JSON
                            {\"app_id\":\"...\",\"app_secret\":\"...\",\"previous_app_secrets\":[]}
  EVERTOKEN_PUBLIC_URL      where people reach this service; by default
                            http://127.0.0.1:PORT, with TLS https://localhost:PORT
  EVERTOKEN_SIGNING_SECRET  what signs invites, 32 characters or more; by default made and
                            kept in DIR
  EVERTOKEN_LOGIN           invited (default) or open
  EVERTOKEN_WEBHOOK_URL     who is told of events
  EVERTOKEN_WEBHOOK_SECRET  what signs them
and EVERTOKEN_SCOPES, EVERTOKEN_RETURN_URLS, EVERTOKEN_REFRESH_AFTER_DAYS,
EVERTOKEN_GRAPH_VERSION. Each secret may stand in a file instead that EVERTOKEN_APP_SECRET_FILE,
EVERTOKEN_SIGNING_SECRET_FILE or EVERTOKEN_WEBHOOK_SECRET_FILE names.

With EVERTOKEN_VAULT_PREFIX and no --local it serves over Secrets Manager, with the variables
of the Lambdas.

The first line on standard output is the address. After it, where that is no terminal, each
event is a line of JSON.";

/// Serves until Ctrl-C; a second one does not wait for what is under way.
pub(crate) async fn serve(options: ServeOptions, variables: &Variables, json: bool) -> Result<ExitCode> {
    if options.sandbox {
        with_sandbox::serve(options, variables, json).await?;
    } else {
        with_instagram::serve(options, variables, json).await?;
    }
    Ok(ExitCode::SUCCESS)
}
