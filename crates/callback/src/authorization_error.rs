//! The errors that Instagram sends to the redirect URI instead of a code.

use evertoken_core::login::{LoginError, Step};
use evertoken_core::provider_error::{ProviderError, ProviderErrorKind};

use crate::error_page::ErrorPage;
use crate::request_error::RequestError;

/// Meta documents `access_denied` for a canceled login, but also sends it for a missing role (`jsmrtn/craftagram#16`). The
/// description is checked but never shown, because anyone can put text into a link.
pub(crate) fn classify(error: &str, description: &str) -> RequestError {
    let text = format!("{error} {description}").to_lowercase();
    let says = |words: &str| text.contains(words);
    let kind = if says("insufficient developer role") {
        ProviderErrorKind::InsufficientRole
    } else if says("redirect_uri") || says("redirect uri") {
        ProviderErrorKind::RedirectMismatch
    } else if says("platform app") || says("client_id") {
        ProviderErrorKind::WrongAppCredentials
    } else if says("invalid_scope") || says("invalid scope") {
        return ErrorPage::InvalidScope.into();
    } else if error == "access_denied" {
        return ErrorPage::Cancelled.into();
    } else if error == "temporarily_unavailable" || error == "server_error" {
        // RFC 6749, section 4.1.2.1
        ProviderErrorKind::Unavailable
    } else {
        ProviderErrorKind::RequestRefused
    };
    RequestError::Login(LoginError::Provider { step: Step::Authorize, failure: ProviderError::new(kind) })
}
