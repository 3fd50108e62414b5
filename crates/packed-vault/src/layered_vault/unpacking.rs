//! Moves an account from its pack to a secret of its own.
//!
//! 1. The document is copied to the account's secret, marked as a copy. The pack still counts.
//! 2. The account leaves its pack, unless it has changed since. The pack expects it, so the sealed secret counts.
//! 3. The seal is removed by compare-and-swap. The secret counts by itself, and the pack gives up the account's place.
//!
//! A process that stops in between leaves an account that can be read. The next write to it moves it back into its pack, and
//! the next `unpack` continues.

use evertoken_core::account::AccountName;
use evertoken_core::document::{Document, VersionId, Versioned};
use evertoken_core::vault::{Removal, Vault, VaultError};

use super::LayeredVault;
use super::packing::Moved;
use super::sealed::seal;
use crate::ids::PackId;
use crate::pack_index::{PackIndex, UseId};
use crate::pack_secrets::PackSecrets;
use crate::packed_vault::{Expectation, Leaving, ROUNDS};

impl<S: PackSecrets, I: PackIndex, V: Vault> LayeredVault<S, I, V> {
    /// Moves an account to a secret of its own.
    pub async fn unpack(&self, name: &AccountName) -> Result<Moved, VaultError> {
        let mut result = Moved::Already;
        for round in 0..ROUNDS {
            // Read before the pack, so that what is copied is never older than what is replaced.
            let single = self.singles.get(name).await?;
            if let Some(leaving) = self.packed.leaving(name).await? {
                result = Moved::Now;
                if self.move_out(&leaving, single.as_ref()).await? {
                    return Ok(result);
                }
            } else {
                let Some(single) = single else { return Ok(Moved::Absent) };
                let is_sealed = single.document.moved_to().is_some();
                match (is_sealed, self.packed.transit(name).await?) {
                    (false, None) => return Ok(result),
                    (true, None) if round + 1 == ROUNDS => return Ok(Moved::Absent),
                    // What was read is stale, or what is left of a removed account.
                    (true, None) => {}
                    (_, Some(_)) => {
                        result = if is_sealed { Moved::Now } else { result };
                        if self.finish_transit(&single).await? {
                            return Ok(result);
                        }
                    }
                }
            }
            self.packed.wait(round).await;
        }
        Err(VaultError::Conflict)
    }

    /// Copies an account to its secret, and lets that count. Returns `false` if another process was faster.
    async fn move_out(&self, leaving: &Leaving, single: Option<&Versioned>) -> Result<bool, VaultError> {
        let by = self.packed.new_use()?;
        let copy = seal(&leaving.document, &leaving.pack, &by);
        self.packed.acquire_write().await;
        let copied = match single {
            Some(single) => self.singles.replace(&single.version, &copy).await,
            None => self.singles.create(&copy).await,
        };
        let copied = match copied {
            Ok(version) => version,
            Err(VaultError::Conflict) => return Ok(false),
            Err(error) => return Err(error),
        };
        if let Some(parked) = &leaving.parked {
            self.singles.park(&copied, parked).await?;
        }
        self.label_account(&leaving.document).await?;
        match self.packed.leave(leaving, &by).await {
            Ok(()) => self.unseal(&copied, &leaving.document, &leaving.pack, &by).await,
            Err(VaultError::Conflict) => {
                self.discard_copy(leaving, &copied).await?;
                Ok(false)
            }
            Err(error) => Err(error),
        }
    }

    /// Deletes the copy of an account that was removed while it was copied.
    ///
    /// If another process has unpacked the account, the secret has a later version and must stay. A read may not return that
    /// version yet, but a write that follows the earlier one fails.
    pub(super) async fn discard_copy(&self, leaving: &Leaving, copy: &VersionId) -> Result<(), VaultError> {
        let name = &leaving.document.name;
        if self.packed.leaving(name).await?.is_some() || self.packed.transit(name).await?.is_some() {
            return Ok(());
        }
        let sealed = seal(&leaving.document, &leaving.pack, &self.packed.new_use()?);
        self.packed.acquire_write().await;
        match self.singles.replace(copy, &sealed).await {
            Ok(_) => self.singles.remove(name, Removal::ForGood).await,
            Err(VaultError::Conflict) => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// Completes what another process has left unfinished. Moves that have begun before can no longer be completed.
    async fn finish_transit(&self, single: &Versioned) -> Result<bool, VaultError> {
        let document = single.document.without_moved_to();
        let by = self.packed.new_use()?;
        match self.packed.expect(&document, &by).await? {
            Expectation::In(pack) => {
                self.label_account(&document).await?;
                // Also if the secret has no seal: the write fails whoever has read the secret before.
                self.packed.acquire_write().await;
                match self.singles.replace(&single.version, &seal(&document, &pack, &by)).await {
                    Ok(sealed) => self.unseal(&sealed, &document, &pack, &by).await,
                    Err(VaultError::Conflict) => Ok(false),
                    Err(error) => Err(error),
                }
            }
            Expectation::Held => Ok(false),
        }
    }

    /// Removes the seal that this move has written, and gives up the account's place.
    async fn unseal(
        &self,
        base: &VersionId,
        document: &Document,
        pack: &PackId,
        by: &UseId,
    ) -> Result<bool, VaultError> {
        self.packed.acquire_write().await;
        match self.singles.replace(base, document).await {
            Ok(_) => {}
            Err(VaultError::Conflict) => return Ok(false),
            Err(error) => return Err(error),
        }
        self.packed.settle(pack, &document.name, by).await?;
        Ok(true)
    }
}
