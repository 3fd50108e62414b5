//! Where a login's document goes, and whether it may.

use super::{Login, LoginError};
use crate::account::{AccountId, AccountName};
use crate::document::{Document, Versioned};
use crate::invite::Invite;
use crate::ports::{Profile, Vault, VaultError};

/// How often a login starts its write again after somebody else's.
const WRITES: usize = 4;

/// Refuses an account that the invite does not expect, and names the one that it does.
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
    // A name says more than a number; where none is known the number must do.
    let known = vault.find(expected).await.unwrap_or_default().accounts.into_iter().next();
    let expected = known.map_or_else(|| expected.to_string(), |account| format!("@{}", account.document.username));
    Err(LoginError::OtherAccount { username: profile.username.clone(), expected })
}

/// What the account is to be called: as the invite says, else as it is called already, else by its id.
pub(super) async fn name_for<V: Vault>(
    vault: &V,
    invite: Option<&Invite>,
    profile: &Profile,
) -> Result<AccountName, LoginError> {
    if let Some(name) = invite.and_then(|invite| invite.name.clone()) {
        return Ok(name);
    }
    let by_id = profile.account_id.to_name();
    let stored = vault.find(&profile.account_id).await?.accounts;
    let mut names: Vec<_> = stored
        .into_iter()
        .filter(|account| account.document.account_id == profile.account_id)
        .map(|account| account.document.name)
        .collect();
    // Under several names the one that nobody gave is this login's own; else it is always the same one.
    names.sort();
    Ok(if names.contains(&by_id) { by_id } else { names.into_iter().next().unwrap_or(by_id) })
}

/// What a vault has under a name, or why that cannot be said.
type Present = Result<Option<Versioned>, VaultError>;

/// Reads what is there under the invite's name; none without one.
pub(super) async fn read_ahead<V: Vault>(vault: &V, invite: Option<&Invite>) -> Option<Present> {
    let name = invite?.name.as_ref()?;
    // What was begun beside it, a request to Instagram, leaves first: a Lambda has one thread for both.
    tokio::task::yield_now().await;
    Some(vault.get(name).await)
}

/// Stores the document, and uses up an invite that holds once. Returns whether the account was there before.
///
/// The claim comes last before the write: a login that fails on Instagram's side uses nothing up. Of two at once, in two
/// Lambdas, one gets it.
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
        tracing::warn!("an invite that holds once is used up although its account was not stored; make another");
    }
    written
}

/// Writes a login's document over whatever is there, since a login is newer than any refresh; but never over another
/// account, and never over what cannot be read. `present` is what was read ahead.
async fn write<V: Vault>(
    vault: &V,
    login: &Login<'_>,
    document: &Document,
    mut present: Option<Present>,
) -> Result<bool, LoginError> {
    let may_replace = login.invite.is_some_and(|invite| invite.replace);
    let is_named = login.invite.is_some_and(|invite| invite.name.is_some());
    for _ in 0..WRITES {
        let current = match present.take() {
            Some(Ok(present)) => present,
            // Where it could not be read ahead it may be read by now. The code is spent: there is no other try.
            Some(Err(_)) | None => vault.get(&document.name).await?,
        };
        let (written, labels_are_old) = match &current {
            None => (vault.create(document).await, false),
            Some(Versioned { document: present, .. }) if present.account_id != document.account_id && !may_replace => {
                return Err(LoginError::OtherAccount {
                    username: document.username.clone(),
                    expected: format!("@{}", present.username),
                });
            }
            Some(Versioned { version, document: present }) => {
                let labels_are_old = seen(present) != seen(document);
                let document = Document { unknown: present.unknown.clone(), ..document.clone() };
                (vault.replace(version, &document).await, labels_are_old)
            }
        };
        match written {
            Ok(_) => {
                // The account is connected all the same; it is only harder to find.
                if labels_are_old && let Err(error) = vault.label(document).await {
                    tracing::warn!(account.name = %document.name, reason = %error, "an account's labels are out of date");
                }
                if let Some(id) = login.id.filter(|_| !is_named)
                    && let Err(error) = vault.remember(id, &document.name).await
                {
                    tracing::warn!(account.name = %document.name, reason = %error, "a second click will not find its login");
                }
                return Ok(current.is_some());
            }
            Err(VaultError::Conflict) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Err(VaultError::Conflict.into())
}

/// What a vault may show of an account beside its document.
fn seen(document: &Document) -> (&AccountId, &AccountId, &str) {
    (&document.account_id, &document.app_scoped_id, &document.username)
}
