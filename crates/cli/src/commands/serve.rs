//! `evertoken serve`: runs the service on this machine, with Instagram or with the sandbox.

use crate::context::Context;
use crate::error::Result;
use crate::exit_status::ExitStatus;
use crate::server::serve_options::ServeOptions;
use crate::server::{with_instagram, with_sandbox};

pub(crate) const HELP: &str = "\
Examples:
  evertoken serve --sandbox                         # try it without an Instagram account
  evertoken serve --sandbox --tls                   # the same at https://localhost:8080
  EVERTOKEN_PROVIDER=both evertoken serve --sandbox # also with a login through Facebook
  evertoken serve --local vault --port 8080         # behind a proxy that terminates TLS
  evertoken serve --local vault --address 0.0.0.0 --port 443 \\
    --tls-cert fullchain.pem --tls-key privkey.pem

Without --sandbox, the service reads these variables:
  EVERTOKEN_APP_ID          Instagram app ID from Meta's dashboard
  EVERTOKEN_APP_SECRET      Instagram app secret; or, without EVERTOKEN_APP_ID, the JSON
                            {\"app_id\":\"...\",\"app_secret\":\"...\",\"previous_app_secrets\":[]}
                            with meta_app_id and meta_app_secret for a login through Facebook
  EVERTOKEN_PROVIDER        logins that people can use: instagram, facebook or both
                            [default: instagram]
  EVERTOKEN_PUBLIC_URL      public base URL of the service [default: http://127.0.0.1:PORT,
                            or https://localhost:PORT with TLS]
  EVERTOKEN_SIGNING_KEY     key for signing invites, 32 characters or more
                            [default: generated and kept in DIR]
  EVERTOKEN_LOGIN           who may log in: invited or open [default: invited]
  EVERTOKEN_WEBHOOK_URL     URL to post events to
  EVERTOKEN_WEBHOOK_SECRET  key for signing these requests
It also reads EVERTOKEN_SCOPES, EVERTOKEN_FACEBOOK_SCOPES, EVERTOKEN_FACEBOOK_CONFIG_ID,
EVERTOKEN_RETURN_URLS, EVERTOKEN_REFRESH_AFTER_DAYS and EVERTOKEN_GRAPH_VERSION. To keep a secret in
a file, set EVERTOKEN_APP_SECRET_FILE, EVERTOKEN_SIGNING_KEY_FILE or EVERTOKEN_WEBHOOK_SECRET_FILE
to its path.

If EVERTOKEN_VAULT_PREFIX is set, and neither --local nor EVERTOKEN_LOCAL is, the service uses
Secrets Manager and the variables of the Lambdas.

The first line on standard output is the URL of the service. If standard output is not a
terminal, each event follows as a line of JSON.";

/// Serves until Ctrl-C. A second Ctrl-C ends the process at once.
pub(crate) async fn serve(options: ServeOptions, context: &Context) -> Result<ExitStatus> {
    if options.sandbox {
        with_sandbox::serve(options, context).await?;
    } else {
        Box::pin(with_instagram::serve(options, context)).await?;
    }
    Ok(ExitStatus::Ok)
}
