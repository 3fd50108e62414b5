//! The port that reads and writes account documents.

use std::future::Future;

use futures_util::Stream;

use super::error::VaultError;
use crate::account::AccountName;
use crate::cohort::Cohort;
use crate::document::{Document, DocumentError, VersionId, Versioned};

/// Reads and writes account documents.
///
/// - Every write creates a new version. [`replace`](Self::replace) succeeds only if `expected` is still the current
///   version, so that no writer overwrites a document that it has not read.
/// - Writes are idempotent: the same write again changes nothing and returns the same version.
/// - A value that is not an account document is reported and never changed.
pub trait AccountStore: Send + Sync + 'static {
    /// The current document, or `None` if the account does not exist.
    fn get(&self, name: &AccountName) -> impl Future<Output = Result<Option<Versioned>, VaultError>> + Send;

    /// The current documents of at most [`most_at_once`](Self::most_at_once) accounts, in one call if the vault supports that.
    /// Accounts that do not exist are left out.
    fn get_many(&self, names: &[AccountName]) -> impl Future<Output = Result<Page, VaultError>> + Send;

    /// How many documents [`get_many`](Self::get_many) reads at most.
    fn most_at_once(&self) -> usize {
        PAGE_SIZE
    }

    /// All documents, page by page.
    fn list(&self) -> impl Stream<Item = Result<Page, VaultError>> + Send;

    /// Like [`list`](Self::list), for a run that acts only on some accounts, which `acts_on` selects. Others may be listed
    /// although they were moved or removed a moment ago, so that a vault can save the requests that would tell.
    fn scan<'a>(&'a self, acts_on: Selection<'a>) -> impl Stream<Item = Result<Page, VaultError>> + Send {
        let _ = acts_on;
        self.list()
    }

    /// Stores an account's first document. Returns [`VaultError::Conflict`] if the account exists.
    fn create(&self, document: &Document) -> impl Future<Output = Result<VersionId, VaultError>> + Send;

    /// Stores the next document if `expected` is the current version; otherwise returns [`VaultError::Conflict`].
    /// The operator can still recover the previous document.
    fn replace(
        &self,
        expected: &VersionId,
        document: &Document,
    ) -> impl Future<Output = Result<VersionId, VaultError>> + Send;

    /// Deletes an account. Deleting an account that does not exist succeeds.
    fn remove(&self, name: &AccountName, removal: Removal) -> impl Future<Output = Result<(), VaultError>> + Send;

    /// The accounts that a version of this vault is stored with; `None` if it is stored alone. Sends no request.
    fn cohort_of(&self, _version: &VersionId) -> Option<Cohort> {
        None
    }
}

/// Selects the accounts that a run acts on.
pub type Selection<'a> = &'a (dyn Fn(&Versioned) -> bool + Send + Sync);

/// The largest page: `BatchGetSecretValue` returns at most 20 values.
pub const PAGE_SIZE: usize = 20;

/// Some of the documents in a vault.
#[derive(Clone, Debug, Default)]
pub struct Page {
    /// The documents.
    pub accounts: Vec<Versioned>,
    /// The values that could not be read as documents.
    pub unreadable: Vec<Unreadable>,
}

/// A value in the vault that is not an account document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unreadable {
    /// The name of the value in the vault.
    pub name: String,
    /// What is wrong with it.
    pub reason: DocumentError,
}

/// How an account is deleted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Removal {
    /// The operator can restore the account for seven days if the vault supports recovery. Otherwise the account is
    /// deleted at once.
    Recoverable,
    /// The account and everything that could restore it are deleted at once.
    ForGood,
}
