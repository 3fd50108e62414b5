//! Moves accounts to another pack, if theirs has become too large.
//!
//! The new pack is created and expects the accounts. Their old entries are fenced: they change no more. Then each is copied,
//! the index is pointed to its new place, and the old entry is dropped. Whoever meets a fenced entry takes the remaining
//! steps, and each of them can be repeated.

use std::pin::Pin;

use evertoken_core::account::AccountName;
use evertoken_core::vault::VaultError;

use super::commit::{CommitError, Room};
use super::open::Freshness;
use super::{PackedVault, ROUNDS, contended, ids_of, too_large, unreadable};
use crate::ids::{Generation, PackId};
use crate::pack::{Applied, Change, LARGEST_VALUE, Pack};
use crate::pack_index::PackIndex;
use crate::pack_secrets::PackSecrets;

/// What a pack has left after accounts were moved away, in bytes.
const TARGET: usize = LARGEST_VALUE / 2;

impl<S: PackSecrets, I: PackIndex> PackedVault<S, I> {
    /// Moves the largest accounts of a pack to a new one. Those that are about to change stay, unless there are no others.
    ///
    /// A boxed future, because moving accounts writes to packs, which may make a move necessary.
    pub(super) fn spill<'a>(
        &'a self,
        pack: &'a Pack,
        changes: &'a [Change],
    ) -> Pin<Box<dyn Future<Output = Result<(), VaultError>> + Send + 'a>> {
        Box::pin(async move {
            let from = pack.secret().pack;
            let names = pack.largest(TARGET, changes);
            if names.is_empty() {
                return Err(too_large());
            }
            let to = self.add_receiving_pack(&names, &from).await?;
            let fence = |name: &AccountName| Change::Fence { name: name.clone(), to: to.clone() };
            let fences: Vec<_> = names.iter().map(fence).collect();
            self.commit(&from, &fences, Room::All).await?;
            tracing::info!(pack = %from, accounts = names.len(), "moving accounts to the new pack {to}");
            self.finish_moves(&from).await
        })
    }

    /// Adds a pack that expects these accounts. No other pack takes them.
    async fn add_receiving_pack(&self, names: &[AccountName], from: &PackId) -> Result<PackId, VaultError> {
        // Only one task of this process at a time, so that only other processes can be faster.
        let mut last_added = self.0.last_added.lock().await;
        for round in 0..ROUNDS {
            let group = self.0.index.group(from.group()).await?;
            let to = PackId::new(from.group().clone(), group.packs.saturating_add(1));
            let content = Pack::receiving(&to.at(Generation::FIRST), names, from);
            if self.add_pack(&to, Some(content)).await? {
                last_added.insert(to.group().clone(), to.number());
                return Ok(to);
            }
            self.wait(round).await;
        }
        Err(contended(from))
    }

    /// Takes the remaining steps for all accounts of a pack that are being moved.
    pub(super) async fn finish_moves(&self, from: &PackId) -> Result<(), VaultError> {
        let held = self.open(from, Freshness::Newest).await?;
        let moves: Vec<_> = held.pack.moves().collect();
        let mut targets: Vec<_> = moves.iter().map(|(_, to)| to.clone()).collect();
        targets.sort();
        targets.dedup();
        for to in targets {
            let names = moves.iter().filter(|(_, other)| *other == to).map(|(name, _)| name);
            let copies: Vec<_> = names.filter_map(|name| held.pack.copy(name)).collect();
            let changes: Vec<_> = copies.iter().map(|copied| Change::Receive(Box::new(copied.clone()))).collect();
            let results = self.commit(&to, &changes, Room::All).await?;
            let mut dropped = Vec::new();
            for (copied, result) in copies.into_iter().zip(results) {
                let received = result.map_err(|_| refused(&to))?;
                self.point(&copied.name, from, &to, received).await?;
                dropped.push(Change::Drop { revision: held.pack.revision(&copied.name), name: copied.name });
            }
            self.commit(from, &dropped, Room::All).await?;
        }
        Ok(())
    }

    /// Takes the remaining steps for one account, if it is still being moved.
    pub(super) async fn finish_move(&self, from: &PackId, name: &AccountName, to: &PackId) -> Result<(), VaultError> {
        let held = self.open(from, Freshness::Newest).await?;
        let Some(copied) = held.pack.copy(name).filter(|_| held.pack.moving_to(name) == Some(to)) else {
            return Ok(());
        };
        let revision = held.pack.revision(name);
        let received = self.complete(to, Change::Receive(Box::new(copied))).await?;
        self.point(name, from, to, received).await?;
        self.complete(from, Change::Drop { name: name.clone(), revision }).await?;
        Ok(())
    }

    /// Points the index to the pack that has received an account, unless that is done.
    async fn point(&self, name: &AccountName, from: &PackId, to: &PackId, received: Applied) -> Result<(), VaultError> {
        for round in 0..ROUNDS {
            let place = self.0.index.place(name).await?;
            if place.is_none_or(|place| place.pack != *from || place.removed_until.is_some()) {
                return Ok(());
            }
            // Nobody can have removed it there, so the pack has never held it.
            if received.revision == 0 {
                return Err(refused(to));
            }
            match self.0.index.move_to(name, from, to).await {
                Err(VaultError::Conflict) => self.wait(round).await,
                result => return result,
            }
        }
        Err(contended(from))
    }

    async fn complete(&self, pack: &PackId, change: Change) -> Result<Applied, VaultError> {
        self.commit_one(pack, change).await.map_err(|error| match error {
            CommitError::Vault(error) => error,
            CommitError::Refused(_) => refused(pack),
        })
    }

    /// Lets an account be found by its present ids only.
    pub(super) async fn register_present_ids(
        &self,
        document: &evertoken_core::document::Document,
    ) -> Result<(), VaultError> {
        let present = ids_of(document);
        self.0.index.register(&document.name, &present).await?;
        let Some(place) = self.0.index.place(&document.name).await? else { return Ok(()) };
        let former: std::collections::BTreeSet<_> = place.ids.difference(&present).cloned().collect();
        if former.is_empty() { Ok(()) } else { self.0.index.unregister(&document.name, &former).await }
    }
}

fn refused(pack: &PackId) -> VaultError {
    unreadable(format!("the pack {pack} refuses a move"))
}
