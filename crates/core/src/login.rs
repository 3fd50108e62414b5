//! From authorization code to stored document.

use time::OffsetDateTime;
use url::Url;

use crate::account::{AccountId, AccountName};
use crate::app::App;
use crate::document::{Document, Health, LastAttempt, Outcome, SCHEMA, Versioned};
use crate::failure::Failure;
use crate::invite::Invite;
use crate::ports::{LongLived, Profile, Provider, Vault, VaultError};
use crate::scopes::Scopes;
use crate::secrets::AuthorizationCode;

/// How often a login starts its write again after somebody else's.
const WRITES: usize = 4;

/// A login that Instagram has sent back with a code.
#[derive(Debug)]
pub struct Login<'a> {
    /// The app people log in to.
    pub app: &'a App,
    /// What Instagram gave.
    pub code: &'a AuthorizationCode,
    /// The same URI as in the first step.
    pub redirect_uri: &'a Url,
    /// What must have been granted.
    pub scopes: &'a Scopes,
    /// What the login was started with.
    pub invite: Option<&'a Invite>,
    /// When.
    pub now: OffsetDateTime,
}

/// A login that ended well.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Connected {
    /// The account's key in the vault.
    pub name: AccountName,
    /// `/me`'s `user_id`.
    pub account_id: AccountId,
    /// The Instagram user name.
    pub username: String,
    /// When the token ends.
    pub expires_at: Option<OffsetDateTime>,
    /// Whether the account was there before.
    pub reconnected: bool,
}

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
        failure: Failure,
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
    /// The vault did not take the document.
    #[error(transparent)]
    Vault(#[from] VaultError),
}

/// Finishes a login: both exchanges, the profile, the document.
///
/// A token is stored only when it is long-lived, works, and belongs to an account that may be stored under that name.
pub async fn finish<P: Provider, V: Vault>(provider: &P, vault: &V, login: Login<'_>) -> Result<Connected, LoginError> {
    let at = |step| move |failure| LoginError::Provider { step, failure };
    let short_lived =
        provider.exchange_code(login.app, login.code, login.redirect_uri).await.map_err(at(Step::Exchange))?;
    // Instagram may not say what was granted; then asking is all that can be done.
    let granted = short_lived.granted.unwrap_or_else(|| login.scopes.clone());
    let missing = login.scopes.missing_from(&granted);
    if !missing.is_empty() {
        return Err(LoginError::ScopesMissing(missing));
    }
    let long_lived = provider.extend(login.app, &short_lived.token).await.map_err(at(Step::Extend))?;
    let profile = provider.profile(&long_lived.token).await.map_err(at(Step::Profile))?;
    if profile.account_type == "PERSONAL" {
        return Err(LoginError::PersonalAccount { username: profile.username });
    }
    if let Some(expected) = login.invite.and_then(|invite| invite.account.as_ref())
        && *expected != profile.account_id
    {
        return Err(LoginError::OtherAccount { username: profile.username, expected: expected.to_string() });
    }
    let name = login.invite.and_then(|invite| invite.name.clone()).unwrap_or_else(|| profile.account_id.to_name());
    let document = new_document(provider, &name, granted, long_lived, profile, login.now);
    let may_replace = login.invite.is_some_and(|invite| invite.replace);
    let reconnected = store(vault, &document, may_replace).await?;
    Ok(Connected {
        name,
        account_id: document.account_id,
        username: document.username,
        expires_at: document.expires_at,
        reconnected,
    })
}

fn new_document<P: Provider>(
    provider: &P,
    name: &AccountName,
    scopes: Scopes,
    token: LongLived,
    profile: Profile,
    now: OffsetDateTime,
) -> Document {
    Document {
        schema: SCHEMA,
        provider: provider.name(),
        name: name.clone(),
        account_id: profile.account_id,
        app_scoped_id: profile.app_scoped_id,
        username: profile.username,
        account_type: profile.account_type,
        access_token: token.token,
        token_type: token.token_type,
        scopes,
        connected_at: now,
        issued_at: now,
        expires_at: Some(now + token.expires_in),
        data_access_expires_at: None,
        health: Health::healthy(),
        last_attempt: LastAttempt::succeeded(now, Outcome::Connected),
        unknown: serde_json::Map::new(),
    }
}

/// Writes a login's document over whatever is there, since a login is newer than any refresh; but never over another
/// account, and never over what cannot be read. Returns whether the account was there before.
async fn store<V: Vault>(vault: &V, document: &Document, may_replace: bool) -> Result<bool, LoginError> {
    let mut last = VaultError::Conflict;
    for _ in 0..WRITES {
        let current = vault.get(&document.name).await?;
        let written = match &current {
            None => vault.create(document).await,
            Some(Versioned { document: present, .. }) if present.account_id != document.account_id && !may_replace => {
                return Err(LoginError::OtherAccount {
                    username: document.username.clone(),
                    expected: format!("@{}", present.username),
                });
            }
            Some(Versioned { version, document: present }) => {
                let document = Document { unknown: present.unknown.clone(), ..document.clone() };
                vault.replace(version, &document).await
            }
        };
        match written {
            Ok(_) => return Ok(current.is_some()),
            Err(VaultError::Conflict) => last = VaultError::Conflict,
            Err(error) => return Err(error.into()),
        }
    }
    Err(last.into())
}

/// A URL below another, whether that ends in a slash or not.
pub fn below(base: &Url, path: &str) -> Url {
    let mut url = base.clone();
    url.set_path(&format!("{}/{path}", base.path().trim_end_matches('/')));
    url
}
