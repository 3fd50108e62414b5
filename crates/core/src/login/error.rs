//! The errors of a login.

use crate::provider_error::ProviderError;
use crate::scopes::Scopes;
use crate::vault::VaultError;

/// In which step a login failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// Consent, on Instagram's pages.
    Authorize,
    /// Code to short-lived token.
    Exchange,
    /// Short-lived to long-lived token.
    Extend,
    /// Whose token it is.
    Profile,
}

impl Step {
    /// The word that stands in logs.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Authorize => "authorize",
            Self::Exchange => "exchange",
            Self::Extend => "extend",
            Self::Profile => "profile",
        }
    }
}

/// Why a login was not stored.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum LoginError {
    /// Instagram refused.
    #[error("Instagram refused at the step {}: {failure}", step.as_str())]
    Provider {
        /// Where.
        step: Step,
        /// Why.
        failure: ProviderError,
    },
    /// Permissions were left out.
    #[error("permissions were not granted: {0}")]
    ScopesMissing(Scopes),
    /// Instagram's API serves professional accounts only.
    #[error("@{username} is a personal account")]
    PersonalAccount {
        /// Who logged in.
        username: String,
    },
    /// The invite is for another account, or its name belongs to another.
    #[error("another account was expected")]
    OtherAccount {
        /// Who logged in.
        username: String,
        /// Who should have, as far as it is known.
        expected: String,
    },
    /// The invite holds for one account and has brought one already.
    #[error("the invite was used already")]
    InviteUsed,
    /// The vault did not take the document.
    #[error(transparent)]
    Vault(#[from] VaultError),
}
