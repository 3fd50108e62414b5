//! Why an account was not imported.

use evertoken_core::account::AccountName;
use evertoken_core::provider_error::{ErrorCategory, ProviderError};
use evertoken_core::vault::VaultError;

use crate::credentials::token_kind::TokenKind;

#[derive(Clone, Debug, thiserror::Error, PartialEq, Eq)]
pub(crate) enum ImportError {
    #[error("Instagram rejects this {} token", .0.name())]
    WrongKind(TokenKind),
    #[error("{}", .0.kind.cause().trim_end_matches('.'))]
    Instagram(ProviderError),
    /// Instagram's API only serves professional accounts.
    #[error("@{0} is a personal account")]
    Personal(String),
    #[error(
        "Instagram neither refreshes nor extends the token of @{username}: it is less than a day old, or short-lived{}",
        if *.has_app { " and from another app" } else { ", and extending it requires the app secret" }
    )]
    UnknownLifetime {
        username: String,
        /// Whether the app's credentials were available to extend the token.
        has_app: bool,
    },
    #[error("the token has expired, according to the given date")]
    Expired,
    #[error("{name} is @{present}, and this token belongs to @{username}")]
    NameTaken { name: AccountName, present: String, username: String },
    #[error("{0} is the account ID of another account")]
    NameIsAnotherId(AccountName),
    #[error("the vault has a newer token of this account")]
    NewerToken,
    #[error(transparent)]
    Vault(#[from] VaultError),
}

impl ImportError {
    /// What to do about it, unless that is up to the vault.
    pub(crate) fn hint(&self) -> Option<&'static str> {
        Some(match self {
            Self::WrongKind(kind) => kind.objection()?,
            Self::Instagram(error) => match error.category() {
                ErrorCategory::Transient | ErrorCategory::Throttled => "try again in a few minutes",
                _ => error.kind.remedy(),
            },
            Self::Personal(_) => "its owner has to switch to a professional account in Instagram's settings first",
            Self::UnknownLifetime { .. } => {
                "pass the date of issue with --issued, for example --issued now if the dashboard just generated the token"
            }
            Self::Expired => "leave the date out to refresh the token",
            Self::NameTaken { .. } => "choose another name, or pass --replace to overwrite that account",
            Self::NameIsAnotherId(_) => "choose another name: that one belongs to the account with this ID",
            Self::NewerToken => "pass --replace to go back to the older token",
            Self::Vault(_) => return None,
        })
    }

    /// Error and hint on one line, for a report.
    pub(crate) fn explain(&self) -> String {
        match (self, self.hint()) {
            // Cause and remedy are sentences.
            (Self::Instagram(error), _) => error.message(),
            (_, Some(hint)) => format!("{self}; {hint}"),
            (_, None) => self.to_string(),
        }
    }
}
