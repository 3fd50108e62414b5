//! Lists all accounts, pack by pack, and puts right what a crash has left behind.

use std::collections::BTreeMap;

use evertoken_core::account::AccountName;
use evertoken_core::document::DocumentError;
use evertoken_core::vault::{PAGE_SIZE, Page, Unreadable, VaultError};
use futures_util::{Stream, StreamExt, stream};
use time::OffsetDateTime;

use super::open::{Freshness, Held};
use super::{Access, LISTED_AT_ONCE, PackedVault, index_lost};
use crate::ids::PackId;
use crate::pack_index::{BATCH, PackIndex, Place};
use crate::pack_secrets::PackSecrets;

impl<S: PackSecrets, I: PackIndex> PackedVault<S, I> {
    pub(super) fn list_all(self) -> impl Stream<Item = Result<Page, VaultError>> + Send {
        let packs = {
            let vault = self.clone();
            async move { vault.packs().await }
        };
        stream::once(packs).flat_map(move |packs| match packs {
            Ok(packs) => self.list_packs(packs).left_stream(),
            Err(error) => stream::iter([Err(error)]).right_stream(),
        })
    }

    /// The accounts of these packs, as [`list`](evertoken_core::vault::AccountStore::list) returns those of all packs.
    pub fn list_packs(&self, packs: Vec<PackId>) -> impl Stream<Item = Result<Page, VaultError>> + Send + use<S, I> {
        let vault = self.clone();
        let visit = move |pack: PackId| {
            let vault = vault.clone();
            async move { vault.visit(&pack).await }
        };
        stream::iter(packs).map(visit).buffered(LISTED_AT_ONCE).flat_map(stream::iter)
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
    async fn visit(&self, id: &PackId) -> Vec<Result<Page, VaultError>> {
        if self.0.settings.access == Access::Write
            && let Err(error) = self.purge_if_due(id).await
        {
            tracing::warn!(pack = %id, reason = %error, "the earlier versions of a pack were not deleted; the next run tries again");
        }
        match self.accounts_of(id).await {
            Ok(page) => in_pages(page).into_iter().map(Ok).collect(),
            Err(VaultError::Unreadable(reason)) => {
                let unreadable = vec![Unreadable { name: format!("packs/{id}"), reason }];
                vec![Ok(Page { accounts: Vec::new(), unreadable })]
            }
            Err(error) => vec![Err(error)],
        }
    }

    async fn accounts_of(&self, id: &PackId) -> Result<Page, VaultError> {
        let mut held = self.open(id, Freshness::Any).await?;
        if self.0.settings.access == Access::Write && held.pack.moves().next().is_some() {
            match self.finish_moves(id).await {
                Ok(()) => held = self.open(id, Freshness::Newest).await?,
                Err(error) => {
                    tracing::warn!(pack = %id, reason = %error, "accounts are still being moved; the next run tries again");
                }
            }
        }
        let mut places = self.places_of(&held).await?;
        if !held.is_newest && held.pack.keys().any(|key| !is_here(key, id, &places)) {
            // An account that was removed or moved stands in older versions.
            held = self.open(id, Freshness::Newest).await?;
            places = self.places_of(&held).await?;
        }
        let mut page = Page::default();
        for (key, read) in held.pack.accounts() {
            let name: Option<AccountName> = key.parse().ok();
            let is_moved = name.as_ref().is_some_and(|name| held.pack.moving_to(name).is_some());
            match read {
                Ok(account) if is_here(&key, id, &places) => page.accounts.push(account),
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

    async fn places_of(&self, held: &Held) -> Result<BTreeMap<AccountName, Place>, VaultError> {
        let names: Vec<AccountName> = held.pack.keys().filter_map(|key| key.parse().ok()).collect();
        let mut places = BTreeMap::new();
        for names in names.chunks(BATCH) {
            places.extend(self.0.index.places(names).await?);
        }
        Ok(places)
    }
}

fn is_here(key: &str, id: &PackId, places: &BTreeMap<AccountName, Place>) -> bool {
    let place = key.parse().ok().and_then(|name: AccountName| places.get(&name));
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
