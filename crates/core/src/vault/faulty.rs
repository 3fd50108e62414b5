//! Fault injection for vaults, for model tests and simulations.

use std::sync::Arc;

use futures_util::{FutureExt, Stream, TryFutureExt};

use super::account_index::{AccountIndex, FoundAccounts};
use super::account_store::{AccountStore, Page, Removal};
use super::error::VaultError;
use super::invite_claims::InviteClaims;
use super::login_records::LoginRecords;
use super::parked_documents::ParkedDocuments;
use crate::account::{AccountId, AccountName};
use crate::cohort::Cohort;
use crate::document::{Document, VersionId, Versioned};
use crate::invite::InviteId;
use crate::login_state::LoginId;

/// Decides which calls fail.
pub trait VaultFaults: Send + Sync + 'static {
    /// Runs `work`, and may fail before or after it.
    fn pass<T: Send>(
        &self,
        work: impl Future<Output = Result<T, VaultError>> + Send,
    ) -> impl Future<Output = Result<T, VaultError>> + Send;

    /// May fail before a list starts. The default never fails.
    fn before_list(&self) -> impl Future<Output = Result<(), VaultError>> + Send {
        std::future::ready(Ok(()))
    }
}

impl<F: VaultFaults> VaultFaults for Arc<F> {
    fn pass<T: Send>(
        &self,
        work: impl Future<Output = Result<T, VaultError>> + Send,
    ) -> impl Future<Output = Result<T, VaultError>> + Send {
        self.as_ref().pass(work)
    }

    fn before_list(&self) -> impl Future<Output = Result<(), VaultError>> + Send {
        self.as_ref().before_list()
    }
}

/// A vault whose calls fail as `faults` decides.
#[derive(Clone, Debug)]
pub struct FaultyVault<V, F> {
    /// The vault that does the work.
    pub vault: V,
    /// Decides which calls fail.
    pub faults: F,
}

impl<V: AccountStore, F: VaultFaults> AccountStore for FaultyVault<V, F> {
    async fn get(&self, name: &AccountName) -> Result<Option<Versioned>, VaultError> {
        self.faults.pass(self.vault.get(name)).await
    }

    async fn get_many(&self, names: &[AccountName]) -> Result<Page, VaultError> {
        self.faults.pass(self.vault.get_many(names)).await
    }

    fn list(&self) -> impl Stream<Item = Result<Page, VaultError>> + Send {
        self.faults.before_list().map(|begun| begun.map(|()| self.vault.list())).try_flatten_stream()
    }

    async fn create(&self, document: &Document) -> Result<VersionId, VaultError> {
        self.faults.pass(self.vault.create(document)).await
    }

    async fn replace(&self, expected: &VersionId, document: &Document) -> Result<VersionId, VaultError> {
        self.faults.pass(self.vault.replace(expected, document)).await
    }

    async fn remove(&self, name: &AccountName, removal: Removal) -> Result<(), VaultError> {
        self.faults.pass(self.vault.remove(name, removal)).await
    }

    fn cohort_of(&self, version: &VersionId) -> Option<Cohort> {
        self.vault.cohort_of(version)
    }
}

impl<V: ParkedDocuments, F: VaultFaults> ParkedDocuments for FaultyVault<V, F> {
    async fn park(&self, base: &VersionId, document: &Document) -> Result<(), VaultError> {
        self.faults.pass(self.vault.park(base, document)).await
    }

    async fn parked(&self, name: &AccountName) -> Result<Option<Document>, VaultError> {
        self.faults.pass(self.vault.parked(name)).await
    }

    async fn forget_earlier(&self, name: &AccountName) -> Result<(), VaultError> {
        self.faults.pass(self.vault.forget_earlier(name)).await
    }
}

impl<V: AccountIndex, F: VaultFaults> AccountIndex for FaultyVault<V, F> {
    async fn find(&self, id: &AccountId) -> Result<FoundAccounts, VaultError> {
        self.faults.pass(self.vault.find(id)).await
    }

    async fn label(&self, document: &Document, former: Option<&Document>) -> Result<(), VaultError> {
        self.faults.pass(self.vault.label(document, former)).await
    }
}

impl<V: LoginRecords, F: VaultFaults> LoginRecords for FaultyVault<V, F> {
    async fn remember(&self, login: &LoginId, name: &AccountName) -> Result<(), VaultError> {
        self.faults.pass(self.vault.remember(login, name)).await
    }

    async fn recall(&self, login: &LoginId) -> Result<Option<AccountName>, VaultError> {
        self.faults.pass(self.vault.recall(login)).await
    }
}

impl<V: InviteClaims, F: VaultFaults> InviteClaims for FaultyVault<V, F> {
    async fn claim(&self, invite: &InviteId) -> Result<(), VaultError> {
        self.faults.pass(self.vault.claim(invite)).await
    }

    async fn is_claimed(&self, invite: &InviteId) -> Result<bool, VaultError> {
        self.faults.pass(self.vault.is_claimed(invite)).await
    }

    async fn release(&self, invite: &InviteId) -> Result<(), VaultError> {
        self.faults.pass(self.vault.release(invite)).await
    }
}
