//! Lists all accounts, pack by pack, and puts right what a crash has left behind.

use std::collections::BTreeMap;

use evertoken_core::account::AccountName;
use evertoken_core::document::{DocumentError, Versioned};
use evertoken_core::vault::{PAGE_SIZE, Page, Selection, Unreadable, VaultError};
use futures_util::{Stream, StreamExt, stream};
use time::OffsetDateTime;

use super::open::{Freshness, Held};
use super::{Access, LISTED_AT_ONCE, PackedVault, index_lost};
use crate::ids::PackId;
use crate::pack_index::{BATCH, PackIndex, Place};
use crate::pack_secrets::PackSecrets;

impl<S: PackSecrets, I: PackIndex> PackedVault<S, I> {
    pub(super) fn scan_all(self, acts_on: Selection<'_>) -> impl Stream<Item = Result<Page, VaultError>> + Send {
        let packs = {
            let vault = self.clone();
            async move { vault.packs().await }
        };
        stream::once(packs).flat_map(move |packs| match packs {
            Ok(packs) => self.scan_packs(packs, acts_on).left_stream(),
            Err(error) => stream::iter([Err(error)]).right_stream(),
        })
    }

    /// The accounts of these packs, as [`scan`](evertoken_core::vault::AccountStore::scan) returns those of all packs.
    pub fn scan_packs<'a>(
        &self,
        packs: Vec<PackId>,
        acts_on: Selection<'a>,
    ) -> impl Stream<Item = Result<Page, VaultError>> + Send + use<'a, S, I> {
        let vault = self.clone();
        let visit = move |pack: PackId| {
            let vault = vault.clone();
            async move { vault.visit(&pack, acts_on).await }
        };
        stream::iter(packs).map(visit).buffered(LISTED_AT_ONCE).flat_map(stream::iter)
    }

    /// Reads the newest version of these packs, so that this process takes no older one for it from then on. A pack that
    /// cannot be read is left to whoever lists it.
    pub(crate) async fn see_newest(&self, packs: &[PackId]) {
        let reads = stream::iter(packs).map(|pack| self.open(pack, Freshness::Newest));
        reads.buffered(LISTED_AT_ONCE).for_each(async |_| {}).await;
    }

    /// Until when Instagram limits the app, as any process has recorded.
    pub async fn app_limited_until(&self) -> Result<Option<OffsetDateTime>, VaultError> {
        self.0.index.app_limited_until().await
    }

    /// Tells all processes until when Instagram limits the app.
    pub async fn limit_app_until(&self, until: OffsetDateTime) -> Result<(), VaultError> {
        self.0.index.limit_app_until(until).await
    }

    /// Which of these accounts have a place in a pack, with or without a document.
    pub(crate) async fn placed(&self, names: &[AccountName]) -> Result<Vec<AccountName>, VaultError> {
        let mut placed = Vec::new();
        for batch in names.chunks(BATCH) {
            let found = self.0.index.places(batch).await?;
            placed.extend(found.into_iter().filter(|(_, place)| place.removed_until.is_none()).map(|(name, _)| name));
        }
        Ok(placed)
    }

    /// All packs, in the order in which they are listed.
    pub async fn packs(&self) -> Result<Vec<PackId>, VaultError> {
        let groups = self.0.index.groups().await?;
        // An empty index would look like an empty vault.
        if groups.is_empty()
            && let Some(secret) = self.0.secrets.list(None, None).await?.secrets.first()
        {
            // A pack that nobody has used yet is no loss.
            let held = self.read(secret, Freshness::Any).await?;
            if held.is_some_and(|held| !held.pack.is_empty()) {
                return Err(index_lost(&format!("the secret {secret}")));
            }
        }
        let mut packs = Vec::new();
        for group in groups {
            let state = self.0.index.group(&group).await?;
            packs.extend((1..=state.packs).map(|number| PackId::new(group.clone(), number)));
        }
        Ok(packs)
    }

    /// The accounts of a pack. A pack that cannot be read is reported and does not affect the others.
    async fn visit(&self, id: &PackId, acts_on: Selection<'_>) -> Vec<Result<Page, VaultError>> {
        match self.accounts_of(id, acts_on).await {
            Ok(page) => in_pages(page).into_iter().map(Ok).collect(),
            Err(VaultError::Unreadable(reason)) => {
                let unreadable = vec![Unreadable { name: format!("packs/{id}"), reason }];
                vec![Ok(Page { accounts: Vec::new(), unreadable })]
            }
            Err(error) => vec![Err(error)],
        }
    }

    async fn accounts_of(&self, id: &PackId, acts_on: Selection<'_>) -> Result<Page, VaultError> {
        let mut held = self.open_settled(id).await?;
        let mut accounts = held.pack.accounts();
        let mut places = self.places_of(&accounts, acts_on).await?;
        if !held.is_newest && places.values().any(|place| !is_here(place.as_ref(), id)) {
            // An account that was removed or moved stands in older versions.
            held = self.open(id, Freshness::Newest).await?;
            accounts = held.pack.accounts();
            places = self.places_of(&accounts, acts_on).await?;
        }
        let mut page = Page::default();
        for (key, read) in accounts {
            let is_moved = key.parse().is_ok_and(|name| held.pack.moving_to(&name).is_some());
            match read {
                Ok(account) if places.get(&account.document.name).is_none_or(|place| is_here(place.as_ref(), id)) => {
                    page.accounts.push(account);
                }
                // It is listed with the other pack.
                _ if is_moved => {}
                Ok(_) => {
                    let problem =
                        format!("the secret {} holds the account, and the index does not", held.pack.secret());
                    page.unreadable.push(Unreadable { name: key, reason: DocumentError::InPack { problem } });
                }
                Err(reason) => page.unreadable.push(Unreadable { name: key, reason }),
            }
        }
        Ok(page)
    }

    /// Reads a pack, after what a crash has left behind is put right.
    async fn open_settled(&self, id: &PackId) -> Result<Held, VaultError> {
        let mut state = self.state(id).await?;
        if self.0.settings.access == Access::Read {
            return self.open_at(id, state, Freshness::Any).await;
        }
        if self.is_rollover_due(&state) {
            if let Err(error) = self.purge(id, state).await {
                tracing::warn!(pack = %id, reason = %error, "the earlier versions of a pack were not deleted; the next run tries again");
            }
            state = self.state(id).await?;
        }
        let held = self.open_at(id, state, Freshness::Any).await?;
        if held.pack.moves().next().is_none() {
            return Ok(held);
        }
        match self.finish_moves(id).await {
            Ok(()) => self.open(id, Freshness::Newest).await,
            Err(error) => {
                tracing::warn!(pack = %id, reason = %error, "accounts are still being moved; the next run tries again");
                Ok(held)
            }
        }
    }

    /// Where the index says the accounts are that `acts_on` selects.
    async fn places_of(
        &self,
        accounts: &[(String, Result<Versioned, DocumentError>)],
        acts_on: Selection<'_>,
    ) -> Result<BTreeMap<AccountName, Option<Place>>, VaultError> {
        let selected = accounts.iter().filter_map(|(_, read)| read.as_ref().ok()).filter(|account| acts_on(account));
        let names: Vec<AccountName> = selected.map(|account| account.document.name.clone()).collect();
        let mut places: BTreeMap<_, _> = names.iter().cloned().map(|name| (name, None)).collect();
        for names in names.chunks(BATCH) {
            let found = self.0.index.places(names).await?;
            places.extend(found.into_iter().map(|(name, place)| (name, Some(place))));
        }
        Ok(places)
    }
}

fn is_here(place: Option<&Place>, id: &PackId) -> bool {
    place.is_some_and(|place| place.pack == *id && place.removed_until.is_none())
}

/// Pages as small as those of other vaults.
fn in_pages(page: Page) -> Vec<Page> {
    let accounts =
        page.accounts.chunks(PAGE_SIZE).map(|accounts| Page { accounts: accounts.to_vec(), ..Page::default() });
    let mut pages: Vec<_> = accounts.collect();
    if !page.unreadable.is_empty() {
        pages.push(Page { accounts: Vec::new(), unreadable: page.unreadable });
    }
    pages
}
