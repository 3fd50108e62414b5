//! The port for documents that are kept next to the current one.

use std::future::Future;

use super::error::VaultError;
use crate::account::AccountName;
use crate::document::{Document, VersionId};

/// Keeps one document per account next to the current one: a renewed token that Instagram rejected when it was tried.
pub trait ParkedDocuments: Send + Sync + 'static {
    /// Stores a document without making it current, in place of the one parked before. Returns
    /// [`VaultError::Conflict`] if `base` is not the current version.
    fn park(&self, base: &VersionId, document: &Document) -> impl Future<Output = Result<(), VaultError>> + Send;

    /// The parked document, if there is one.
    fn parked(&self, name: &AccountName) -> impl Future<Output = Result<Option<Document>, VaultError>> + Send;

    /// Deletes the previous and the parked document of an account. Called when they belong to another account.
    fn forget_earlier(&self, name: &AccountName) -> impl Future<Output = Result<(), VaultError>> + Send;
}
