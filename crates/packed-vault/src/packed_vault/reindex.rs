//! Rebuilds the index from the packs.
//!
//! Every step can be repeated, and what is right already is left as it is. So this works on an empty table, on one that was
//! restored from a backup, and while others read and write. Packs are never changed.

mod places;

use std::collections::{BTreeMap, BTreeSet};

use evertoken_core::group::Group;
use evertoken_core::vault::VaultError;
use futures_util::{StreamExt, TryStreamExt, stream};

use super::PackedVault;
use super::commit::FULL;
use super::open::Freshness;
use super::removal::RECOVERY_WINDOW;
use crate::ids::{Generation, PackId};
use crate::pack_index::{FoundPack, PackIndex};
use crate::pack_secrets::PackSecrets;

/// How many packs are read at the same time.
const CONCURRENT: usize = 8;

/// What [`PackedVault::reindex`] has found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reindexed {
    /// The packs.
    pub packs: usize,
    /// The packs that the index did not know, or knew in a generation that does not exist.
    pub recorded_packs: usize,
    /// The accounts in the packs.
    pub accounts: usize,
    /// The accounts whose place was unknown or wrong.
    pub placed_accounts: usize,
    /// What is contradictory or cannot be read.
    pub problems: Vec<IndexProblem>,
}

impl Reindexed {
    fn add(&mut self, other: Self) {
        self.packs += other.packs;
        self.recorded_packs += other.recorded_packs;
        self.accounts += other.accounts;
        self.placed_accounts += other.placed_accounts;
        self.problems.extend(other.problems);
    }
}

/// Something that only a person can decide.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct IndexProblem {
    /// The account or pack, such as `shop-de` or `packs/main-00042`.
    pub name: String,
    /// What is wrong, without any value.
    pub problem: String,
}

impl<S: PackSecrets, I: PackIndex> PackedVault<S, I> {
    /// Rebuilds the index from the packs. Calls `progress` with the packs that are done, and their total number.
    pub async fn reindex(&self, progress: impl Fn(usize, usize) + Send + Sync) -> Result<Reindexed, VaultError> {
        let found = self.find_packs().await?;
        let mut report = Reindexed { packs: found.len(), ..Reindexed::default() };
        // All packs first, because accounts may be on their way from one to another.
        let recorded = stream::iter(found.clone()).map(|(id, generations)| {
            let vault = self.clone();
            async move { vault.record(&id, &generations).await }
        });
        let recorded: Vec<bool> = recorded.buffered(CONCURRENT).try_collect().await?;
        report.recorded_packs = recorded.into_iter().filter(|recorded| *recorded).count();
        let ids: Vec<_> = found.keys().cloned().collect();
        let placed = stream::iter(ids).map(|id| {
            let vault = self.clone();
            async move { vault.place_accounts(&id).await }
        });
        let mut placed = placed.buffered(CONCURRENT).enumerate();
        while let Some((at, result)) = placed.next().await {
            report.add(result?);
            progress(at + 1, found.len());
        }
        // An account in two packs was found in both.
        report.problems.sort();
        report.problems.dedup();
        // Groups last: until then, no login gets a place that belongs to an account which has not been found yet.
        report.problems.extend(self.record_groups(&found).await?);
        for id in found.keys() {
            self.open_if_roomy(id).await?;
        }
        Ok(report)
    }

    /// All packs that have a secret, with the generations that exist.
    async fn find_packs(&self) -> Result<BTreeMap<PackId, BTreeSet<Generation>>, VaultError> {
        let mut found: BTreeMap<PackId, BTreeSet<Generation>> = BTreeMap::new();
        let mut page = None;
        loop {
            let listed = self.0.secrets.list(None, page).await?;
            for secret in listed.secrets {
                found.entry(secret.pack).or_default().insert(secret.generation);
            }
            page = listed.next;
            if page.is_none() {
                return Ok(found);
            }
        }
    }

