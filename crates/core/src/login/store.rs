//! Storing the document of a login.

use super::error::LoginError;
use super::request::Login;
use crate::account::AccountName;
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
    let Some(expected) = invite.filter(|invite| !invite.replace).and_then(|invite| invite.account.as_ref()) else {
        return Ok(());
    };
    if *expected == profile.account_id {
        return Ok(());
    }
    // A username is easier to recognize than an id.
    let known = vault.find(expected).await.unwrap_or_default().accounts.into_iter().next();
    let expected = known.map_or_else(|| expected.to_string(), |account| format!("@{}", account.document.username));
    Err(LoginError::OtherAccount { username: profile.username.clone(), expected })
}

/// The name to store the account under: the invite's, otherwise its present name, otherwise its id. Rejects a name that is
/// the id of another account.
pub(super) async fn name_for<V: Vault>(
    vault: &V,
    invite: Option<&Invite>,
    profile: &Profile,
) -> Result<AccountName, LoginError> {
    if let Some(name) = invite.and_then(|invite| invite.name.clone()) {
        return match name.reserved_for() {
            Some(owner) if owner != profile.account_id => {
                Err(LoginError::OtherAccount { username: profile.username.clone(), expected: owner.to_string() })
            }
            _ => Ok(name),
        };
    }
    let by_id = profile.account_id.to_name();
    let stored = vault.find(&profile.account_id).await?.accounts;
    let mut names: Vec<_> = stored
        .into_iter()
        .filter(|account| account.document.account_id == profile.account_id)
        .map(|account| account.document.name)
        .collect();
    // If the account has several names, prefer its id. Otherwise the choice must be stable.
    names.sort();
    Ok(if names.contains(&by_id) { by_id } else { names.into_iter().next().unwrap_or(by_id) })
}

/// The account that is stored under the invite's name, or the error of reading it.
type Present = Result<Option<Versioned>, VaultError>;

/// Reads the account that the invite names; `None` if it names none.
pub(super) async fn read_ahead<V: Vault>(vault: &V, invite: Option<&Invite>) -> Option<Present> {
    let name = invite?.name.as_ref()?;
    // The concurrent request to Instagram is sent first: a Lambda has one thread for both.
    tokio::task::yield_now().await;
    Some(vault.get(name).await)
}

/// Stores the document and uses up a single-use invite. Returns whether the account existed before.
///
/// The invite is claimed right before the write, so a login that fails on Instagram's side does not use it up. Of two
/// concurrent logins in two Lambdas, one gets the claim.
pub(super) async fn store<V: Vault>(
    vault: &V,
    login: &Login<'_>,
    document: &Document,
    present: Option<Present>,
) -> Result<bool, LoginError> {
    let Some(once) = login.invite.and_then(|invite| invite.once.as_ref()) else {
        return write(vault, login, document, present).await;
    };
    vault.claim(once).await.map_err(|error| match error {
        VaultError::Conflict => LoginError::InviteUsed,
        error => error.into(),
    })?;
    let written = write(vault, login, document, present).await;
    if written.is_err() && vault.release(once).await.is_err() {
        tracing::warn!("a single-use invite is used up although its account was not stored; create a new invite");
    }
    written
}

/// Writes a login's document over whatever is stored, since a login is newer than any refresh; but never over another
/// account, and never over a value that cannot be read. Returns whether the account existed before.
async fn write<V: Vault>(
    vault: &V,
    login: &Login<'_>,
    document: &Document,
    present: Option<Present>,
) -> Result<bool, LoginError> {
    let may_replace = login.invite.is_some_and(|invite| invite.replace);
    let is_named = login.invite.is_some_and(|invite| invite.name.is_some());
    let next = |present: Option<&Document>| match present {
        None => Ok(document.clone()),
        Some(present) if present.account_id != document.account_id && !may_replace => Err(LoginError::OtherAccount {
            username: document.username.clone(),
            expected: format!("@{}", present.username),
        }),
        Some(present) => Ok(Document { unknown: present.unknown.clone(), ..document.clone() }),
    };
    // A read ahead that failed is repeated: the code is used up, so there is no other attempt.
    let known = present.and_then(Result::ok);
    let stored: StoredAccount = store_account(vault, &document.name, known, next).await?;
    if let Some(id) = login.id.filter(|_| !is_named)
        && let Err(error) = vault.remember(id, &document.name).await
    {
        tracing::warn!(account.name = %document.name, reason = %error, "a duplicate callback will not find this login");
    }
    Ok(stored.previous.is_some())
}
