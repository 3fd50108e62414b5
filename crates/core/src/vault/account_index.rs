//! The port that finds accounts by id.

use std::future::Future;

use super::error::VaultError;
use crate::account::{AccountId, AccountName};
use crate::document::{Document, Versioned};

/// Finds accounts by either of their Instagram ids.
pub trait AccountIndex: Send + Sync + 'static {
    /// The accounts that have this id, as [`Document::has_id`] defines it. One Instagram account may be stored under
    /// several names. Also finds the earlier documents of accounts that somebody else's login has replaced.
    fn find(&self, id: &AccountId) -> impl Future<Output = Result<FoundAccounts, VaultError>> + Send;

    /// Updates the index entry of an account, if the vault keeps one next to the document. Called when a document was
    /// stored over one with another account id, app-scoped id or username.
    ///
    /// `former` is the document of the account that was replaced, if it could not be forgotten. It can still be found.
    fn label(
        &self,
        document: &Document,
        former: Option<&Document>,
    ) -> impl Future<Output = Result<(), VaultError>> + Send;
}

/// The result of [`AccountIndex::find`].
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FoundAccounts {
    /// The accounts, confirmed by their documents.
    pub accounts: Vec<Versioned>,
    /// Names of deleted accounts that can still be restored. Their documents cannot be read.
    pub removed: Vec<AccountName>,
    /// Names that belong to another account by now. A previous or parked document still has the id.
    pub former: Vec<AccountName>,
    /// Whether accounts that were stored a few minutes ago can be missing.
    pub may_miss_recent: bool,
}
