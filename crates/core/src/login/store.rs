//! Storing the document of a login.

use std::pin::pin;

use super::error::LoginError;
use super::request::Login;
use crate::account::{AccountId, AccountName};
use crate::connected_account::ConnectedAccount;
use crate::document::{Document, Versioned};
use crate::invite::Invite;
use crate::provider::Profile;
use crate::vault::{StoredAccount, Vault, VaultError, store_account};

/// Rejects an account that the invite does not expect, and names the expected one.
pub(super) async fn check_expectation<V: Vault>(
    vault: &V,
    invite: Option<&Invite>,
    profile: &Profile,
) -> Result<(), LoginError> {
    let Some(expected) = invite.and_then(|invite| invite.account.as_ref()) else { return Ok(()) };
    if *expected == profile.account_id {
        return Ok(());
    }
    let expected = describe(vault, expected).await;
    Err(LoginError::OtherAccount { username: profile.username.clone(), expected })
}

/// The username of an account, which is easier to recognize than its id; the id if it is not known.
pub(super) async fn describe<V: Vault>(vault: &V, id: &AccountId) -> String {
    let known = vault.find(id).await.unwrap_or_default().accounts.into_iter().next();
    known.map_or_else(|| id.to_string(), |account| format!("@{}", account.document.username))
}

/// The name to store the account under: the invite's, otherwise its present name, otherwise its id. Rejects a name that is
/// the id of another account. `taken` are the accounts that the same login connects.
pub(super) async fn name_for<V: Vault>(
    vault: &V,
    invite: Option<&Invite>,
    profile: &Profile,
    taken: &[Document],
) -> Result<AccountName, LoginError> {
    if let Some(name) = invite.and_then(Invite::account_name) {
        return match name.reserved_for() {
            Some(owner) if owner != profile.account_id => {
                Err(LoginError::OtherAccount { username: profile.username.clone(), expected: owner.to_string() })
            }
            _ => Ok(name.clone()),
        };
    }
    let names = stored_names(vault, &profile.account_id).await?;
    if let Some(beginning) = invite.and_then(|invite| invite.name.as_ref()) {
        return name_among_many(vault, beginning, names, profile, taken).await;
    }
    let by_id = profile.account_id.to_name();
    // If the account has several names, prefer its id. Otherwise the choice must be stable.
    Ok(if names.contains(&by_id) { by_id } else { names.into_iter().next().unwrap_or(by_id) })
}

/// The name of an account whose invite connects several: its present name, if that is the invite's name or begins with it.
/// Otherwise the invite's name and the username, or the account's id if that name is taken.
async fn name_among_many<V: Vault>(
    vault: &V,
    beginning: &AccountName,
    present: Vec<AccountName>,
    profile: &Profile,
    taken: &[Document],
) -> Result<AccountName, LoginError> {
    let extends = |name: &AccountName| {
        name.as_str().strip_prefix(beginning.as_str()).is_some_and(|rest| rest.is_empty() || rest.starts_with('-'))
    };
    if let Some(present) = present.into_iter().find(extends) {
        return Ok(present);
    }
    let name = beginning.extended_by(&profile.username);
    let is_taken = taken.iter().any(|document| document.name == name)
        || vault.get(&name).await?.is_some_and(|stored| stored.document.account_id != profile.account_id);
    Ok(if is_taken { beginning.extended_by(profile.account_id.as_str()) } else { name })
}

/// The names under which an account is stored, sorted.
async fn stored_names<V: Vault>(vault: &V, id: &AccountId) -> Result<Vec<AccountName>, VaultError> {
    let stored = vault.find(id).await?.accounts;
    let mut names: Vec<_> = stored
        .into_iter()
        .filter(|account| account.document.account_id == *id)
        .map(|account| account.document.name)
        .collect();
    names.sort();
    Ok(names)
}

/// The account that is stored under the invite's name, or the error of reading it.
pub(super) type Present = Result<Option<Versioned>, VaultError>;

