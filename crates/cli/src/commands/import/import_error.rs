//! Why an account was not imported.

use std::borrow::Cow;

use evertoken_core::account::{AccountId, AccountName};
use evertoken_core::provider_error::{ErrorCategory, ProviderError, ProviderErrorKind};
use evertoken_core::vault::VaultError;
use evertoken_instagram::AdoptError;

use crate::credentials::token_kind::TokenKind;
use crate::vault::vault_option::VaultOption;

const LONG_LIVED: &str =
    "generate a long-lived token in Meta's dashboard (Instagram > API setup with Instagram login > Generate token)";

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
        "the token of @{username} is short-lived: it works for an hour, and Instagram does not refresh it{}",
        if *.has_app { ". It is from another app, so it cannot be extended either" } else { "" }
    )]
    ShortLived {
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
    /// It inherits all that the person may do, and expires.
    #[error("this is the token of a person, which expires after about 60 days")]
    PersonsToken,
    #[error("this is neither the token of a page nor of a system user")]
    NeitherPageNorSystemUser,
    #[error("the token gives access to several accounts: {0}")]
    SeveralAccounts(String),
    #[error("the token gives access to {0}, not to this account")]
    NotAmongAccounts(String),
    #[error("this is the token of @{username} ({id})")]
    OtherAccount { username: String, id: AccountId },
    #[error(transparent)]
    Vault(#[from] VaultError),
}

impl From<AdoptError> for ImportError {
    fn from(error: AdoptError) -> Self {
        match error {
            AdoptError::Provider(error) => Self::Instagram(error),
            AdoptError::PersonsToken => Self::PersonsToken,
            AdoptError::OtherKind => Self::NeitherPageNorSystemUser,
        }
    }
}

impl ImportError {
    /// What to do about it with this vault, unless that is up to the vault.
    pub(crate) fn hint(&self, vault: &VaultOption) -> Option<Cow<'static, str>> {
        Some(match self {
            Self::ShortLived { has_app: false, .. } => {
                let setup = vault.command("setup");
                return Some(
                    format!("store the app secret with `{setup}` and import the token again within the hour: it is then extended; or {LONG_LIVED}").into(),
                );
            }
            Self::WrongKind(kind) => return kind.objection(&vault.command("invite")).map(Cow::Owned),
            Self::Instagram(error) if error.kind == ProviderErrorKind::PageTokenExpires => {
                let invite = vault.command("invite --provider facebook");
                format!("create a link with `{invite}`, or read the page's token with a long-lived token of the person")
                    .into()
            }
            Self::PersonsToken => {
                let invite = vault.command("invite --provider facebook");
                format!(
                    "create a link for that person with `{invite}`, or import the token of the page or of a system user"
                )
                .into()
            }
            other => other.fixed_hint()?.into(),
        })
    }

    fn fixed_hint(&self) -> Option<&'static str> {
        Some(match self {
            Self::Instagram(error) => match error.category() {
                ErrorCategory::Transient | ErrorCategory::Throttled => "try again in a few minutes",
                _ => error.kind.remedy(),
            },
            Self::Personal(_) => "its owner has to switch to a professional account in Instagram's settings first",
            Self::ShortLived { .. } => LONG_LIVED,
            Self::Expired => "leave the date out to refresh the token",
            Self::NameTaken { .. } => "choose another name, or pass --replace to overwrite that account",
            Self::NameIsAnotherId(_) => "choose another name: that one belongs to the account with this ID",
            Self::NewerToken => "pass --replace to go back to the older token",
            Self::NeitherPageNorSystemUser => {
                "take the token of a system user from Business settings > Users > System users in Meta's dashboard"
            }
            Self::SeveralAccounts(_) => "pass the ID of one of them with --account",
            Self::NotAmongAccounts(_) => {
                "pass the ID of one of them with --account, or assign the page of the account to the system user"
            }
            Self::OtherAccount { .. } => "import the token of the account that --account names, or leave --account out",
            Self::WrongKind(_) | Self::PersonsToken | Self::Vault(_) => return None,
        })
    }

    /// Error and hint on one line, for a report.
    pub(crate) fn explain(&self, vault: &VaultOption) -> String {
        match (self, self.hint(vault)) {
            // Cause and remedy are sentences.
            (Self::Instagram(error), _) => error.message(),
            (_, Some(hint)) => format!("{self}; {hint}"),
            (_, None) => self.to_string(),
        }
    }
}
