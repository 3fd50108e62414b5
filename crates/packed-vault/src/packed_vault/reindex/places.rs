//! Gives the accounts of a pack the place that they have lost.

use std::collections::BTreeSet;

use evertoken_core::account::{AccountId, AccountName};
use evertoken_core::document::{DocumentError, Versioned};
use evertoken_core::vault::VaultError;
use time::OffsetDateTime;

use super::super::open::{Freshness, Held};
use super::super::{PackedVault, ROUNDS, ids_of};
use super::{IndexProblem, Reindexed};
use crate::ids::PackId;
use crate::pack::Pack;
use crate::pack_index::{DayBudget, PackIndex, Place, Reservation, ReserveError, UseId};
use crate::pack_secrets::PackSecrets;

/// An account that a pack holds or expects.
struct Entry {
    name: AccountName,
    /// `None` if it is not readable, or if the pack only expects it.
    ids: Option<BTreeSet<AccountId>>,
    used_by: Option<UseId>,
    is_expected: bool,
}

/// What is right about an account.
enum Placed {
    /// Its place was right.
    Before,
    /// Its place was unknown or wrong.
    Now,
    /// A person must decide.
    Contradiction(String),
}

impl<S: PackSecrets, I: PackIndex> PackedVault<S, I> {
    /// Gives all accounts of a pack their place.
    pub(super) async fn place_accounts(&self, id: &PackId) -> Result<Reindexed, VaultError> {
        let mut report = Reindexed::default();
        let held = match self.open(id, Freshness::Newest).await {
            Ok(held) => held,
            Err(VaultError::Unreadable(reason)) => {
                report.problems.push(IndexProblem { name: format!("packs/{id}"), problem: reason.to_string() });
                return Ok(report);
            }
            Err(error) => return Err(error),
        };
        let mut entries = Vec::new();
        for (key, read) in held.pack.accounts() {
            report.accounts += 1;
            if let Err(reason) = &read {
                report.problems.push(IndexProblem { name: key.clone(), problem: reason.to_string() });
            }
            entries.extend(entry(&held.pack, &key, &read));
        }
        entries.extend(held.pack.transits().map(|(name, by)| Entry {
            name,
            ids: None,
            used_by: Some(by),
            is_expected: true,
        }));
        for entry in entries {
            match self.place(&held, &entry).await? {
                Placed::Before => {}
                Placed::Now => report.placed_accounts += 1,
                Placed::Contradiction(problem) => {
                    report.problems.push(IndexProblem { name: entry.name.to_string(), problem });
                }
            }
        }
        Ok(report)
    }

    async fn place(&self, held: &Held, entry: &Entry) -> Result<Placed, VaultError> {
        let id = held.pack.secret().pack;
        for _ in 0..ROUNDS {
            let placed = match self.0.index.place(&entry.name).await? {
                None => self.add_place(&id, entry).await,
                Some(place) if place.pack == id => self.complete_place(&place, entry).await,
                // The pack only expects it, and another one holds it.
                Some(_) if entry.is_expected => Ok(Placed::Before),
                Some(place) => self.compare_packs(held, entry, &place).await,
            };
            match placed {
                // Another process has changed the place since it was read.
                Err(VaultError::Conflict) => {}
                placed => return placed,
            }
        }
        Err(super::super::contended(&id))
    }

    async fn add_place(&self, id: &PackId, entry: &Entry) -> Result<Placed, VaultError> {
        let used_by = match &entry.used_by {
            Some(used_by) => used_by.clone(),
            None => self.new_use()?,
        };
        let reservation = Reservation {
            name: entry.name.clone(),
            ids: entry.ids.clone().unwrap_or_default(),
            pack: id.clone(),
            used_by: used_by.clone(),
            replaces: None,
            size: u32::MAX,
            budget: DayBudget::Ignore,
        };
        match self.0.index.reserve(&reservation).await {
            Ok(()) => {}
            Err(ReserveError::Taken) => return Err(VaultError::Conflict),
            Err(ReserveError::Full) => return Err(super::super::index_lost(&format!("the pack {id}"))),
            Err(ReserveError::Vault(error)) => return Err(error),
        }
        if entry.used_by.is_none() {
            // A document that was added by hand has no login.
            self.0.index.take_use_back(&entry.name, id, &used_by).await?;
        }
        Ok(Placed::Now)
    }

