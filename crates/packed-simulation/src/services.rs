//! The processes of the service over the models of AWS and Instagram.

use std::sync::Arc;
use std::time::Duration;

use evertoken_core::document::Document;
use evertoken_core::events::{Event, EventError, Events};
use evertoken_core::policy::Policy;
use evertoken_core::refresh::{Limits, Refresher};
use evertoken_core::vault::{AccountStore, FaultyVault, MemoryVault, Page};
use evertoken_packed_vault::{
    LayeredVault, MemoryIndex, MemorySecrets, NewAccounts, PackSettings, PackSize, PackedVault,
};
use futures_util::TryStreamExt;

use crate::aws::{Meter, MeteredIndex, MeteredSecrets, MeteredSingles, SingleCalls};
use crate::clock::SimulatedClock;
use crate::due_times::DueTimes;
use crate::error::SimulationError;
use crate::instagram::Instagram;
use crate::scanned_vault::{ScannedVault, Share};
use crate::seeded_rng::{SeededEntropy, Stream};
use crate::settings::YearSettings;

pub(crate) type Vault = LayeredVault<MeteredSecrets<MemorySecrets>, MeteredIndex<MemoryIndex>, MeteredSingles>;

pub(crate) type Worker = Arc<Refresher<Instagram, ScannedVault, NoEvents>>;

/// How many accounts may wait for the vault in a run: a commit window of renewals, and the writes in progress.
const WAITING_FOR_VAULT: usize = 512;

/// Nobody receives events.
#[derive(Clone, Copy, Debug)]
pub(crate) struct NoEvents;

impl Events for NoEvents {
    fn is_enabled(&self) -> bool {
        false
    }

    async fn send(&self, _: Event) -> Result<(), EventError> {
        Ok(())
    }
}

/// AWS, Instagram and the clock, which all processes share.
#[derive(Clone, Debug)]
pub(crate) struct Services {
    pub(crate) settings: YearSettings,
    pub(crate) clock: SimulatedClock,
    pub(crate) meter: Meter,
    pub(crate) secrets: MemorySecrets,
    pub(crate) index: MemoryIndex,
    /// The accounts that no pack could take.
    pub(crate) singles: MemoryVault,
    metered_index: MeteredIndex<MemoryIndex>,
    pub(crate) instagram: Instagram,
    pub(crate) due_times: DueTimes,
    pub(crate) policy: Policy,
}

/// What a process does, which decides how it writes to packs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Role {
    /// Serves logins and removals.
    Callback,
    /// Renews tokens.
    Refresh,
    /// Imports accounts. A pack takes all of its accounts in one day, because many are stored with one write.
    Import,
}

impl Services {
    /// Requires a runtime whose time is paused.
    pub(crate) fn new(settings: &YearSettings) -> Self {
        let clock = SimulatedClock::start();
        let meter = Meter::new(settings.seed, settings.aws_faults_per_million);
        let index = MemoryIndex::default();
        Self {
            settings: *settings,
            clock,
            secrets: MemorySecrets::with_newest_values(),
            metered_index: MeteredIndex::new(index.clone(), meter.clone()),
            index,
            singles: MemoryVault::default(),
            meter,
            instagram: Instagram::new(settings, clock),
            due_times: DueTimes::default(),
            // A check of a million tokens a day would take most of the time of each run.
            policy: Policy { check_every: None, ..Policy::default() },
        }
    }

    /// The vault of a new process.
    pub(crate) fn vault(&self, role: Role, process: u32) -> Vault {
        let secrets = MeteredSecrets { secrets: self.secrets.clone(), meter: self.meter.clone() };
        let entropy = SeededEntropy::new(self.settings.seed, Stream::Process(process));
        let defaults = PackSettings::default();
        let settings = match role {
            Role::Callback => PackSettings { commit_window: Duration::ZERO, ..defaults },
            Role::Refresh => defaults,
            Role::Import => PackSettings {
                logins_per_day: PackSize::default().accounts(),
                new_accounts: NewAccounts::Together,
                ..defaults
            },
        };
        let (clock, entropy) = (Arc::new(self.clock), Arc::new(entropy));
        let packed = PackedVault::new(secrets, self.metered_index.clone(), clock, entropy, settings);
        LayeredVault::new(packed, FaultyVault { vault: self.singles.clone(), faults: SingleCalls(self.meter.clone()) })
    }

    /// The accounts that have a secret of their own.
    pub(crate) async fn alone(&self) -> Result<Vec<Document>, SimulationError> {
        let error = |error| SimulationError::Vault { action: "a list of the accounts outside of packs", error };
        let pages: Vec<Page> = self.singles.list().try_collect().await.map_err(error)?;
        Ok(pages.into_iter().flat_map(|page| page.accounts).map(|account| account.document).collect())
    }

    /// A process that renews the tokens of its share of the packs.
    pub(crate) fn worker(&self, share: Share, concurrency: usize, process: u32) -> Worker {
        let vault = ScannedVault {
            vault: self.vault(Role::Refresh, process),
            share,
            scan: self.settings.scan,
            due_times: self.due_times.clone(),
            policy: self.policy,
            clock: self.clock,
            meter: self.meter.clone(),
            index: self.index.clone(),
        };
        Arc::new(Refresher {
            provider: self.instagram.clone(),
            vault,
            clock: Arc::new(self.clock),
            entropy: Arc::new(SeededEntropy::new(self.settings.seed, Stream::Process(process + 500))),
            events: NoEvents,
            policy: self.policy,
            limits: Limits {
                concurrency,
                waiting_for_vault: WAITING_FOR_VAULT,
                writes_per_second: None,
                ..Limits::default()
            },
        })
    }
}
