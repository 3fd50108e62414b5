//! Storing an account over whatever the vault holds, by compare-and-swap.

use super::account_index::AccountIndex;
use super::account_store::AccountStore;
use super::error::VaultError;
use super::parked_documents::ParkedDocuments;
use crate::account::{AccountId, AccountName};
use crate::cohort::Cohort;
use crate::document::{Document, Versioned};

/// How often a write starts again because another writer was faster.
const ATTEMPTS: usize = 4;

/// The result of [`store_account`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredAccount {
    /// The document that was current before, if any.
    pub previous: Option<Document>,
    /// The document that is current now.
    pub current: Document,
    /// The accounts that it is stored with; `None` if it is stored alone.
    pub cohort: Option<Cohort>,
}

/// Stores the next document of an account by compare-and-swap, and updates its index entry if that is out of date.
///
/// `next` receives the current document, if any, and returns the document to store. It is called again whenever another
/// writer was faster. `known` is what the caller has read already, which saves a read.
///
/// If the document replaces another account's, nothing of that account is kept.
///
/// A failure to forget the other account or to update the index entry is logged and is not an error: the account is stored
/// and only harder to find, and a later removal request finds what was not forgotten.
pub async fn store_account<V, E>(
    vault: &V,
    name: &AccountName,
    mut known: Option<Option<Versioned>>,
    next: impl Fn(Option<&Document>) -> Result<Document, E>,
) -> Result<StoredAccount, E>
where
    V: AccountStore + ParkedDocuments + AccountIndex,
    E: From<VaultError>,
{
    for _ in 0..ATTEMPTS {
        let present = match known.take() {
            Some(present) => present,
            None => vault.get(name).await?,
        };
        let document = next(present.as_ref().map(|present| &present.document))?;
        let written = match &present {
            None => vault.create(&document).await,
            Some(present) if present.document == document => Ok(present.version.clone()),
            Some(present) => vault.replace(&present.version, &document).await,
        };
        match written {
            Ok(version) => {
                let previous = present.map(|present| present.document);
                let former = forget_former(vault, previous.as_ref(), &document).await;
                update_index(vault, previous.as_ref(), &document, former).await;
                let cohort = vault.cohort_of(&version);
                return Ok(StoredAccount { previous, current: document, cohort });
            }
            Err(VaultError::Conflict) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Err(VaultError::Conflict.into())
}

/// Deletes what is left of the account that was replaced, if one was. Returns its document if that failed.
async fn forget_former<'a, V: ParkedDocuments>(
    vault: &V,
    previous: Option<&'a Document>,
    document: &Document,
) -> Option<&'a Document> {
    let former = previous.filter(|previous| previous.account_id != document.account_id)?;
    let error = vault.forget_earlier(&document.name).await.err()?;
    tracing::error!(account.name = %document.name, reason = %error, "the replaced account's earlier documents were not deleted");
    Some(former)
}

async fn update_index<V: AccountIndex>(
    vault: &V,
    previous: Option<&Document>,
    document: &Document,
    former: Option<&Document>,
) {
    let is_current = previous.is_none_or(|previous| index_entry(previous) == index_entry(document));
    if !is_current && let Err(error) = vault.label(document, former).await {
        tracing::warn!(account.name = %document.name, reason = %error, "the account's index entry is out of date");
    }
}

/// The fields that a vault may keep next to the document.
fn index_entry(document: &Document) -> (&AccountId, &AccountId, &str) {
    (&document.account_id, &document.app_scoped_id, &document.username)
}
