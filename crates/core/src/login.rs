//! From authorization code to stored document.

mod error;
mod exchange;
mod request;
mod store;
mod time_limits;

use time::OffsetDateTime;

pub use self::error::{LoginError, Step};
use self::exchange::{Granted, exchange_code};
pub use self::request::Login;
pub use self::time_limits::{Deadlines, TimeLimits};
use crate::account::AccountName;
use crate::connected_account::ConnectedAccount;
use crate::document::{Document, Health, LastAttempt, Outcome, SCHEMA, Versioned};
use crate::login_state::LoginState;
use crate::provider::{Profile, Provider};
use crate::scopes::Scopes;
use crate::token::LongLivedToken;
use crate::vault::{Vault, VaultError};

/// Completes a login: both exchanges, the profile and the write.
///
/// A token is stored only if it is long-lived, works, and belongs to an account that may be stored under the name.
///
/// The account that the invite names is read while Instagram answers, which saves one round trip. The write is a
/// compare-and-swap, so a change in between is noticed.
pub async fn finish<P: Provider, V: Vault>(
    provider: &P,
    vault: &V,
    login: Login<'_>,
) -> Result<ConnectedAccount, LoginError> {
    login.deadlines.login(exchange_and_store(provider, vault, &login)).await
}

async fn exchange_and_store<P: Provider, V: Vault>(
    provider: &P,
    vault: &V,
    login: &Login<'_>,
) -> Result<ConnectedAccount, LoginError> {
    let read_ahead = async { Ok(store::read_ahead(vault, login.invite).await) };
    let (granted, present) = tokio::try_join!(exchange_code(provider, login), read_ahead)?;
    let Granted { scopes, token, profile } = granted;
    store::check_expectation(vault, login.invite, &profile).await?;
    let name = store::name_for(vault, login.invite, &profile).await?;
    let mut document = new_document(provider, &name, scopes, token, profile, login.now);
    document.last_attempt.login = login.id.cloned();
    let reconnected = store::store(vault, login, &document, present).await?;
    Ok(ConnectedAccount {
        name,
        account_id: document.account_id,
        username: document.username,
        expires_at: document.expires_at,
        reconnected,
    })
}

/// The account that a login has stored, for a duplicate callback; `None` if it has not stored one yet.
pub async fn outcome<V: Vault>(vault: &V, state: &LoginState) -> Result<Option<ConnectedAccount>, VaultError> {
    let id = state.login_id();
    let name = match state.invite.as_ref().and_then(|invite| invite.name.clone()) {
        Some(name) => Some(name),
        None => vault.recall(&id).await?,
    };
    let Some(name) = name else { return Ok(None) };
    // The name may hold the result of another person's login with the same invite.
    let stored = vault.get(&name).await?.filter(|account| account.document.last_attempt.login.as_ref() == Some(&id));
    Ok(stored.map(|Versioned { document, .. }| ConnectedAccount {
        name: document.name,
        account_id: document.account_id,
        username: document.username,
        expires_at: document.expires_at,
        reconnected: true,
    }))
}

/// The first document of an account that was connected when this token was issued.
pub fn new_document<P: Provider>(
    provider: &P,
    name: &AccountName,
    scopes: Scopes,
    token: LongLivedToken,
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
        expires_at_assumed: false,
        data_access_expires_at: None,
        health: Health::healthy(),
        last_attempt: LastAttempt::succeeded(issued_at, Outcome::Connected),
        unknown: serde_json::Map::new(),
    }
}

#[cfg(test)]
mod tests;
