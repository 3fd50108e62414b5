//! The port that reads a vault part by part, so that several processes can share the work of a run.

use std::future::Future;

use futures_util::Stream;

use super::account_store::{Page, Selection};
use super::error::VaultError;
use crate::cohort::Cohort;

/// Some of the accounts in a vault.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Part {
    /// The accounts of a cohort.
    Cohort(Cohort),
    /// All accounts that are stored alone.
    Alone,
}

/// Reads a vault part by part. Every account is in one part.
pub trait VaultParts: Send + Sync + 'static {
    /// All parts, also those without accounts.
    fn parts(&self) -> impl Future<Output = Result<Vec<Part>, VaultError>> + Send;

    /// The documents of a part, as [`scan`](super::AccountStore::scan) lists those of all parts. Of a part that does not
    /// exist, none.
    fn scan_part<'a>(
        &'a self,
        part: Part,
        acts_on: Selection<'a>,
    ) -> impl Stream<Item = Result<Page, VaultError>> + Send;
}
