//! A login, or a visit, that does not end well: what happened, and what is known of it.

use evertoken_core::credentials::CredentialsError;
use evertoken_core::entropy::EntropyError;
use evertoken_core::login::LoginError;
use evertoken_core::provider_error::ProviderErrorKind;
use evertoken_core::vault::VaultError;
use evertoken_instagram::signed_request::SignedRequestError;

use crate::topic::Topic;

/// What went wrong.
#[derive(Debug)]
pub(crate) enum Problem {
    /// There is nothing to say but the page.
    Plain(Topic),
    /// The login was not stored.
    Login(LoginError),
    /// The vault did not do as asked, outside of a login.
    Vault(VaultError),
    /// The app secret or the signing keys could not be used.
    Credentials(CredentialsError),
    /// Any of these, with a link that starts again.
    WithStart(Box<Problem>, String),
}

impl From<Topic> for Problem {
    fn from(topic: Topic) -> Self {
        Self::Plain(topic)
    }
}

impl From<LoginError> for Problem {
    fn from(error: LoginError) -> Self {
        Self::Login(error)
    }
}

impl From<VaultError> for Problem {
    fn from(error: VaultError) -> Self {
        Self::Vault(error)
    }
}

impl From<CredentialsError> for Problem {
    fn from(error: CredentialsError) -> Self {
        Self::Credentials(error)
    }
}

impl From<EntropyError> for Problem {
    fn from(EntropyError: EntropyError) -> Self {
        Topic::Internal.into()
    }
}

impl From<SignedRequestError> for Problem {
    fn from(error: SignedRequestError) -> Self {
        match error {
            SignedRequestError::Malformed => Topic::SignedRequestMalformed.into(),
            SignedRequestError::Algorithm | SignedRequestError::Signature => Topic::SignedRequestForged.into(),
        }
    }
}

impl Problem {
    /// The same, with a link that starts the login again; where that helps.
    #[must_use]
    pub(crate) fn with_start(self, again: String) -> Self {
        if self.topic() == Topic::InviteUsed { self } else { Self::WithStart(Box::new(self), again) }
    }

    /// The link that starts again, if there is one.
    pub(crate) fn start(&self) -> Option<&str> {
        match self {
            Self::WithStart(_, again) => Some(again),
            _ => None,
        }
    }

    /// Which page it is.
    pub(crate) fn topic(&self) -> Topic {
        match self {
            Self::Plain(topic) => *topic,
            Self::Login(LoginError::Provider { failure, .. }) => failure.kind.into(),
            Self::Login(LoginError::ScopesMissing(_)) => Topic::ScopesMissing,
            Self::Login(LoginError::PersonalAccount { .. }) => Topic::PersonalAccount,
            Self::Login(LoginError::OtherAccount { .. }) => Topic::OtherAccount,
            Self::Login(LoginError::InviteUsed) => Topic::InviteUsed,
            Self::Login(LoginError::Vault(error)) | Self::Vault(error) => match error {
                VaultError::Conflict | VaultError::Unavailable { .. } => Topic::VaultUnavailable,
                VaultError::Denied { .. } => Topic::VaultDenied,
                VaultError::Unreadable(_) => Topic::VaultUnreadable,
            },
            Self::Credentials(CredentialsError::App { .. }) => Topic::AppNotSetUp,
            Self::Credentials(_) => Topic::CredentialsUnavailable,
            Self::WithStart(problem, _) => problem.topic(),
        }
    }

    /// What the page's words leave open, by its name in braces.
    pub(crate) fn values(&self) -> Vec<(&'static str, String)> {
        match self {
            Self::Login(LoginError::ScopesMissing(missing)) => {
                vec![("{scopes}", missing.iter().collect::<Vec<_>>().join(", "))]
            }
            Self::Login(LoginError::PersonalAccount { username }) => vec![("{username}", username.clone())],
            Self::Login(LoginError::OtherAccount { username, expected }) => {
                vec![("{username}", username.clone()), ("{expected}", expected.clone())]
            }
            Self::WithStart(problem, _) => problem.values(),
            _ => Vec::new(),
        }
    }

    /// What happened, for the log alone: names what the page does not show, and never a secret.
    pub(crate) fn detail(&self) -> String {
        match self {
            Self::Plain(_) => String::new(),
            Self::Login(LoginError::Provider { step, failure }) => format!(
                "step {}, problem {}, code {:?}, subcode {:?}, trace id {:?}",
                step.as_str(),
                failure.kind.as_str(),
                failure.code,
                failure.subcode,
                failure.trace_id
            ),
            Self::Login(error) => error.to_string(),
            Self::Vault(error) => error.to_string(),
            Self::Credentials(error) => error.to_string(),
            Self::WithStart(problem, _) => problem.detail(),
        }
    }

    /// Whether Instagram said that the code was used: perhaps by this very login's first request.
    pub(crate) fn is_used_code(&self) -> bool {
        matches!(self, Self::Login(LoginError::Provider { failure, .. }) if failure.kind == ProviderErrorKind::CodeUsed)
    }
}
