//! Checks with Instagram or Facebook whether an app's ID and secret are right, as far as that is possible without a login.
//!
//! The check exchanges an authorization code that was never issued. Instagram never accepts it; if it rejects the code, it has
//! accepted the ID, and the secret if it checks that first. Meta documents no order, and Instagram was seen to report a
//! wrong secret later than a wrong ID. Only a login is conclusive. The same holds for Facebook, with the Meta app's own pair.

use evertoken_core::app::App;
use evertoken_core::document::ProviderName;
use evertoken_core::provider::Provider;
use evertoken_core::provider_error::{ProviderError, ProviderErrorKind};
use evertoken_core::public_url;
use evertoken_core::secrets::AuthorizationCode;
use url::Url;

/// The conclusion for credentials that were not rejected.
pub(crate) fn accepted(login: ProviderName) -> &'static str {
    match login {
        ProviderName::Instagram => {
            "Instagram did not reject the ID and secret (checked with a fake code; only a login proves that they are right)"
        }
        ProviderName::Facebook => {
            "Facebook did not reject the Meta app's ID and secret (checked with a fake code; only a login proves that they \
             are right)"
        }
    }
}

/// What an error of this check says, as a sentence.
pub(crate) fn cause(login: ProviderName, kind: ProviderErrorKind) -> &'static str {
    match (login, kind) {
        (ProviderName::Facebook, ProviderErrorKind::WrongAppCredentials) => {
            "Facebook does not accept the Meta app's ID or secret."
        }
        (ProviderName::Facebook, ProviderErrorKind::RedirectMismatch) => {
            "Facebook does not recognize the address that it should send people back to (the redirect URI)."
        }
        (ProviderName::Facebook, ProviderErrorKind::CapabilityMissing) => "Facebook does not allow the app to do this.",
        (ProviderName::Facebook, ProviderErrorKind::Unreachable) => "Facebook cannot be reached.",
        (ProviderName::Facebook, ProviderErrorKind::Unreadable) => "Facebook's response was not understood.",
        (ProviderName::Facebook, ProviderErrorKind::Unavailable) => "Facebook is temporarily unavailable.",
        (_, kind) => kind.cause(),
    }
}

/// What to do about an error of this check.
pub(crate) fn remedy(login: ProviderName, kind: ProviderErrorKind) -> &'static str {
    match (login, kind) {
        (ProviderName::Facebook, ProviderErrorKind::WrongAppCredentials) => {
            "In Meta's dashboard, copy the app ID and the app secret from App settings > Basic. Instagram > API setup with \
             Instagram login shows a different pair, which Facebook rejects."
        }
        (ProviderName::Facebook, ProviderErrorKind::RedirectMismatch) => {
            "In Meta's dashboard, add the full address of /callback under Facebook Login for Business > Settings > Valid \
             OAuth Redirect URIs. It must match exactly."
        }
        (ProviderName::Facebook, ProviderErrorKind::CapabilityMissing) => {
            "Add the product Facebook Login for Business to the app in Meta's dashboard. The app's type must be Business."
        }
        (_, kind) => kind.remedy(),
    }
}

/// Not a real code: Instagram's codes start with AQ and are longer.
const FAKE_CODE: &str = "evertoken-checks-the-app";

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// Only the code was rejected.
    Accepted,
    /// The redirect URI was rejected: the ID and secret passed, and the dashboard does not list the URI yet.
    UnknownRedirect(ProviderError),
    /// The ID, the secret or the app was rejected.
    Rejected(ProviderError),
    /// No response, or another one.
    Inconclusive(ProviderError),
}

/// Checks the pair of the provider's login.
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
