//! Moves a pack to a new secret, which has no earlier versions.
//!
//! Secrets Manager cannot delete one version of a secret. So the pack is sealed (it changes no more), copied to the secret of
//! its next generation, and pointed to there. Then the old secret is deleted with all versions. Whoever meets a sealed pack
//! takes the remaining steps, and each of them can be repeated.

use evertoken_core::account::AccountName;
use evertoken_core::vault::{Removal, VaultError};
use time::OffsetDateTime;

use super::commit::Room;
use super::open::Freshness;
use super::removal::unless_changed;
use super::{PackedVault, ROUNDS, contended};
use crate::ids::{Generation, PackId};
use crate::pack::Change;
use crate::pack_index::{PackIndex, PackState};
use crate::pack_secrets::{CreateError, PackDeletion, PackSecrets};

impl<S: PackSecrets, I: PackIndex> PackedVault<S, I> {
    /// Deletes all earlier versions of a pack.
    pub(super) async fn roll_over(&self, id: &PackId) -> Result<(), VaultError> {
        self.commit(id, &[Change::Seal], Room::All).await?;
        self.finish_rollover(id).await
    }

    /// Takes the remaining steps of a rollover, if one has begun.
    pub(super) async fn finish_rollover(&self, id: &PackId) -> Result<(), VaultError> {
        for round in 0..ROUNDS {
            let state = self.state(id).await?;
            if let Some(retiring) = state.retiring {
                self.retire(id, retiring).await?;
            }
            let from = state.generation;
            // Absent if another process has just finished.
            let Some(held) = self.read(&id.at(from), Freshness::Newest).await? else {
                self.wait(round).await;
                continue;
            };
            if held.pack.moved_to().is_none() {
                return Ok(());
            }
            let next = held.pack.next_generation();
            let secret = next.secret();
            let value = next.encode().map_err(|error| error.into_vault_error(&secret))?;
            match self.0.secrets.create(&secret, &value).await {
                Ok(_) | Err(CreateError::Exists) => {}
                Err(CreateError::Vault(error)) => return Err(error),
            }
            match self.0.index.advance(id, from).await {
                Ok(()) => return self.retire(id, from).await,
                // Another process was faster, or the secret before this one is still to be deleted.
                Err(VaultError::Conflict) => self.discard_late_copy(id, from.next()).await?,
                Err(error) => return Err(error),
            }
        }
        Err(contended(id))
    }

    /// Deletes the secret of an earlier generation with all of its versions.
    ///
    /// Also the one before it: a process that was stopped in the middle of that rollover may have created it again.
    async fn retire(&self, id: &PackId, generation: Generation) -> Result<(), VaultError> {
        for generation in [Some(generation), generation.previous()].into_iter().flatten() {
            self.0.secrets.delete(&id.at(generation), PackDeletion::ForGood).await?;
        }
        self.0.index.retired(id, generation).await
    }

    /// Deletes a copy that was made after the pack had moved on.
    async fn discard_late_copy(&self, id: &PackId, copy: Generation) -> Result<(), VaultError> {
        if self.state(id).await?.generation > copy {
            self.0.secrets.delete(&id.at(copy), PackDeletion::ForGood).await?;
        }
        Ok(())
    }

    /// Whether a rollover is unfinished or due, because earlier versions hold accounts that can no longer be restored.
    pub(super) fn is_rollover_due(&self, state: &PackState) -> bool {
        state.retiring.is_some() || self.purge_due(state).is_some()
    }

    /// The time since which accounts can no longer be restored.
    fn purge_due(&self, state: &PackState) -> Option<OffsetDateTime> {
        state.purge_after.filter(|due| *due <= self.0.clock.now())
    }

    /// Finishes a rollover, or rolls a pack over whose earlier versions hold accounts that can no longer be restored, and
    /// forgets these.
    pub(super) async fn purge(&self, id: &PackId, state: PackState) -> Result<(), VaultError> {
        if let Some(retiring) = state.retiring {
            self.retire(id, retiring).await?;
        }
        let Some(due) = self.purge_due(&state) else { return Ok(()) };
        self.roll_over(id).await?;
        let mut is_complete = true;
        for name in state.removed {
            if let Err(error) = self.forget_removed(id, &name).await {
                tracing::warn!(account.name = %name, reason = %error, "a removed account was not forgotten; the next run tries again");
                is_complete = false;
            }
        }
        if is_complete { self.0.index.purged(id, due).await } else { Ok(()) }
    }

    /// Forgets an account that can no longer be restored, unless it is connected again.
    async fn forget_removed(&self, id: &PackId, name: &AccountName) -> Result<(), VaultError> {
        let place = self.0.index.place(name).await?;
        let Some(place) = place.filter(|place| place.pack == *id && place.removed_until.is_some()) else {
            return Ok(());
        };
        self.forget_in_earlier_packs(name, &place).await?;
        unless_changed(self.vacate(name, &place, Removal::ForGood).await)
    }
}