    /// Adds what a place in the same pack lacks.
    async fn complete_place(&self, place: &Place, entry: &Entry) -> Result<Placed, VaultError> {
        if place.removed_until.is_some() {
            let problem = format!(
                "the pack {} holds the account, and the index says that it was removed; connect it again",
                place.pack
            );
            return Ok(if entry.is_expected { Placed::Before } else { Placed::Contradiction(problem) });
        }
        let mut placed = Placed::Before;
        if let Some(used_by) = entry.used_by.as_ref().filter(|used_by| !place.uses.contains(used_by)) {
            self.0.index.add_use(&entry.name, &place.pack, used_by).await?;
            placed = Placed::Now;
        }
        if let Some(ids) = entry.ids.as_ref().filter(|ids| !ids.is_subset(&place.ids)) {
            self.0.index.register(&entry.name, ids).await?;
            placed = Placed::Now;
        }
        Ok(placed)
    }

    /// Decides which of two packs an account is in.
    async fn compare_packs(&self, held: &Held, entry: &Entry, place: &Place) -> Result<Placed, VaultError> {
        let (name, id) = (&entry.name, held.pack.secret().pack);
        // A move between the two packs completes itself.
        if held.pack.moving_to(name) == Some(&place.pack) {
            return Ok(Placed::Before);
        }
        let other = match self.0.index.pack(&place.pack).await? {
            Some(state) => match self.open(&place.pack, Freshness::Newest).await {
                Ok(other) => Some(other),
                Err(VaultError::Unreadable(_)) if !self.exists(&place.pack, state.generation).await? => None,
                Err(VaultError::Unreadable(reason)) => {
                    let problem =
                        format!("the pack {id} holds the account, and the index names {}: {reason}", place.pack);
                    return Ok(Placed::Contradiction(problem));
                }
                Err(error) => return Err(error),
            },
            None => None,
        };
        let other = other.filter(|other| other.pack.holds(name));
        if other.as_ref().is_some_and(|other| other.pack.moving_to(name) == Some(&id)) {
            return Ok(Placed::Before);
        }
        if place.removed_until.is_some() {
            let problem = format!(
                "the pack {id} holds the account, and the index says that it was removed from {}; connect it again",
                place.pack
            );
            return Ok(Placed::Contradiction(problem));
        }
        let Some(other) = other else {
            self.point_here(&id, entry, place).await?;
            return Ok(Placed::Now);
        };
        let counts = if age(&held.pack, name) > age(&other.pack, name) {
            self.point_here(&id, entry, place).await?;
            &id
        } else {
            &place.pack
        };
        // The same whichever of them is read first.
        let (first, second) = (id.clone().min(place.pack.clone()), id.clone().max(place.pack.clone()));
        let problem =
            format!("the account is in two packs, {first} and {second}; {counts} counts, with the later login");
        Ok(Placed::Contradiction(problem))
    }

    async fn point_here(&self, id: &PackId, entry: &Entry, place: &Place) -> Result<(), VaultError> {
        self.0.index.move_to(&entry.name, &place.pack, id).await?;
        if let Some(used_by) = &entry.used_by {
            self.0.index.add_use(&entry.name, id, used_by).await?;
        }
        match &entry.ids {
            Some(ids) => self.0.index.register(&entry.name, ids).await,
            None => Ok(()),
        }
    }
}

fn entry(pack: &Pack, key: &str, read: &Result<Versioned, DocumentError>) -> Option<Entry> {
    let name: AccountName = key.parse().ok()?;
    let ids = read.as_ref().ok().map(|account| ids_of(&account.document));
    Some(Entry { used_by: pack.used_by(&name), name, ids, is_expected: false })
}

/// When the owner of an account last logged in, and when its token was issued.
fn age(pack: &Pack, name: &AccountName) -> Option<(OffsetDateTime, OffsetDateTime)> {
    let account = pack.account(name).ok()??;
    Some((account.document.connected_at, account.document.issued_at))
}
