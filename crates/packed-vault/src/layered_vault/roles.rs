//! The roles of a vault.

use std::collections::BTreeSet;

use evertoken_core::account::{AccountId, AccountName};
use evertoken_core::cohort::Cohort;
use evertoken_core::document::{Document, VersionId, Versioned};
use evertoken_core::invite::InviteId;
use evertoken_core::login_state::LoginId;
use evertoken_core::vault::{
    AccountIndex, AccountStore, FoundAccounts, InviteClaims, LoginRecords, Page, ParkedDocuments, Removal, Vault,
    VaultError,
};
use futures_util::{Stream, StreamExt};

use super::LayeredVault;
use crate::pack_index::PackIndex;
use crate::pack_secrets::PackSecrets;
use crate::revision::AccountVersion;

/// Whether a version is that of an account in a pack.
fn is_packed(version: &VersionId) -> bool {
    AccountVersion::parse(version).is_some()
}

impl<S: PackSecrets, I: PackIndex, V: Vault> AccountStore for LayeredVault<S, I, V> {
    async fn get(&self, name: &AccountName) -> Result<Option<Versioned>, VaultError> {
        match self.packed.get(name).await? {
            Some(account) => Ok(Some(account)),
            None => self.singles.get(name).await,
        }
    }

    async fn get_many(&self, names: &[AccountName]) -> Result<Page, VaultError> {
        let mut page = self.packed.get_many(names).await?;
        let found: BTreeSet<_> = page.accounts.iter().map(|account| account.document.name.as_str()).collect();
        let broken: BTreeSet<_> = page.unreadable.iter().map(|broken| broken.name.as_str()).collect();
        let is_missing = |name: &&AccountName| !found.contains(name.as_str()) && !broken.contains(name.as_str());
        let missing: Vec<_> = names.iter().filter(is_missing).cloned().collect();
        if !missing.is_empty() {
            let singles = self.singles.get_many(&missing).await?;
            page.accounts.extend(singles.accounts);
            page.unreadable.extend(singles.unreadable);
        }
        Ok(page)
    }

    fn list(&self) -> impl Stream<Item = Result<Page, VaultError>> + Send {
        let singles = self.singles.list().then(async |page| match page {
            Ok(page) => self.without_packed(page).await,
            Err(error) => Err(error),
        });
        self.packed.list().chain(singles)
    }

    async fn create(&self, document: &Document) -> Result<VersionId, VaultError> {
        self.create_account(document).await
    }

    async fn replace(&self, expected: &VersionId, document: &Document) -> Result<VersionId, VaultError> {
        if is_packed(expected) {
            self.packed.replace(expected, document).await
        } else {
            self.packed.acquire_write().await;
            self.singles.replace(expected, document).await
        }
    }

    async fn remove(&self, name: &AccountName, removal: Removal) -> Result<(), VaultError> {
        match removal {
            Removal::Recoverable => self.remove_recoverably(name).await,
            Removal::ForGood => {
                self.packed.remove(name, removal).await?;
                self.singles.remove(name, removal).await
            }
        }
    }

    fn cohort_of(&self, version: &VersionId) -> Option<Cohort> {
        self.packed.cohort_of(version)
    }
}

impl<S: PackSecrets, I: PackIndex, V: Vault> ParkedDocuments for LayeredVault<S, I, V> {
    async fn park(&self, base: &VersionId, document: &Document) -> Result<(), VaultError> {
        if is_packed(base) {
            self.packed.park(base, document).await
        } else {
            self.packed.acquire_write().await;
            self.singles.park(base, document).await
        }
    }

    async fn parked(&self, name: &AccountName) -> Result<Option<Document>, VaultError> {
        match self.packed.get(name).await? {
            Some(_) => self.packed.parked(name).await,
            None => self.singles.parked(name).await,
        }
    }

    async fn forget_earlier(&self, name: &AccountName) -> Result<(), VaultError> {
        self.packed.forget_earlier(name).await?;
        self.singles.forget_earlier(name).await
    }
}

impl<S: PackSecrets, I: PackIndex, V: Vault> AccountIndex for LayeredVault<S, I, V> {
    async fn find(&self, id: &AccountId) -> Result<FoundAccounts, VaultError> {
        let mut found = self.packed.find(id).await?;
        let singles = self.singles.find(id).await?;
        let candidates: Vec<_> = singles.accounts.iter().map(|account| account.document.name.clone()).collect();
        let packed = self.in_packs(&candidates).await?;
        found.accounts.extend(singles.accounts.into_iter().filter(|one| !packed.contains(&one.document.name)));
        let accounts: BTreeSet<_> = found.accounts.iter().map(|account| account.document.name.clone()).collect();
        // The secret of a removed account stays for some days, also if the account is connected again.
        found.removed.extend(singles.removed);
        found.former.extend(singles.former);
        for names in [&mut found.removed, &mut found.former] {
            names.retain(|name| !accounts.contains(name));
            names.sort();
            names.dedup();
        }
        found.may_miss_recent |= singles.may_miss_recent;
        Ok(found)
    }

    async fn label(&self, document: &Document, former: Option<&Document>) -> Result<(), VaultError> {
        match self.packed.get(&document.name).await? {
            Some(_) => self.packed.label(document, former).await,
            None => self.singles.label(document, former).await,
        }
    }
}

/// Records are in the index. Those of earlier versions are with the accounts that have a secret of their own.
impl<S: PackSecrets, I: PackIndex, V: Vault> LoginRecords for LayeredVault<S, I, V> {
    async fn remember(&self, login: &LoginId, name: &AccountName) -> Result<(), VaultError> {
        self.packed.remember(login, name).await
    }

    async fn recall(&self, login: &LoginId) -> Result<Option<AccountName>, VaultError> {
        match self.packed.recall(login).await? {
            Some(name) => Ok(Some(name)),
            None => self.singles.recall(login).await,
        }
    }
}

/// Claims are in the index. Those of earlier versions are with the accounts that have a secret of their own.
impl<S: PackSecrets, I: PackIndex, V: Vault> InviteClaims for LayeredVault<S, I, V> {
    async fn claim(&self, invite: &InviteId) -> Result<(), VaultError> {
        if self.singles.is_claimed(invite).await? {
            return Err(VaultError::Conflict);
        }
        self.packed.claim(invite).await
    }

    async fn is_claimed(&self, invite: &InviteId) -> Result<bool, VaultError> {
        Ok(self.packed.is_claimed(invite).await? || self.singles.is_claimed(invite).await?)
    }

    async fn release(&self, invite: &InviteId) -> Result<(), VaultError> {
        self.packed.release(invite).await?;
        self.singles.release(invite).await
    }
}
