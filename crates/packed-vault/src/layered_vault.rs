//! A vault that keeps new accounts in packs, and reads and writes accounts that have a secret of their own.

mod roles;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;

use evertoken_core::account::AccountName;
use evertoken_core::document::{Document, VersionId, Versioned};
use evertoken_core::vault::{AccountStore, Page, Removal, Vault, VaultError};

use crate::pack_index::PackIndex;
use crate::pack_secrets::PackSecrets;
use crate::packed_vault::PackedVault;

/// Two layouts side by side: an account is in the pack that the index names. If no pack holds it, it has a secret of its own.
///
/// New accounts go into packs. If a pack cannot be written, the account gets a secret of its own, so that no login is lost to a
/// quota.
#[derive(Debug)]
pub struct LayeredVault<S, I, V> {
    /// The accounts in packs.
    packed: PackedVault<S, I>,
    /// The accounts that have a secret of their own.
    singles: V,
}

impl<S, I, V: Clone> Clone for LayeredVault<S, I, V> {
    fn clone(&self) -> Self {
        Self { packed: self.packed.clone(), singles: self.singles.clone() }
    }
}

impl<S: PackSecrets, I: PackIndex, V: Vault> LayeredVault<S, I, V> {
    /// A vault over both layouts. Sends no request.
    pub fn new(packed: PackedVault<S, I>, singles: V) -> Self {
        Self { packed, singles }
    }

    /// The accounts in packs.
    pub fn packed(&self) -> &PackedVault<S, I> {
        &self.packed
    }

    /// The accounts that have a secret of their own.
    pub fn singles(&self) -> &V {
        &self.singles
    }

    async fn create_account(&self, document: &Document) -> Result<VersionId, VaultError> {
        match self.singles.get(&document.name).await {
            Ok(None) => {}
            Ok(Some(_)) | Err(VaultError::Unreadable(_)) => return Err(VaultError::Conflict),
            Err(error) => return Err(error),
        }
        match self.packed.create(document).await {
            Err(error) if error != VaultError::Conflict => self.create_single(document, &error).await,
            created => created,
        }
    }

    /// Stores an account that no pack takes.
    async fn create_single(&self, document: &Document, error: &VaultError) -> Result<VersionId, VaultError> {
        let name = &document.name;
        tracing::warn!(account.name = %name, reason = %error, "no pack takes the account, so it gets a secret of its own");
        let version = self.singles.create(document).await?;
        // The response of a write to the pack may have been lost. What is in a pack counts, so the copy goes.
        let Ok(Some(present)) = self.packed.get(name).await else { return Ok(version) };
        self.singles.remove(name, Removal::ForGood).await?;
        if present.document == *document { Ok(present.version) } else { Err(VaultError::Conflict) }
    }

    /// Removes an account from its pack, after it was copied to a secret that is scheduled for deletion. An operator can restore
    /// that secret, as one of any other account, also when the earlier versions of the pack are deleted sooner.
    async fn remove_recoverably(&self, name: &AccountName) -> Result<(), VaultError> {
        if let Some(present) = self.packed.get(name).await?
            && let Err(error) = self.singles.create(&present.document).await
            && error != VaultError::Conflict
        {
            tracing::warn!(account.name = %name, reason = %error, "a removed account can be restored from its pack only");
        }
        self.singles.remove(name, Removal::Recoverable).await?;
        self.packed.remove(name, Removal::Recoverable).await
    }

    /// Leaves out the accounts of a page that are in packs.
    async fn without_packed(&self, page: Page) -> Result<Page, VaultError> {
        let names: Vec<_> = page.accounts.iter().map(|account| account.document.name.clone()).collect();
        let packed = self.in_packs(&names).await?;
        let stays = |account: &Versioned| !packed.contains(&account.document.name);
        Ok(Page { accounts: page.accounts.into_iter().filter(stays).collect(), unreadable: page.unreadable })
    }

    /// Which accounts are in packs. A place without a document does not count: its login may have got a secret of its own.
    async fn in_packs(&self, names: &[AccountName]) -> Result<BTreeSet<AccountName>, VaultError> {
        let placed = self.packed.placed(names).await?;
        let mut packed = BTreeSet::new();
        for name in placed {
            match self.packed.get(&name).await {
                Ok(None) => {}
                Ok(Some(_)) | Err(VaultError::Unreadable(_)) => drop(packed.insert(name)),
                Err(error) => return Err(error),
            }
        }
        Ok(packed)
    }
}
