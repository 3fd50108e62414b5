//! The models of Secrets Manager and DynamoDB, and the layered vaults of several processes over them.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use evertoken_core::account::AccountName;
use evertoken_core::clock::Clock;
use evertoken_core::document::{Document, Versioned};
use evertoken_core::sample;
use evertoken_core::secrets::AccessToken;
use evertoken_core::vault::{AccountStore, FaultyVault, MemoryVault, Page, VaultError, VaultFaults};
use futures_util::TryStreamExt;
use time::OffsetDateTime;
use time::macros::datetime;

use super::stale_singles::StaleSingles;
use crate::ids::{PackId, PackSecret, PackSize};
use crate::layered_vault::LayeredVault;
use crate::memory_index::MemoryIndex;
use crate::memory_secrets::MemorySecrets;
use crate::pack::Pack;
use crate::packed_vault::{PackSettings, PackedVault};
use crate::process::Process;
use crate::seeded_entropy::SeededEntropy;

pub(super) const NOW: OffsetDateTime = datetime!(2026-11-26 05:00 UTC);

pub(super) type Singles = FaultyVault<StaleSingles, Process>;
pub(super) type TestVault = LayeredVault<MemorySecrets, MemoryIndex, Singles>;

impl VaultFaults for Process {
    async fn pass<T: Send>(&self, work: impl Future<Output = Result<T, VaultError>> + Send) -> Result<T, VaultError> {
        self.travel().await?;
        let done = work.await;
        self.travel().await?;
        done
    }

    async fn before_list(&self) -> Result<(), VaultError> {
        self.travel().await
    }
}

pub(super) struct FixedClock;

impl Clock for FixedClock {
    fn now(&self) -> OffsetDateTime {
        NOW
    }
}

#[derive(Clone, Default)]
pub(super) struct World {
    pub(super) secrets: MemorySecrets,
    pub(super) index: MemoryIndex,
    pub(super) singles: MemoryVault,
    pub(super) reads: StaleSingles,
    /// How many vaults there are. Each has other random numbers.
    vaults: Arc<AtomicU64>,
}

impl World {
    pub(super) fn new() -> Self {
        let singles = MemoryVault::default();
        Self { reads: StaleSingles::over(&singles), singles, ..Self::default() }
    }

    /// The vault of another process.
    pub(super) fn vault_of(&self, process: &Process) -> TestVault {
        self.vault_with(process, process)
    }

    /// A vault whose requests for packs pass through a process.
    pub(super) fn with_packs_of(&self, process: &Process) -> TestVault {
        self.vault_with(process, &Process::default())
    }

    fn vault_with(&self, packs: &Process, others: &Process) -> TestVault {
        let settings =
            PackSettings { size: PackSize::new(16).unwrap(), commit_window: Duration::ZERO, ..PackSettings::default() };
        let clock = Arc::new(FixedClock);
        let (secrets, index) = (self.secrets.used_by(packs), self.index.used_by(others));
        let entropy = SeededEntropy::new(self.vaults.fetch_add(1, Ordering::Relaxed));
        let packed = PackedVault::new(secrets, index, clock, Arc::new(entropy), settings);
        LayeredVault::new(packed, self.singles_of(others))
    }

    /// The secrets of single accounts, as another process uses them.
    pub(super) fn singles_of(&self, process: &Process) -> Singles {
        FaultyVault { vault: self.reads.clone(), faults: process.clone() }
    }

    pub(super) fn vault(&self) -> TestVault {
        self.vault_of(&Process::default())
    }

    /// The present pack, as stored.
    pub(super) fn pack(&self, id: &PackId) -> Pack {
        let secret = id.at(self.index.all_packs()[id].generation);
        Pack::decode(&secret, &self.secrets.current_values()[&secret]).unwrap()
    }

    /// The packs that hold an account in any version of any secret.
    pub(super) fn traces(&self, name: &AccountName) -> Vec<PackSecret> {
        let all = self.secrets.everything().into_iter();
        let holds = |(secret, value): (PackSecret, _)| {
            let pack = Pack::decode(&secret, &value).unwrap();
            (pack.holds(name) || pack.parked(name).unwrap().is_some()).then_some(secret)
        };
        all.filter_map(holds).collect()
    }
}

pub(super) fn document(name: &str) -> Document {
    sample::document(name, NOW)
}

pub(super) fn name(text: &str) -> AccountName {
    text.parse().unwrap()
}

pub(super) fn with_token(document: &Document, token: &str) -> Document {
    Document { access_token: AccessToken::new(token), ..document.clone() }
}

pub(super) fn token_of(account: &Versioned) -> String {
    account.document.access_token.expose().to_owned()
}

pub(super) async fn list(vault: &impl AccountStore) -> Vec<Versioned> {
    let pages: Vec<Page> = vault.list().try_collect().await.unwrap();
    let unreadable: Vec<_> = pages.iter().flat_map(|page| &page.unreadable).collect();
    assert!(unreadable.is_empty(), "{unreadable:?}");
    pages.into_iter().flat_map(|page| page.accounts).collect()
}
