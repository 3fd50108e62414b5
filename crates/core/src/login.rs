//! From authorization code to stored document.

mod storing;

use time::OffsetDateTime;
use url::Url;

use crate::account::{AccountId, AccountName};
use crate::app::App;
use crate::document::{Document, Health, LastAttempt, Outcome, SCHEMA, Versioned};
use crate::failure::{Failure, Problem};
use crate::invite::Invite;
use crate::login_state::{LoginId, LoginState};
use crate::ports::{LongLived, Profile, Provider, ShortLived, Vault, VaultError};
use crate::scopes::Scopes;
use crate::secrets::{AccessToken, AuthorizationCode};

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
    /// What names it for a second request of the same browser; none where no browser started it.
    pub id: Option<&'a LoginId>,
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
    /// The invite holds for one account and has brought one already.
    #[error("the invite was used already")]
    InviteUsed,
    /// The vault did not take the document.
    #[error(transparent)]
    Vault(#[from] VaultError),
}

/// Finishes a login: both exchanges, the profile, the document.
///
/// A token is stored only when it is long-lived, works, and belongs to an account that may be stored under that name.
///
/// The account that the invite names is read while Instagram answers, which saves the person a round trip. Whatever
/// happens to it in between is seen when the document is written.
pub async fn finish<P: Provider, V: Vault>(provider: &P, vault: &V, login: Login<'_>) -> Result<Connected, LoginError> {
    let read_ahead = async { Ok(storing::read_ahead(vault, login.invite).await) };
    let (granted, present) = tokio::try_join!(ask(provider, &login), read_ahead)?;
    let Granted { scopes, token, profile } = granted;
    storing::check_expectation(vault, login.invite, &profile).await?;
    let name = storing::name_for(vault, login.invite, &profile).await?;
    let document = new_document(provider, &name, scopes, token, profile, login.now);
    let reconnected = storing::store(vault, &login, &document, present).await?;
    Ok(Connected {
        name,
        account_id: document.account_id,
        username: document.username,
        expires_at: document.expires_at,
        reconnected,
    })
}

/// What Instagram gives for a code.
struct Granted {
    scopes: Scopes,
    token: LongLived,
    profile: Profile,
}

/// Both exchanges and the profile: a long-lived token that works, of a professional account, with all that was asked for.
async fn ask<P: Provider>(provider: &P, login: &Login<'_>) -> Result<Granted, LoginError> {
    let at = |step| move |failure| LoginError::Provider { step, failure };
    let (app, short_lived) = exchange(provider, login).await.map_err(at(Step::Exchange))?;
    // Instagram may not say what was granted; then asking is all that can be done.
    let scopes = short_lived.granted.unwrap_or_else(|| login.scopes.clone());
    let missing = login.scopes.missing_from(&scopes);
    if !missing.is_empty() {
        return Err(LoginError::ScopesMissing(missing));
    }
    let token = extend(provider, app, &short_lived.token).await.map_err(at(Step::Extend))?;
    let profile = provider.profile(&token.token).await.map_err(at(Step::Profile))?;
    if profile.account_type == "PERSONAL" {
        return Err(LoginError::PersonalAccount { username: profile.username });
    }
    Ok(Granted { scopes, token, profile })
}

/// The account that a login has stored, for a second request of the same login; none if it has stored none (yet).
pub async fn outcome<V: Vault>(vault: &V, state: &LoginState) -> Result<Option<Connected>, VaultError> {
    let name = match state.invite.as_ref().and_then(|invite| invite.name.clone()) {
        Some(name) => Some(name),
        None => vault.recall(&state.login_id()).await?,
    };
    let Some(name) = name else { return Ok(None) };
    // What was there before is not this login's.
    let stored = vault.get(&name).await?.filter(|account| account.document.connected_at >= state.started_at());
    Ok(stored.map(|Versioned { document, .. }| Connected {
        name: document.name,
        account_id: document.account_id,
        username: document.username,
        expires_at: document.expires_at,
        reconnected: true,
    }))
}

/// Exchanges the code. Where Instagram does not accept the app's secret, an earlier one is tried: while a secret is being
/// replaced, Meta's dashboard and ours change at different moments. A refusal of the app leaves the code as it was.
async fn exchange<P: Provider>(provider: &P, login: &Login<'_>) -> Result<(App, ShortLived), Failure> {
    let mut refusal = Failure::new(Problem::WrongAppCredentials);
    for app in login.app.with_each_secret() {
        match provider.exchange_code(&app, login.code, login.redirect_uri).await {
            Ok(short_lived) => {
                if app.secret != login.app.secret {
                    tracing::warn!("Instagram refused the app secret in force and accepted a previous one");
                }
                return Ok((app, short_lived));
            }
            Err(failure) if failure.problem == Problem::WrongAppCredentials => refusal = failure,
            Err(failure) => return Err(failure),
        }
    }
    Err(refusal)
}

/// Makes the token long-lived, with the secret that the exchange was made with, then with the others.
async fn extend<P: Provider>(provider: &P, app: App, token: &AccessToken) -> Result<LongLived, Failure> {
    let mut refusal = Failure::new(Problem::WrongAppCredentials);
    for app in app.with_each_secret() {
        match provider.extend(&app, token).await {
            Err(failure) if failure.problem == Problem::WrongAppCredentials => refusal = failure,
            answer => return answer,
        }
    }
    Err(refusal)
}

/// The document of an account that was connected when this token was issued: healthy, and renewed by nobody yet.
pub fn new_document<P: Provider>(
    provider: &P,
    name: &AccountName,
    scopes: Scopes,
    token: LongLived,
    profile: Profile,
    issued_at: OffsetDateTime,
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
        connected_at: issued_at,
        issued_at,
        expires_at: Some(issued_at + token.expires_in),
        data_access_expires_at: None,
        health: Health::healthy(),
        last_attempt: LastAttempt::succeeded(issued_at, Outcome::Connected),
        unknown: serde_json::Map::new(),
    }
}

/// A URL below another, whether that ends in a slash or not.
pub fn below(base: &Url, path: &str) -> Url {
    let mut url = base.clone();
    url.set_path(&format!("{}/{path}", base.path().trim_end_matches('/')));
    url
}