/// Reads the account that the invite names; `None` if it names none.
pub(super) async fn read_ahead<V: Vault>(vault: &V, invite: Option<&Invite>) -> Option<Present> {
    let name = invite?.account_name()?;
    // The concurrent request to Instagram is sent first: a Lambda has one thread for both.
    tokio::task::yield_now().await;
    Some(vault.get(name).await)
}

/// Stores the document and uses up a single-use invite.
pub(super) async fn store<V: Vault>(
    vault: &V,
    login: &Login<'_>,
    document: Document,
    present: Option<Present>,
) -> Result<ConnectedAccount, LoginError> {
    let stored = using_up_invite(vault, login, pin!(write(vault, login, document, present))).await?;
    remember(vault, login, &stored.name).await;
    Ok(stored)
}

/// Stores the documents of several accounts and uses up a single-use invite.
pub(super) async fn store_all<V: Vault>(
    vault: &V,
    login: &Login<'_>,
    documents: Vec<Document>,
) -> Result<Vec<ConnectedAccount>, LoginError> {
    let writing = pin!(async {
        let mut connected = Vec::new();
        for document in documents {
            let stored = write(vault, login, document, None).await.inspect_err(|_| report_stored(&connected))?;
            connected.push(stored);
        }
        Ok(connected)
    });
    let stored: Vec<ConnectedAccount> = using_up_invite(vault, login, writing).await?;
    if let Some(first) = stored.first() {
        remember(vault, login, &first.name).await;
    }
    Ok(stored)
}

/// Logs the accounts that stay connected although the login as a whole fails. The next login replaces their tokens.
fn report_stored(connected: &[ConnectedAccount]) {
    for account in connected {
        tracing::warn!(account.name = %account.name, "the account was connected, but another account of the same login was not");
    }
}

/// Remembers what a login has stored, if its invite does not name the account.
async fn remember<V: Vault>(vault: &V, login: &Login<'_>, name: &AccountName) {
    let is_named = login.invite.is_some_and(|invite| invite.account_name().is_some());
    if let Some(id) = login.id.filter(|_| !is_named)
        && let Err(error) = vault.remember(id, name).await
    {
        tracing::warn!(account.name = %name, reason = %error, "a duplicate callback will not find this login");
    }
}

/// Claims a single-use invite, if the login has one, right before `write`, so that a login that fails on Instagram's side does
/// not use it up. Of two concurrent logins in two Lambdas, one gets the claim.
async fn using_up_invite<V: Vault, T>(
    vault: &V,
    login: &Login<'_>,
    write: impl Future<Output = Result<T, LoginError>>,
) -> Result<T, LoginError> {
    let Some(once) = login.invite.and_then(|invite| invite.once.as_ref()) else { return write.await };
    vault.claim(once).await.map_err(|error| match error {
        VaultError::Conflict => LoginError::InviteUsed,
        error => error.into(),
    })?;
    let written = login.deadlines.write(write).await;
    if written.is_err() && vault.release(once).await.is_err() {
        tracing::warn!("a single-use invite is used up although its account was not stored; create a new invite");
    }
    written
}

/// Writes a login's document over whatever is stored, since a login is newer than any refresh; but never over another
/// account, and never over a value that cannot be read.
async fn write<V: Vault>(
    vault: &V,
    login: &Login<'_>,
    document: Document,
    present: Option<Present>,
) -> Result<ConnectedAccount, LoginError> {
    let may_replace = login.invite.is_some_and(|invite| invite.replace);
    let placed = |document: Document| match login.invite {
        Some(invite) => document.with_placement(&invite.placement),
        None => document,
    };
    let next = |present: Option<&Document>| match present {
        None => Ok(placed(document.clone())),
        Some(present) if present.account_id != document.account_id && !may_replace => Err(LoginError::OtherAccount {
            username: document.username.clone(),
            expected: format!("@{}", present.username),
        }),
        Some(present) => Ok(placed(Document { unknown: present.unknown.clone(), ..document.clone() })),
    };
    // A read ahead that failed is repeated: the code is used up, so there is no other attempt.
    let known = present.and_then(Result::ok);
    let stored: StoredAccount = store_account(vault, &document.name, known, next).await?;
    Ok(ConnectedAccount::new(document, stored.cohort, stored.previous.is_some()))
}
