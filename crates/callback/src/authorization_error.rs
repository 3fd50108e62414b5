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

#[cfg(test)]
mod tests {
    use super::*;

    fn login_failure(error: &str, description: &str) -> ProviderErrorKind {
        match classify(error, description) {
            RequestError::Login(LoginError::Provider { step: Step::Authorize, failure }) => failure.kind,
            other => panic!("{error} {description}: {other:?}"),
        }
    }

    #[test]
    fn each_wording_has_its_kind_wherever_it_stands() {
        let table = [
            ("access_denied", "Insufficient Developer Role", ProviderErrorKind::InsufficientRole),
            ("redirect_uri_mismatch", "", ProviderErrorKind::RedirectMismatch),
            ("invalid_request", "Invalid redirect_uri", ProviderErrorKind::RedirectMismatch),
            ("invalid_request", "The redirect URI does not match", ProviderErrorKind::RedirectMismatch),
            ("invalid_request", "Invalid platform app", ProviderErrorKind::WrongAppCredentials),
            ("invalid_request", "Unknown client_id", ProviderErrorKind::WrongAppCredentials),
            ("temporarily_unavailable", "", ProviderErrorKind::Unavailable),
            ("server_error", "", ProviderErrorKind::Unavailable),
            ("invalid_request", "", ProviderErrorKind::RequestRefused),
            ("", "", ProviderErrorKind::RequestRefused),
        ];
        for (error, description, kind) in table {
            assert_eq!(login_failure(error, description), kind, "{error} {description}");
        }
    }

    #[test]
    fn a_canceled_login_and_a_wrong_scope_have_pages_of_their_own() {
        let table = [
            ("access_denied", "The user denied your request", ErrorPage::Cancelled),
            ("invalid_scope", "", ErrorPage::InvalidScope),
            ("invalid_request", "Invalid Scope: no_such_scope", ErrorPage::InvalidScope),
        ];
        for (error, description, expected) in table {
            assert!(
                matches!(classify(error, description), RequestError::Page(page) if page == expected),
                "{error} {description}"
            );
        }
    }
}
