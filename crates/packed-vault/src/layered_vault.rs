//! A vault that keeps new accounts in packs, and reads and writes accounts that have a secret of their own.

mod departures;
mod listing;
mod packing;
mod reindexing;
mod removal;
mod roles;
mod sealed;
#[cfg(test)]
mod tests;
mod unpacking;

use evertoken_core::document::{Document, Placement, VersionId};
use evertoken_core::vault::{AccountStore, Removal, Vault, VaultError};

pub(crate) use self::departures::are_versions_used_up;
pub use self::packing::Moved;
use crate::pack_index::PackIndex;
use crate::pack_secrets::PackSecrets;
use crate::packed_vault::PackedVault;

/// Two layouts side by side: an account is in the pack that the index names. If no pack holds it, it has a secret of its own.
/// A secret that is sealed is the copy of an account in a pack, unless the pack still expects the account.
///
/// New accounts go into packs, unless their documents name another place. If a pack cannot be written, the account gets a
/// secret of its own, so that no login is lost to a quota.
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
            // What is left of a removed account does not count.
            Ok(Some(single)) if single.document.moved_to().is_some() && self.get(&document.name).await?.is_none() => {}
            Ok(Some(_)) | Err(VaultError::Unreadable(_)) => return Err(VaultError::Conflict),
            Err(error) => return Err(error),
        }
        if document.placement() == Placement::OwnSecret {
            return match self.packed.get(&document.name).await? {
                None => self.create_single(document).await,
                Some(_) => Err(VaultError::Conflict),
            };
        }
        match self.packed.create_with_retry(document).await {
            Err(error) if error != VaultError::Conflict => {
                let name = &document.name;
                tracing::warn!(account.name = %name, reason = %error, "no pack takes the account, so it gets a secret of its own");
                self.create_single(document).await
            }
            created => created,
        }
    }

    /// Stores an account in a secret of its own.
    async fn create_single(&self, document: &Document) -> Result<VersionId, VaultError> {
        let name = &document.name;
        let version = match self.singles.get(name).await? {
            Some(copy) if copy.document.moved_to().is_some() => {
                self.label_account(document).await?;
                self.singles.replace(&copy.version, document).await?
            }
            _ => self.singles.create(document).await?,
        };
        // The response of a write to the pack may have been lost. What is in a pack counts, so the copy goes.
        let Ok(Some(present)) = self.packed.get(name).await else { return Ok(version) };
        self.singles.remove(name, Removal::ForGood).await?;
        if present.document == *document { Ok(present.version) } else { Err(VaultError::Conflict) }
    }
}
