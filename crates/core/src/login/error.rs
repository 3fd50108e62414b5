//! The errors of a login.

use crate::provider_error::ProviderError;
use crate::scopes::Scopes;
use crate::vault::VaultError;

/// A step of a login.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// Consent on Instagram's pages.
    Authorize,
    /// Exchanging the code for a short-lived token.
    Exchange,
    /// Exchanging the short-lived token for a long-lived one.
    Extend,
    /// Reading the profile.
    Profile,
}

impl Step {
    /// The word in logs.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Authorize => "authorize",
            Self::Exchange => "exchange",
            Self::Extend => "extend",
            Self::Profile => "profile",
        }
    }
}

/// A login failed.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum LoginError {
    /// Instagram returned an error.
    #[error("Instagram returned an error in the step {}: {failure}", step.as_str())]
    Provider {
        /// The step that failed.
        step: Step,
        /// The error.
        failure: ProviderError,
    },
    /// The owner did not grant all scopes.
    #[error("scopes were not granted: {0}")]
    ScopesMissing(Scopes),
    /// Instagram's API serves professional accounts only.
    #[error("@{username} is a personal account")]
    PersonalAccount {
        /// Who logged in.
        username: String,
    },
    /// The invite is for another account, or its name belongs to another account.
    #[error("another account was expected")]
    OtherAccount {
        /// Who logged in.
        username: String,
        /// The account that was expected, as far as it is known.
        expected: String,
    },
    /// The person chose an account that was not offered, none, or more than the invite allows.
    #[error("the chosen account was not offered")]
    ChoiceNotOffered,
    /// The single-use invite was already used.
    #[error("the invite was already used")]
    InviteUsed,
    /// The vault returned an error.
    #[error(transparent)]
    Vault(#[from] VaultError),
}
