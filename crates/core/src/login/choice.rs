//! A login that gives access to several accounts: which of them to connect.

use std::collections::BTreeSet;

use futures_util::future::try_join_all;

use super::error::LoginError;
use super::exchange::{list_accounts, prove};
use super::new_document;
use super::request::Login;
use super::store::{self, Present};
use crate::account::AccountId;
use crate::connected_account::ConnectedAccount;
use crate::invite::Invite;
use crate::provider::{GrantedAccount, Provider};
use crate::scopes::Scopes;
use crate::token::LongLivedToken;
use crate::vault::Vault;

/// The most accounts that one login connects. Each costs two calls and a write within one request.
const MOST_ACCOUNTS: usize = 25;

/// A login that must wait for the person's choice.
#[derive(Debug)]
pub struct Choice {
    /// The login's long-lived token. It is never stored.
    pub token: LongLivedToken,
    /// The scopes that were granted.
    pub scopes: Scopes,
    /// The accounts to choose from.
    pub accounts: Vec<GrantedAccount>,
}

/// The account to connect without asking: the only one, or the one that the invite or its name is bound to. Otherwise, all
/// accounts.
pub(super) async fn pick<V: Vault>(
    vault: &V,
    invite: Option<&Invite>,
    mut accounts: Vec<GrantedAccount>,
    present: Option<&Present>,
) -> Result<Result<GrantedAccount, Vec<GrantedAccount>>, LoginError> {
    if accounts.len() == 1
        && let Some(only) = accounts.pop()
    {
        return Ok(Ok(only));
    }
    let Some(invite) = invite else { return Ok(Err(accounts)) };
    // Another account may replace the stored one.
    let stored = present.filter(|_| !invite.replace).and_then(|present| present.as_ref().ok()?.as_ref());
    let stored = stored.map(|stored| &stored.document.account_id);
    let Some(expected) = invite.account.as_ref().or(stored) else {
        return Ok(Err(accounts));
    };
    if let Some(place) = accounts.iter().position(|account| account.profile.account_id == *expected) {
        return Ok(Ok(accounts.swap_remove(place)));
    }
    let names: Vec<&str> = accounts.iter().map(|account| account.profile.username.as_str()).collect();
    let expected = store::describe(vault, expected).await;
    Err(LoginError::OtherAccount { username: names.join(", @"), expected })
}

/// Reads the accounts to choose from again.
pub async fn choices<P: Provider>(
    provider: &P,
    token: &LongLivedToken,
    login: &Login<'_>,
) -> Result<Vec<GrantedAccount>, LoginError> {
    Ok(list_accounts(provider, login.app, token, login).await?.accounts)
}

/// Connects the accounts that the person chose, at least one. The accounts are listed again, and an account that is not
/// among them is refused.
pub async fn connect_chosen<P: Provider, V: Vault>(
    provider: &P,
    vault: &V,
    token: &LongLivedToken,
    chosen: &BTreeSet<AccountId>,
    login: Login<'_>,
) -> Result<Vec<ConnectedAccount>, LoginError> {
    login.deadlines.login(connect_all(provider, vault, token, chosen, &login)).await
}

async fn connect_all<P: Provider, V: Vault>(
    provider: &P,
    vault: &V,
    token: &LongLivedToken,
    chosen: &BTreeSet<AccountId>,
    login: &Login<'_>,
) -> Result<Vec<ConnectedAccount>, LoginError> {
    let most = if login.invite.is_some_and(|invite| invite.many_accounts) { MOST_ACCOUNTS } else { 1 };
    if chosen.is_empty() || chosen.len() > most {
        return Err(LoginError::ChoiceNotOffered);
    }
    let granted = list_accounts(provider, login.app, token, login).await?;
    let scopes = granted.scopes.unwrap_or_else(|| login.scopes.clone());
    let accounts: Vec<_> =
        granted.accounts.into_iter().filter(|account| chosen.contains(&account.profile.account_id)).collect();
    if accounts.len() != chosen.len() {
        return Err(LoginError::ChoiceNotOffered);
    }
    let proving = accounts.into_iter().map(|account| prove(provider, login.app, account, login));
    let accounts = try_join_all(proving).await?;
    let mut documents = Vec::new();
    for account in accounts {
        store::check_expectation(vault, login.invite, &account.profile).await?;
        let name = store::name_for(vault, login.invite, &account.profile, &documents).await?;
        let mut document = new_document(provider.name(), &name, scopes.clone(), account, login.now);
        document.last_attempt.login = login.id.cloned();
        documents.push(document);
    }
    store::store_all(vault, login, documents).await
}
