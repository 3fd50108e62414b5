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
use super::{PackedVault, ids_of, too_large, unreadable};
use crate::ids::{Generation, PackId};
use crate::pack::{Change, LARGEST_VALUE, Pack};
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
            let group = self.0.index.group(from.group()).await?;
            let to = PackId::new(from.group().clone(), group.packs.saturating_add(1));
            self.add_pack(&to, Some(Pack::receiving(&to.at(Generation::FIRST), &names, &from))).await?;
            let fence = |name: &AccountName| Change::Fence { name: name.clone(), to: to.clone() };
            let fences: Vec<_> = names.iter().map(fence).collect();
            self.commit(&from, &fences, Room::All).await?;
            tracing::info!(pack = %from, accounts = names.len(), "moving accounts to the new pack {to}");
            self.finish_moves(&from).await
        })
    }

    /// Takes the remaining steps for all accounts of a pack that are being moved.
    pub(super) async fn finish_moves(&self, from: &PackId) -> Result<(), VaultError> {
        let held = self.open(from, Freshness::Newest).await?;
        let moves: Vec<_> = held.pack.moves().collect();
        let mut targets: Vec<_> = moves.iter().map(|(_, to)| to.clone()).collect();
        targets.sort();
        targets.dedup();
        for to in targets {
            let names = || moves.iter().filter(|(_, other)| *other == to).map(|(name, _)| name);
            let received: Vec<_> = names()
                .filter_map(|name| held.pack.copy(name))
                .map(|copied| Change::Receive(Box::new(copied)))
                .collect();
            self.commit(&to, &received, Room::All).await?;
            let mut dropped = Vec::new();
            for name in names() {
                self.point(name, from, &to).await?;
                dropped.push(Change::Drop { name: name.clone(), revision: held.pack.revision(name) });
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
        self.complete(to, Change::Receive(Box::new(copied))).await?;
        self.point(name, from, to).await?;
        self.complete(from, Change::Drop { name: name.clone(), revision }).await
    }

    async fn point(&self, name: &AccountName, from: &PackId, to: &PackId) -> Result<(), VaultError> {
        match self.0.index.move_to(name, from, to).await {
            // Pointed to already.
            Err(VaultError::Conflict) => Ok(()),
            result => result,
        }
    }

    async fn complete(&self, pack: &PackId, change: Change) -> Result<(), VaultError> {
        match self.commit_one(pack, change).await {
            Ok(_) => Ok(()),
            Err(CommitError::Vault(error)) => Err(error),
            Err(CommitError::Refused(_)) => Err(unreadable(format!("the pack {pack} refuses a move"))),
        }
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
