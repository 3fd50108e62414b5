//! Checks with Instagram whether an app's ID and secret are right, as far as that is possible without a login.
//!
//! The check exchanges an authorization code that was never issued. Instagram never accepts it; if it rejects the code, it has
//! accepted the ID, and the secret if it checks that first. Meta documents no order, and Instagram was seen to report a
//! wrong secret later than a wrong ID. Only a login is conclusive.

use evertoken_core::app::App;
use evertoken_core::provider::Provider;
use evertoken_core::provider_error::{ProviderError, ProviderErrorKind};
use evertoken_core::public_url;
use evertoken_core::secrets::AuthorizationCode;
use url::Url;

/// The conclusion for credentials that Instagram did not reject.
pub(crate) const ACCEPTED: &str =
    "Instagram did not reject the ID and secret (checked with a fake code; only a login proves that they are right)";

/// Not a real code: Instagram's codes start with AQ and are longer.
const FAKE_CODE: &str = "evertoken-checks-the-app";

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// Instagram rejected only the code.
    Accepted,
    /// Instagram rejected the redirect URI: the ID and secret passed, and the dashboard does not list the URI yet.
    UnknownRedirect(ProviderError),
    /// Instagram rejected the ID, the secret or the app.
    Rejected(ProviderError),
    /// Instagram was unreachable or gave another answer.
    Inconclusive(ProviderError),
}

pub(crate) async fn check(provider: &impl Provider, app: &App, public_url: &Url) -> Verdict {
    let code = AuthorizationCode::new(FAKE_CODE);
    match provider.exchange_code(app, &code, &public_url::join(public_url, "callback")).await {
        // The token, if any, is dropped.
        Ok(_) => Verdict::Accepted,
        Err(error) => match error.kind {
            ProviderErrorKind::CodeUsed => Verdict::Accepted,
            ProviderErrorKind::RedirectMismatch => Verdict::UnknownRedirect(error),
            ProviderErrorKind::WrongAppCredentials | ProviderErrorKind::CapabilityMissing => Verdict::Rejected(error),
            _ => Verdict::Inconclusive(error),
        },
    }
}
