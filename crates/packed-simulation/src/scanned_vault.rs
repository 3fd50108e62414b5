//! A vault that lists only packs with accounts that are due.

use evertoken_core::account::AccountName;
use evertoken_core::clock::Clock;
use evertoken_core::document::{Document, VersionId, Versioned};
use evertoken_core::policy::Policy;
use evertoken_core::refresh::PARTS_AT_ONCE;
use evertoken_core::vault::{AccountStore, Page, ParkedDocuments, Part, Removal, Selection, VaultError, VaultParts};
use evertoken_packed_vault::{LISTED_AT_ONCE, MemoryIndex, PackId, PackIndex, PackState};
use futures_util::{Stream, StreamExt, stream};

use crate::aws::{Meter, Operation};
use crate::clock::SimulatedClock;
use crate::due_times::DueTimes;
use crate::services::Vault;
use crate::settings::Scan;

/// The vault of a worker, which reads its share of the packs.
///
/// With [`Scan::DuePacks`], it repeats the requests for the other packs without parsing their documents.
#[derive(Clone, Debug)]
pub(crate) struct ScannedVault {
    pub(crate) vault: Vault,
    pub(crate) share: Share,
    pub(crate) scan: Scan,
    pub(crate) due_times: DueTimes,
    pub(crate) policy: Policy,
    pub(crate) clock: SimulatedClock,
    pub(crate) meter: Meter,
    /// The index without its meter, to look at what costs nothing.
    pub(crate) index: MemoryIndex,
}

/// Every n-th pack, from a number below n on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Share {
    pub(crate) number: u32,
    pub(crate) of: u32,
}

impl Share {
    /// How many packs the process reads at the same time.
    fn read_at_once(self) -> usize {
        if self.of > 1 { PARTS_AT_ONCE } else { LISTED_AT_ONCE }
    }

    fn contains(self, pack: &PackId) -> bool {
        pack.number() % self.of.max(1) == self.number
    }
}

impl ScannedVault {
    async fn packs(&self) -> Vec<Result<PackId, VaultError>> {
        match self.vault.packed().packs().await {
            Ok(packs) => packs.into_iter().filter(|pack| self.share.contains(pack)).map(Ok).collect(),
            Err(error) => vec![Err(error)],
        }
    }

    async fn visit(&self, pack: &PackId, acts_on: Selection<'_>) -> Vec<Result<Page, VaultError>> {
        let now = self.clock.now();
        let state = self.index.pack(pack).await.ok().flatten();
        if self.scan == Scan::DuePacks && state.is_some_and(|state| self.is_idle(pack, &state)) {
            return match self.meter.repeat(&IDLE_VISIT).await {
                Ok(()) => Vec::new(),
                Err(error) => vec![Err(error)],
            };
        }
        self.due_times.reset(pack);
        let pages: Vec<_> = self.vault.packed().scan_packs(vec![pack.clone()], acts_on).collect().await;
        self.due_times.record(pack, &pages, now, &self.policy);
        pages
    }

    fn is_idle(&self, pack: &PackId, state: &PackState) -> bool {
        let now = self.clock.now();
        let is_settled = state.retiring.is_none() && state.purge_after.is_none_or(|due| now < due);
        is_settled && self.due_times.is_idle(pack, now)
    }
}

/// The requests of a look at a pack in which nothing is due, with the items that they read.
const IDLE_VISIT: [(Operation, u32); 2] = [(Operation::GetItem, 1), (Operation::GetSecretValue, 0)];

impl AccountStore for ScannedVault {
    async fn get(&self, name: &AccountName) -> Result<Option<Versioned>, VaultError> {
        self.vault.get(name).await
    }

    async fn get_many(&self, names: &[AccountName]) -> Result<Page, VaultError> {
        self.vault.get_many(names).await
    }

    fn most_at_once(&self) -> usize {
        self.vault.most_at_once()
    }

    fn list(&self) -> impl Stream<Item = Result<Page, VaultError>> + Send {
        self.scan(&|_| true)
    }

    fn scan<'a>(&'a self, acts_on: Selection<'a>) -> impl Stream<Item = Result<Page, VaultError>> + Send {
        let (this, packs) = (self.clone(), self.clone());
        let visit = move |pack: Result<PackId, VaultError>| {
            let this = this.clone();
            async move {
                match pack {
                    Ok(pack) => this.visit(&pack, acts_on).await,
                    Err(error) => vec![Err(error)],
                }
            }
        };
        let packs = stream::once(async move { packs.packs().await }).flat_map(stream::iter);
        let in_packs = packs.map(visit).buffered(self.share.read_at_once()).flat_map(stream::iter);
        // One worker gets the accounts that have a secret of their own.
        let alone = (self.share.number == 0).then(|| self.vault.scan_part(Part::Alone, acts_on));
        in_packs.chain(stream::iter(alone).flatten())
    }

    async fn create(&self, document: &Document) -> Result<VersionId, VaultError> {
        self.vault.create(document).await
    }

    async fn replace(&self, expected: &VersionId, document: &Document) -> Result<VersionId, VaultError> {
        self.vault.replace(expected, document).await
    }

    async fn remove(&self, name: &AccountName, removal: Removal) -> Result<(), VaultError> {
        self.vault.remove(name, removal).await
    }
}

impl ParkedDocuments for ScannedVault {
    async fn park(&self, base: &VersionId, document: &Document) -> Result<(), VaultError> {
        self.vault.park(base, document).await
    }

    async fn parked(&self, name: &AccountName) -> Result<Option<Document>, VaultError> {
        self.vault.parked(name).await
    }

    async fn forget_earlier(&self, name: &AccountName) -> Result<(), VaultError> {
        self.vault.forget_earlier(name).await
    }
}
