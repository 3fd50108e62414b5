//! Why a request failed.

use evertoken_core::credentials::CredentialsError;
use evertoken_core::entropy::EntropyError;
use evertoken_core::login::LoginError;
use evertoken_core::provider_error::ProviderErrorKind;
use evertoken_core::vault::VaultError;
use evertoken_instagram::signed_request::SignedRequestError;

use crate::error_page::ErrorPage;
use crate::texts::Phrases;

#[derive(Debug)]
pub(crate) enum RequestError {
    /// The error page says everything.
    Page(ErrorPage),
    /// A login failed after the code came back.
    Login(LoginError),
    /// The vault failed outside of a login.
    Vault(VaultError),
    Credentials(CredentialsError),
    /// Any of these, with a link that starts the login again.
    Restartable(Box<RequestError>, String),
}

impl From<ErrorPage> for RequestError {
    fn from(page: ErrorPage) -> Self {
        Self::Page(page)
    }
}

impl From<LoginError> for RequestError {
    fn from(error: LoginError) -> Self {
        Self::Login(error)
    }
}

impl From<VaultError> for RequestError {
    fn from(error: VaultError) -> Self {
        Self::Vault(error)
    }
}

impl From<CredentialsError> for RequestError {
    fn from(error: CredentialsError) -> Self {
        Self::Credentials(error)
    }
}

impl From<EntropyError> for RequestError {
    fn from(EntropyError: EntropyError) -> Self {
        ErrorPage::Internal.into()
    }
}

impl From<SignedRequestError> for RequestError {
    fn from(error: SignedRequestError) -> Self {
        match error {
            SignedRequestError::Malformed => ErrorPage::SignedRequestMalformed.into(),
            SignedRequestError::Algorithm | SignedRequestError::Signature => ErrorPage::SignedRequestForged.into(),
        }
    }
}

impl RequestError {
    /// Adds the link that starts the login again, if there is one and the invite has not been used up.
    #[must_use]
    pub(crate) fn with_restart_url(self, restart_url: Option<String>) -> Self {
        match restart_url {
            Some(url) if self.page() != ErrorPage::InviteUsed => Self::Restartable(Box::new(self), url),
            _ => self,
        }
    }

    pub(crate) fn restart_url(&self) -> Option<&str> {
        match self {
            Self::Restartable(_, restart_url) => Some(restart_url),
            _ => None,
        }
    }

    pub(crate) fn page(&self) -> ErrorPage {
        match self {
            Self::Page(page) => *page,
            Self::Login(LoginError::Provider { failure, .. }) => failure.kind.into(),
            Self::Login(LoginError::ScopesMissing(_)) => ErrorPage::ScopesMissing,
            Self::Login(LoginError::PersonalAccount { .. }) => ErrorPage::PersonalAccount,
            Self::Login(LoginError::OtherAccount { .. }) => ErrorPage::OtherAccount,
            Self::Login(LoginError::ChoiceNotOffered) => ErrorPage::ChoiceNotOffered,
            Self::Login(LoginError::InviteUsed) => ErrorPage::InviteUsed,
            Self::Login(LoginError::Vault(error)) | Self::Vault(error) => match error {
                VaultError::Conflict | VaultError::Unavailable { .. } => ErrorPage::VaultUnavailable,
                VaultError::Denied { .. } => ErrorPage::VaultDenied,
                VaultError::Unreadable(_) => ErrorPage::VaultUnreadable,
            },
            Self::Credentials(CredentialsError::App { .. }) => ErrorPage::AppNotSetUp,
            Self::Credentials(_) => ErrorPage::CredentialsUnavailable,
            Self::Restartable(error, _) => error.page(),
        }
    }

    /// The values of the placeholders in the page's text.
    pub(crate) fn placeholders(&self, phrases: &Phrases) -> Vec<(&'static str, String)> {
        match self {
            Self::Login(LoginError::ScopesMissing(missing)) => {
                let names: Vec<&str> = missing.iter().collect();
                let permissions: Vec<String> = missing.iter().map(|scope| phrases.permission(scope)).collect();
                vec![("{scopes}", permissions.join("; ")), ("{scope_names}", names.join(", "))]
            }
            Self::Login(LoginError::PersonalAccount { username }) => vec![("{username}", username.clone())],
            Self::Login(LoginError::OtherAccount { username, expected }) => {
                vec![("{username}", username.clone()), ("{expected}", expected.clone())]
            }
            Self::Restartable(error, _) => error.placeholders(phrases),
            _ => Vec::new(),
        }
    }

    /// Details for the log. They include names that the page does not show, but never a secret.
    pub(crate) fn detail(&self) -> String {
        match self {
            Self::Page(_) => String::new(),
            Self::Login(LoginError::Provider { step, failure }) => format!(
                "step {}, kind {}, code {:?}, subcode {:?}, trace ID {:?}",
                step.as_str(),
                failure.kind.as_str(),
                failure.code,
                failure.subcode,
                failure.trace_id
            ),
            Self::Login(error) => error.to_string(),
            Self::Vault(error) => error.to_string(),
            Self::Credentials(error) => error.to_string(),
            Self::Restartable(error, _) => error.detail(),
        }
    }

    /// Whether Instagram reported that the code was used, possibly by an earlier request of the same login.
    pub(crate) fn is_used_code(&self) -> bool {
        matches!(self, Self::Login(LoginError::Provider { failure, .. }) if failure.kind == ProviderErrorKind::CodeUsed)
    }
}

#[cfg(test)]
mod tests {
    use evertoken_core::document::DocumentError;
    use evertoken_core::login::Step;
    use evertoken_core::provider_error::{ProviderError, ProviderErrorKind};
    use evertoken_core::vault::{DenialCause, OutageCause};

    use super::*;

    /// Those that no test of a whole login provokes.
    #[test]
    fn each_error_has_its_own_page() {
        for (kind, page) in [
            (ProviderErrorKind::PageRoleLost, ErrorPage::PageRoleLost),
            (ProviderErrorKind::DataAccessExpired, ErrorPage::DataAccessExpired),
            (ProviderErrorKind::AccountUnlinked, ErrorPage::AccountUnlinked),
            (ProviderErrorKind::ProofRejected, ErrorPage::ProofRejected),
            (ProviderErrorKind::NotConfigured, ErrorPage::FacebookNotSetUp),
        ] {
            let error = LoginError::Provider { step: Step::Profile, failure: ProviderError::new(kind) };
            assert_eq!(RequestError::from(error).page(), page);
        }
        let code = String::new;
        for (error, page) in [
            (VaultError::Conflict, ErrorPage::VaultUnavailable),
            (VaultError::Unavailable { cause: OutageCause::Network, code: code() }, ErrorPage::VaultUnavailable),
            (VaultError::Denied { cause: DenialCause::NoCredentials, code: code() }, ErrorPage::VaultDenied),
            (VaultError::Unreadable(DocumentError::NotJson), ErrorPage::VaultUnreadable),
        ] {
            assert_eq!(RequestError::from(error).page(), page);
        }
        let unreadable = CredentialsError::Unavailable { secret: code(), code: code() };
        assert_eq!(RequestError::from(unreadable).page(), ErrorPage::CredentialsUnavailable);
    }
}
