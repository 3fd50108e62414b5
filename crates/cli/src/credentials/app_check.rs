//! Whether Instagram knows an app's id and secret, as far as that can be found out without a login.
//!
//! A code that was never issued is exchanged. Instagram refuses in any case; where it finds fault with the code, it has
//! passed the id, and the secret as far as it looks at that first. Meta documents no order, and a wrong secret was seen
//! to come to light later than a wrong id: only a login tells for certain.

use evertoken_core::app::App;
use evertoken_core::provider::Provider;
use evertoken_core::provider_error::{ProviderError, ProviderErrorKind};
use evertoken_core::public_url;
use evertoken_core::secrets::AuthorizationCode;
use url::Url;

/// What can honestly be said of a pair that was not refused.
pub(crate) const ACCEPTED: &str = "Instagram finds no fault with the id and secret (it was shown a made-up code; \
     only a login tells for certain)";

/// No code of Instagram's: theirs begin with AQ and are longer.
const MADE_UP: &str = "evertoken-checks-the-app";

/// What Instagram said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// It found fault with the code alone.
    Accepted,
    /// It found fault with the redirect URI: the pair has passed, the URI is not in the dashboard yet.
    UnknownRedirect(ProviderError),
    /// It found fault with the pair, or with the app.
    Refused(ProviderError),
    /// It could not be asked, or answered something else.
    NotTold(ProviderError),
}

/// Asks it.
pub(crate) async fn ask(provider: &impl Provider, app: &App, public_url: &Url) -> Verdict {
    let code = AuthorizationCode::new(MADE_UP);
    match provider.exchange_code(app, &code, &public_url::join(public_url, "callback")).await {
        // Nothing was asked for, and what came is dropped.
        Ok(_) => Verdict::Accepted,
        Err(failure) => match failure.kind {
            ProviderErrorKind::CodeUsed => Verdict::Accepted,
            ProviderErrorKind::RedirectMismatch => Verdict::UnknownRedirect(failure),
            ProviderErrorKind::WrongAppCredentials | ProviderErrorKind::CapabilityMissing => Verdict::Refused(failure),
            _ => Verdict::NotTold(failure),
        },
    }
}
