//! Removes accounts, and what is left of replaced ones.

use evertoken_core::account::AccountName;
use evertoken_core::vault::{Removal, VaultError};
use time::Duration;

use super::commit::{CommitError, FULL, Room, Urgency};
use super::open::Freshness;
use super::{PackedVault, ROUNDS, contended};
use crate::ids::PackId;
use crate::pack::{Change, ChangeError};
use crate::pack_index::{FoundPack, PackIndex, PackState, Place, UseId};
use crate::pack_secrets::PackSecrets;

/// How long a removed account can be restored from the earlier versions of its pack.
pub(super) const RECOVERY_WINDOW: Duration = Duration::days(7);

impl<S: PackSecrets, I: PackIndex> PackedVault<S, I> {
    pub(super) async fn remove_account(&self, name: &AccountName, removal: Removal) -> Result<(), VaultError> {
        for _ in 0..ROUNDS {
            let Some(place) = self.0.index.place(name).await? else { return Ok(()) };
            let pack = place.pack.clone();
            let removed = match removal {
                Removal::Recoverable => self.remove_recoverably(name, &place).await,
                Removal::ForGood => self.remove_for_good(name, &place).await,
            };
            match removed {
                Ok(()) => {
                    self.reopen_if_roomy(&pack).await;
                    return Ok(());
                }
                Err(CommitError::Refused(ChangeError::Moving(to))) => self.finish_move(&pack, name, &to).await?,
                // Removed and connected again since it was read.
                Err(CommitError::Refused(ChangeError::Conflict)) => {}
                Err(error) => return Err(self.resolve(&pack, name, error).await),
            }
        }
        Err(contended_removal(name))
    }

    /// The earlier versions of the pack hold the account until they are purged.
    async fn remove_recoverably(&self, name: &AccountName, place: &Place) -> Result<(), CommitError> {
        if place.removed_until.is_some() {
            return Ok(());
        }
        let pack = self.open(&place.pack, Freshness::Newest).await?.pack;
        // A place without a document is left as it is: a login may be about to store one.
        if !pack.holds(name) && pack.in_transit(name).is_none() {
            return Ok(self.ensure_purge(&place.pack).await?);
        }
        let used_by = pack.used_by(name);
        let remove = Change::Remove { name: name.clone(), used_by: used_by.clone() };
        self.submit(&place.pack, remove, Urgency::Now).await?;
        Ok(self.give_up_place(name, place, used_by.as_ref(), Removal::Recoverable).await?)
    }

    /// Lets the earlier versions of a pack be deleted after the recovery window, in case a process stops before it gives up
    /// the place of an account that has left.
    pub(super) async fn ensure_purge(&self, id: &PackId) -> Result<(), VaultError> {
        for round in 0..ROUNDS {
            let PackState { generation, retiring, purge_after, .. } = self.state(id).await?;
            if purge_after.is_some() {
                return Ok(());
            }
            let purge_after = self.0.clock.now().saturating_add(RECOVERY_WINDOW);
            let found = FoundPack { generation, retiring, purge_after };
            match self.0.index.record_pack(id, Some(generation), &found).await {
                // The pack has another generation since it was read.
                Err(VaultError::Conflict) => self.wait(round).await,
                recorded => return recorded,
            }
        }
        Err(contended(id))
    }

    /// Deletes every version that holds the account: those of its pack, and of the packs that it was in before.
    async fn remove_for_good(&self, name: &AccountName, place: &Place) -> Result<(), CommitError> {
        let pack = self.open(&place.pack, Freshness::Newest).await?.pack;
        let used_by = pack.used_by(name);
        let changes = [Change::Remove { name: name.clone(), used_by: used_by.clone() }, Change::Seal];
        let results = self.commit(&place.pack, &changes, Room::All).await?;
        self.finish_rollover(&place.pack).await?;
        if let Some(Err(refused)) = results.into_iter().next() {
            return Err(CommitError::Refused(refused));
        }
        self.forget_in_earlier_packs(name, place).await?;
        if place.removed_until.is_some() {
            return Ok(unless_changed(self.vacate(name, place, Removal::ForGood).await)?);
        }
        if !is_only_use(used_by.as_ref(), place) {
            // A login may be about to store a document here, so the place stays.
            unless_changed(self.0.index.unregister(name, &place.ids).await)?;
        }
        Ok(self.give_up_place(name, place, used_by.as_ref(), Removal::ForGood).await?)
    }

    /// Gives up the place of an account whose document was deleted, unless another login uses it. `used_by` is the use of that
    /// document.
    pub(super) async fn give_up_place(
        &self,
        name: &AccountName,
        place: &Place,
        used_by: Option<&UseId>,
        removal: Removal,
    ) -> Result<(), VaultError> {
        if is_only_use(used_by, place) {
            match self.vacate(name, place, removal).await {
                // A login uses it since it was read.
                Err(VaultError::Conflict) => {}
                vacated => return vacated,
            }
        }
        match used_by {
            Some(used_by) => self.end_use(name, &place.pack, used_by, removal).await,
            None => Ok(()),
        }
    }

