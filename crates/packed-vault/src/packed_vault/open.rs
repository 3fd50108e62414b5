//! Reads packs, and finds their newest version although reads may be stale.

use std::collections::BTreeSet;

use evertoken_core::document::VersionId;
use evertoken_core::vault::VaultError;

use super::{Access, PackedVault, ROUNDS, unreadable};
use crate::ids::{PackId, PackSecret};
use crate::pack::Pack;
use crate::pack_index::{Departure, PackIndex, PackState};
use crate::pack_secrets::{PackSecrets, StoredPack};
use crate::request_token::RequestToken;

/// A pack as read.
pub(super) struct Held {
    pub(super) pack: Pack,
    /// The version that the next write follows.
    pub(super) base: VersionId,
    /// The size of the stored value, in bytes.
    pub(super) bytes: usize,
    /// Whether no other version had followed when the pack was read.
    pub(super) is_newest: bool,
    /// The departures that the index knew of.
    pub(super) departures: BTreeSet<Departure>,
}

impl Held {
    /// The pack without the accounts that have left while it could not be written.
    fn with_departures(mut self, departures: BTreeSet<Departure>) -> Self {
        self.pack.depart(&departures);
        Self { departures, ..self }
    }
}

/// How new a pack must be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Freshness {
    /// Not older than what this process has seen before.
    Any,
    /// The newest version.
    Newest,
}

/// How many rolled-back versions a pack may have.
const LONGEST_CHAIN: usize = 128;

/// Revisions that a version which cannot be read may have used. A write uses at most one for each account and some more.
const SKIPPED_REVISIONS: u64 = 10_000;

impl<S: PackSecrets, I: PackIndex> PackedVault<S, I> {
    /// Reads a pack. Finishes what another process has left unfinished, so the pack is never sealed, except in a process that
    /// only reads: a sealed pack holds the same accounts as its copy.
    pub(super) async fn open(&self, id: &PackId, freshness: Freshness) -> Result<Held, VaultError> {
        self.open_at(id, self.state(id).await?, freshness).await
    }

    /// Like [`open`](Self::open), for a process that has just read what the index knows about the pack.
    pub(super) async fn open_at(
        &self,
        id: &PackId,
        mut state: PackState,
        freshness: Freshness,
    ) -> Result<Held, VaultError> {
        let mut absent = None;
        for round in 0..ROUNDS {
            let at = id.at(state.generation);
            let newest = match self.read(&at, freshness).await? {
                Some(held) if held.pack.moved_to().is_some() && self.0.settings.access == Access::Write => {
                    self.finish_rollover(id).await?;
                    None
                }
                Some(held) if !held.is_newest => return Ok(held.with_departures(state.departures)),
                Some(held) => Some(held),
                None => {
                    // The pack moved since the index was read, or its new secret cannot be read yet.
                    self.wait(round).await;
                    absent = Some(at);
                    None
                }
            };
            // If a secret is deleted during the read, an old version seems to have no successor. Before the deletion, the index
            // is pointed to the next generation.
            let present = self.state(id).await?;
            if let Some(held) = newest.filter(|_| present.generation == state.generation) {
                return Ok(held.with_departures(present.departures));
            }
            state = present;
        }
        Err(match absent {
            Some(secret) => unreadable(format!("the index names the secret {secret}, which does not exist")),
            None => super::contended(id),
        })
    }

    /// What the index knows about a pack.
    pub(super) async fn state(&self, id: &PackId) -> Result<PackState, VaultError> {
        let state = self.0.index.pack(id).await?;
        state.ok_or_else(|| super::index_lost(&format!("the pack {id}")))
    }

    /// Reads a secret. `None` if it does not exist. The pack may be sealed.
    pub(super) async fn read(&self, secret: &PackSecret, freshness: Freshness) -> Result<Option<Held>, VaultError> {
        let Some(stored) = self.0.secrets.current(secret).await? else { return Ok(None) };
        let held = match (freshness, decode(secret, &stored)) {
            (Freshness::Any, Ok(held)) if !self.is_outdated(&held.pack) => held,
            // A version that cannot be read may be an old one.
            _ => match self.follow(secret, stored).await? {
                Some(held) => held,
                None => return Ok(None),
            },
        };
        self.remember_pack(&held.pack);
        Ok(Some(held))
    }

    /// Follows the chain of versions from `start` to the newest one. The id of each version's successor is known. `None` if the
    /// secret was deleted in the meantime.
    async fn follow(&self, secret: &PackSecret, mut start: StoredPack) -> Result<Option<Held>, VaultError> {
        for _ in 0..ROUNDS {
            let mut newest: Option<StoredPack> = None;
            for _ in 0..LONGEST_CHAIN {
                let base = newest.as_ref().unwrap_or(&start);
                let next = RequestToken::after(&base.version).version();
                match self.0.secrets.version(secret, &next).await? {
                    Some(next) => newest = Some(next),
                    None => break,
                }
            }
            let Some(newest) = newest else { return Ok(Some(Held { is_newest: true, ..decode(secret, &start)? })) };
            if newest.is_current {
                return Ok(Some(Held { is_newest: true, ..decode(secret, &newest)? }));
            }
            // AWSCURRENT is elsewhere: an operator has moved it back, or somebody has written by hand.
            match self.0.secrets.current(secret).await? {
                Some(current) if current.version == start.version => {
                    let mut held = decode(secret, &start)?;
                    let used = match decode(secret, &newest) {
                        Ok(rolled_back) => rolled_back.pack.next_revision(),
                        Err(_) => held.pack.next_revision().saturating_add(SKIPPED_REVISIONS),
                    };
                    held.pack.raise_next(used);
                    return Ok(Some(Held { base: newest.version, is_newest: true, ..held }));
                }
                Some(current) => start = current,
                None => return Ok(None),
            }
        }
        Err(super::contended(&secret.pack))
    }
}

fn decode(secret: &PackSecret, stored: &StoredPack) -> Result<Held, VaultError> {
    let pack = Pack::decode(secret, &stored.value).map_err(|error| error.into_vault_error(secret))?;
    Ok(Held {
        pack,
        base: stored.version.clone(),
        bytes: stored.value.expose().len(),
        is_newest: false,
        departures: BTreeSet::new(),
    })
}
