//! From authorization code to stored document.

mod choice;
mod error;
mod exchange;
mod request;
mod store;
mod time_limits;

use time::OffsetDateTime;

pub use self::choice::{Choice, choices, connect_chosen};
pub use self::error::{LoginError, Step};
use self::exchange::{Granted, exchange_code};
pub use self::request::{CodeGrant, Login};
pub use self::time_limits::{Deadlines, TimeLimits};
use crate::account::AccountName;
use crate::connected_account::ConnectedAccount;
use crate::document::{Document, Health, LastAttempt, Outcome, ProviderName, SCHEMA};
use crate::invite::Invite;
use crate::login_state::LoginState;
use crate::provider::{GrantedAccount, Provider};
use crate::scopes::Scopes;
use crate::vault::{Vault, VaultError};

/// How a login goes on after the code was exchanged.
#[derive(Debug)]
pub enum Progress {
    /// The account is stored.
    Connected(ConnectedAccount),
    /// The person has access to several accounts and must choose.
    Choose(Choice),
}

/// Completes a login: both exchanges, the list of accounts and the write; or stops where the person must choose.
///
/// A token is stored only if it is long-lived, works, and belongs to an account that may be stored under the name.
///
/// The account that the invite names is read while Instagram answers, which saves one round trip. The write is a
/// compare-and-swap, so a change in between is noticed.
pub async fn finish<P: Provider, V: Vault>(
    provider: &P,
    vault: &V,
    login: Login<'_>,
    grant: CodeGrant<'_>,
) -> Result<Progress, LoginError> {
    // Boxed, because every move would copy it with all buffers of the HTTP client.
    login.deadlines.login(Box::pin(exchange_and_store(provider, vault, &login, &grant))).await
}

async fn exchange_and_store<P: Provider, V: Vault>(
    provider: &P,
    vault: &V,
    login: &Login<'_>,
    grant: &CodeGrant<'_>,
) -> Result<Progress, LoginError> {
    let read_ahead = async { Ok(store::read_ahead(vault, login.invite).await) };
    let (granted, present) = tokio::try_join!(exchange_code(provider, login, grant), read_ahead)?;
    let Granted { app, token, scopes, accounts } = granted;
    let account = match choice::pick(vault, login.invite, accounts, present.as_ref()).await? {
        Ok(account) => account,
        Err(accounts) => return Ok(Progress::Choose(Choice { token, scopes, accounts })),
    };
    let account = exchange::prove(provider, &app, account, login).await?;
    store::check_expectation(vault, login.invite, &account.profile).await?;
    let name = store::name_for(vault, login.invite, &account.profile, &[]).await?;
    let mut document = new_document(provider.name(), &name, scopes, account, login.now);
    document.last_attempt.login = login.id.cloned();
    Ok(Progress::Connected(store::store(vault, login, document, present).await?))
}

/// The account that a login has stored, for a duplicate callback; `None` if it has not stored one yet.
pub async fn outcome<V: Vault>(vault: &V, state: &LoginState) -> Result<Option<ConnectedAccount>, VaultError> {
    let id = state.login_id();
    let name = match state.invite.as_ref().and_then(Invite::account_name) {
        Some(name) => Some(name.clone()),
        None => vault.recall(&id).await?,
    };
    let Some(name) = name else { return Ok(None) };
    // The name may hold the result of another person's login with the same invite.
    let stored = vault.get(&name).await?.filter(|account| account.document.last_attempt.login.as_ref() == Some(&id));
    Ok(stored.map(|account| ConnectedAccount::new(account.document, account.cohort, true)))
}

/// The first document of an account that was connected when this token was issued.
pub fn new_document(
    provider: ProviderName,
    name: &AccountName,
    scopes: Scopes,
    account: GrantedAccount,
    issued_at: OffsetDateTime,
) -> Document {
    let GrantedAccount { profile, token, facebook } = account;
    let facebook = facebook.as_ref();
    Document {
        schema: SCHEMA,
        provider,
        name: name.clone(),
        account_id: profile.account_id,
        meta_user_id: facebook.map(|_| profile.app_scoped_id.clone()),
        app_scoped_id: profile.app_scoped_id,
        username: profile.username,
        account_type: profile.account_type,
        access_token: token.token,
        token_type: token.token_type,
        scopes,
        connected_at: issued_at,
        issued_at,
        // Only tokens of Facebook Login may have no end.
        expires_at: token.expires_in.is_positive().then(|| issued_at + token.expires_in),
        expires_at_assumed: false,
        data_access_expires_at: facebook.and_then(|facebook| facebook.data_access_expires_at),
        token_kind: facebook.map(|facebook| facebook.token_kind),
        page_id: facebook.and_then(|facebook| facebook.page_id.clone()),
        page_name: facebook.and_then(|facebook| facebook.page_name.clone()),
        reminded_days: None,
        health: Health::healthy(),
        last_attempt: LastAttempt::succeeded(issued_at, Outcome::Connected),
        unknown: serde_json::Map::new(),
    }
}

#[cfg(test)]
mod tests;