    /// Takes back a use of a place. If it was the last one and there is no document, gives up the place.
    ///
    /// Whoever stores a document has added a use before. So if the place has no uses, then the pack has no document, and then
    /// the place is still as it was, nobody can be about to store one.
    pub(super) async fn end_use(
        &self,
        name: &AccountName,
        pack: &PackId,
        used_by: &UseId,
        removal: Removal,
    ) -> Result<(), VaultError> {
        self.0.index.take_use_back(name, pack, used_by).await?;
        let is_unused = |place: &Place| place.pack == *pack && place.uses.is_empty() && place.removed_until.is_none();
        let Some(place) = self.0.index.place(name).await?.filter(is_unused) else { return Ok(()) };
        let present = self.open(pack, Freshness::Newest).await?.pack;
        if present.holds(name) || present.in_transit(name).is_some() {
            return Ok(());
        }
        unless_changed(self.vacate(name, &place, removal).await)
    }

    /// Lets others use the place: forgets an account that was removed for good, and keeps any other one for seven days. Conflict
    /// if the place is not as read.
    pub(super) async fn vacate(&self, name: &AccountName, place: &Place, removal: Removal) -> Result<(), VaultError> {
        for round in 0..ROUNDS {
            let vacated = match removal {
                Removal::Recoverable => {
                    let until = self.0.clock.now().saturating_add(RECOVERY_WINDOW);
                    self.0.index.mark_removed(name, place, until).await
                }
                Removal::ForGood => self.0.index.release(name, place).await,
            };
            if vacated != Err(VaultError::Conflict) || self.0.index.place(name).await?.as_ref() != Some(place) {
                return vacated;
            }
            // The transaction met another one.
            self.wait(round).await;
        }
        Err(contended(&place.pack))
    }

    /// Deletes the parked document and all earlier versions of an account's packs. Its present document stays.
    pub(super) async fn forget_earlier_documents(&self, name: &AccountName) -> Result<(), VaultError> {
        for _ in 0..ROUNDS {
            let place = self.0.index.place(name).await?;
            let Some(place) = place.filter(|place| place.removed_until.is_none()) else { return Ok(()) };
            let held = self.open(&place.pack, Freshness::Newest).await?;
            let Some(present) = held.pack.account(name)? else { return Ok(()) };
            let forgotten = self.forget_in_packs(name, &place).await;
            match forgotten {
                Ok(()) => return self.register_present_ids(&present.document).await,
                Err(CommitError::Refused(ChangeError::Moving(to))) => self.finish_move(&place.pack, name, &to).await?,
                Err(error) => return Err(self.resolve(&place.pack, name, error).await),
            }
        }
        Err(contended_removal(name))
    }

    async fn forget_in_packs(&self, name: &AccountName, place: &Place) -> Result<(), CommitError> {
        self.submit(&place.pack, Change::Unpark(name.clone()), Urgency::Now).await?;
        self.roll_over(&place.pack).await?;
        self.forget_in_earlier_packs(name, place).await?;
        Ok(())
    }

    /// Deletes all versions of the packs that the account was in before. It may still be there, if its move was interrupted
    /// after the index was pointed to its present pack.
    pub(super) async fn forget_in_earlier_packs(&self, name: &AccountName, place: &Place) -> Result<(), VaultError> {
        for earlier in &place.earlier {
            let revision = self.open(earlier, Freshness::Newest).await?.pack.revision(name);
            // A login may have placed the account there again, and stored a document before that revision was read.
            let is_elsewhere = self.0.index.place(name).await?.is_none_or(|present| present.pack != *earlier);
            let dropped = is_elsewhere.then(|| Change::Drop { name: name.clone(), revision });
            let changes: Vec<_> = dropped.into_iter().chain([Change::Seal]).collect();
            self.commit(earlier, &changes, Room::All).await?;
            self.finish_rollover(earlier).await?;
        }
        Ok(())
    }

    /// Opens a pack for new accounts again, if it has room. Not essential.
    pub(super) async fn reopen_if_roomy(&self, id: &PackId) {
        let reopened = async {
            let group = self.0.index.group(id.group()).await?;
            let state = self.state(id).await?;
            let has_places = state.used < self.0.settings.size.accounts() / 4 * 3;
            if group.open.contains(&id.number()) || !has_places {
                return Ok(());
            }
            let held = self.open(id, Freshness::Any).await?;
            if held.bytes > FULL / 4 * 3 { Ok(()) } else { self.0.index.reopen(id).await }
        };
        let reopened: Result<(), VaultError> = reopened.await;
        if let Err(error) = reopened {
            tracing::warn!(pack = %id, reason = %error, "a pack with free places could not be opened again");
        }
    }
}

/// Whether no other login than the one that has stored the document uses the place.
pub(super) fn is_only_use(used_by: Option<&UseId>, place: &Place) -> bool {
    place.uses.iter().all(|other| Some(other) == used_by)
}

/// If the place is not as read, a login has connected the account again. It is newer than the removal.
pub(super) fn unless_changed(result: Result<(), VaultError>) -> Result<(), VaultError> {
    match result {
        Err(VaultError::Conflict) => Ok(()),
        result => result,
    }
}

/// The account has moved in every round. Logged, because nothing else explains the conflict.
fn contended_removal(name: &AccountName) -> VaultError {
    tracing::warn!(account.name = %name, "the account moves from pack to pack");
    VaultError::Conflict
}
