//! Moves an account from a secret of its own into a pack.
//!
//! 1. The account gets a place in a pack, and the pack expects it.
//! 2. The secret is sealed by compare-and-swap: the same document, marked as a copy. Whoever has read it before writes to it
//!    no more. While the pack expects the account, the sealed secret counts.
//! 3. The pack stores the document, unless it expects another move by now. From then on, the pack counts.
//!
//! A process that stops in between leaves an account that can be read. The next write to it, or the next move, starts again
//! at the first step.

use evertoken_core::account::AccountName;
use evertoken_core::document::{Document, MovedTo, Placement, VersionId, Versioned};
use evertoken_core::vault::{AccountStore, Vault, VaultError};

use super::LayeredVault;
use super::departures::are_versions_used_up;
use super::sealed::{is_sealed_by, seal, version_of_secret};
use crate::pack_index::PackIndex;
use crate::pack_secrets::PackSecrets;
use crate::packed_vault::{Expectation, Leaving, ROUNDS};

/// The result of [`LayeredVault::pack`] and [`LayeredVault::unpack`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Moved {
    /// The account was moved.
    Now,
    /// The account was there already.
    Already,
    /// The account is to keep a secret of its own.
    Kept,
    /// The account does not exist.
    Absent,
}

impl<S: PackSecrets, I: PackIndex, V: Vault> LayeredVault<S, I, V> {
    /// Moves an account into a pack. Its secret stays, as a copy that is written no more.
    pub async fn pack(&self, name: &AccountName) -> Result<Moved, VaultError> {
        for round in 0..ROUNDS {
            // Read before the pack: a pack that is read later and holds the account counts.
            let single = self.singles.get(name).await?;
            if let Some(packed) = self.packed.leaving(name).await? {
                match single {
                    None => return Ok(Moved::Already),
                    Some(copy) if copy.document.moved_to().is_some() => {
                        // The move that has written it may have stopped before it could label it.
                        if is_sealed_by(&copy.document, packed.used_by.as_ref()) {
                            self.label_copy(&copy.document).await;
                        }
                        return Ok(Moved::Already);
                    }
                    Some(single) if self.settle_duplicate(&single, &packed).await? => return Ok(Moved::Already),
                    Some(_) => {}
                }
            } else {
                let Some(single) = single else { return Ok(Moved::Absent) };
                if single.document.moved_to().is_some() && self.packed.transit(name).await?.is_none() {
                    // Packed a moment ago, or what was read is stale. Otherwise it is what is left of a removed account.
                    if round + 1 == ROUNDS {
                        return Ok(Moved::Absent);
                    }
                } else if self.move_in(&single.version, &single.document.without_moved_to()).await?.is_some() {
                    return Ok(Moved::Now);
                }
            }
            self.packed.wait(round).await;
        }
        Err(VaultError::Conflict)
    }

    /// Like [`pack`](Self::pack), unless the account is to keep a secret of its own.
    pub async fn pack_unless_kept(&self, name: &AccountName) -> Result<Moved, VaultError> {
        let is_kept = |single: &Versioned| {
            single.document.moved_to().is_none() && single.document.placement() == Placement::OwnSecret
        };
        if self.singles.get(name).await?.as_ref().is_some_and(is_kept) {
            Ok(Moved::Kept)
        } else {
            self.pack(name).await
        }
    }

    /// Stores a document in a pack that follows this version of the account's secret. `None` if another process was faster.
    pub(super) async fn move_in(&self, base: &VersionId, document: &Document) -> Result<Option<VersionId>, VaultError> {
        let by = self.packed.new_use()?;
        let Expectation::In(pack) = self.packed.expect(document, &by).await? else { return Ok(None) };
        let copy = seal(document, &pack, &by);
        self.packed.acquire_write().await;
        match self.singles.replace(base, &copy).await {
            Ok(_) => {}
            Err(VaultError::Conflict) => return Ok(None),
            Err(error) => return Err(error),
        }
        let parked = self.singles.parked(&document.name).await?;
        let admitted = self.packed.admit(&pack, &by, document, parked.as_ref()).await?;
        if admitted.is_some() {
            self.label_copy(&copy).await;
        }
        Ok(admitted)
    }

    /// Replaces the document of an account on its way, and completes the move with it.
    pub(super) async fn replace_in_transit(
        &self,
        expected: &VersionId,
        document: &Document,
    ) -> Result<VersionId, VaultError> {
        let base = version_of_secret(expected).ok_or(VaultError::Conflict)?;
        if self.packed.get(&document.name).await?.is_none() {
            match self.move_in(&base, document).await {
                Ok(Some(version)) => return Ok(version),
                Ok(None) => {}
                Err(error) if are_versions_used_up(&error) => {
                    return Box::pin(self.stay_in_transit(&base, document, error)).await;
                }
                Err(error) => return Err(error),
            }
        }
        // The same write again, or another process has moved the account with this document.
        match self.get(&document.name).await? {
            Some(present) if present.document == *document => Ok(present.version),
            _ => Err(VaultError::Conflict),
        }
    }

    /// Two logins at the same time can leave an account in a pack and in a secret of its own. The later login stays, and the
    /// secret becomes a copy. Returns `false` if another process was faster.
    async fn settle_duplicate(&self, single: &Versioned, packed: &Leaving) -> Result<bool, VaultError> {
        let mut newest = packed.document.clone();
        if single.document.connected_at > packed.document.connected_at {
            newest = single.document.clone();
            match self.packed.replace(&packed.version(), &newest).await {
                Ok(_) => {}
                Err(VaultError::Conflict) => return Ok(false),
                Err(error) => return Err(error),
            }
        }
        let copy = seal(&newest, &packed.pack, &self.packed.new_use()?);
        self.packed.acquire_write().await;
        match self.singles.replace(&single.version, &copy).await {
            Ok(_) => {
                self.label_copy(&copy).await;
                Ok(true)
            }
            Err(VaultError::Conflict) => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// Labels the secret of a copy, so that lists leave it out. Not essential.
    ///
    /// The request can arrive late. If the account has left its pack in the meantime, or another process has sealed the secret
    /// and the account may be leaving, the label is taken back. A secret that looks unsealed was read too early.
    pub(super) async fn label_copy(&self, copy: &Document) {
        let labeled = async {
            self.singles.label(copy, None).await?;
            let Some(single) = self.singles.get(&copy.name).await? else { return Ok(()) };
            let seal = single.document.moved_to();
            let is_sealed_again = seal.is_some() && seal != copy.moved_to();
            if !is_sealed_again && self.packed.leaving(&copy.name).await?.is_some() {
                return Ok(());
            }
            self.label_account(&single.document).await
        };
        let labeled: Result<(), VaultError> = labeled.await;
        if let Err(error) = labeled {
            tracing::warn!(account.name = %copy.name, reason = %error, "a copy is not labeled as one; it is read at each listing");
        }
    }

    /// Labels the secret of an account that is no copy any more, before it counts: lists must not leave it out.
    pub(super) async fn label_account(&self, document: &Document) -> Result<(), VaultError> {
        self.singles.label(&document.with_moved_to(&MovedTo::nowhere()), None).await
    }
}