    /// Points the index to the newest generation of a pack. Returns whether that was necessary.
    ///
    /// The list of secrets may be some minutes old, so a generation that the index names counts if it exists.
    async fn record(&self, id: &PackId, generations: &BTreeSet<Generation>) -> Result<bool, VaultError> {
        let Some(newest) = generations.last().copied() else { return Ok(false) };
        let known = self.0.index.pack(id).await?.map(|state| state.generation);
        let is_right = match known {
            None => false,
            Some(known) if known < newest => false,
            Some(known) if known == newest => true,
            // A sealed generation has been replaced since it was listed.
            Some(known) => self.exists(id, known).await? || self.is_sealed(id, newest).await?,
        };
        if is_right {
            return Ok(false);
        }
        let found = FoundPack {
            generation: newest,
            retiring: newest.previous().filter(|earlier| generations.contains(earlier)),
            purge_after: self.0.clock.now().saturating_add(RECOVERY_WINDOW),
        };
        match self.0.index.record_pack(id, known, &found).await {
            Ok(()) => Ok(true),
            // Another process has changed it since it was read.
            Err(VaultError::Conflict) => Ok(false),
            Err(error) => Err(error),
        }
    }

    pub(super) async fn exists(&self, id: &PackId, generation: Generation) -> Result<bool, VaultError> {
        Ok(self.0.secrets.current(&id.at(generation)).await?.is_some())
    }

    async fn is_sealed(&self, id: &PackId, generation: Generation) -> Result<bool, VaultError> {
        match self.read(&id.at(generation), Freshness::Newest).await {
            Ok(held) => Ok(held.is_none_or(|held| held.pack.moved_to().is_some())),
            Err(VaultError::Unreadable(_)) => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// Records how many packs each group has. A number without a secret is reported.
    async fn record_groups(
        &self,
        found: &BTreeMap<PackId, BTreeSet<Generation>>,
    ) -> Result<Vec<IndexProblem>, VaultError> {
        let mut groups: BTreeMap<&Group, u32> = BTreeMap::new();
        for id in found.keys() {
            let packs = groups.entry(id.group()).or_default();
            *packs = id.number().max(*packs);
        }
        let mut problems = Vec::new();
        for (group, packs) in groups {
            let packs = packs.max(self.0.index.group(group).await?.packs);
            for id in (1..=packs).map(|number| PackId::new(group.clone(), number)) {
                if found.contains_key(&id) || self.record_missing(&id).await? {
                    continue;
                }
                let problem = "no secret of this pack exists; restore it, if it was deleted by mistake".to_owned();
                problems.push(IndexProblem { name: format!("packs/{id}"), problem });
            }
            self.0.index.record_group(group, packs).await?;
        }
        Ok(problems)
    }

    /// Records a pack that must have existed. Returns whether its secret exists although it was not listed.
    async fn record_missing(&self, id: &PackId) -> Result<bool, VaultError> {
        let Some(state) = self.0.index.pack(id).await? else {
            let purge_after = self.0.clock.now().saturating_add(RECOVERY_WINDOW);
            let found = FoundPack { generation: Generation::FIRST, retiring: None, purge_after };
            return match self.0.index.record_pack(id, None, &found).await {
                Ok(()) => self.exists(id, Generation::FIRST).await,
                Err(VaultError::Conflict) => Ok(true),
                Err(error) => Err(error),
            };
        };
        self.exists(id, state.generation).await
    }

    async fn open_if_roomy(&self, id: &PackId) -> Result<(), VaultError> {
        if self.state(id).await?.used >= self.0.settings.size.accounts() {
            return Ok(());
        }
        match self.open(id, Freshness::Any).await {
            Ok(held) if held.bytes <= FULL => self.0.index.reopen(id).await,
            // Reported before.
            Ok(_) | Err(VaultError::Unreadable(_)) => Ok(()),
            Err(error) => Err(error),
        }
    }
}
