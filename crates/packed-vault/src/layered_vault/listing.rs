//! Lists the accounts of both layouts, each once.

use std::collections::{BTreeSet, HashSet};
use std::hash::{BuildHasher, RandomState};
use std::sync::{Arc, Mutex, PoisonError};

use evertoken_core::account::AccountName;
use evertoken_core::document::{DocumentError, VersionId, Versioned};
use evertoken_core::vault::{AccountStore, Page, Selection, Unreadable, Vault, VaultError};
use futures_util::{Stream, StreamExt, TryStreamExt, stream};

use super::LayeredVault;
use super::roles::is_packed;
use super::sealed::version_of_secret;
use crate::ids::PackId;
use crate::pack_index::PackIndex;
use crate::pack_secrets::PackSecrets;
use crate::packed_vault::LISTED_AT_ONCE;

/// The accounts that were listed. Only hashes of their names, because there may be a million.
#[derive(Clone, Default)]
struct Listed {
    hasher: RandomState,
    hashes: Arc<Mutex<HashSet<u64>>>,
}

impl Listed {
    fn add(&self, name: &AccountName) {
        let hash = self.hasher.hash_one(name);
        self.hashes.lock().unwrap_or_else(PoisonError::into_inner).insert(hash);
    }

    fn contains(&self, name: &AccountName) -> bool {
        let hash = self.hasher.hash_one(name);
        self.hashes.lock().unwrap_or_else(PoisonError::into_inner).contains(&hash)
    }
}

impl<S: PackSecrets, I: PackIndex, V: Vault> LayeredVault<S, I, V> {
    /// Lists the packs first, and then the accounts that were not in them. An account that is moved meanwhile is listed where
    /// it is then. If it is not known which packs there are, that is all that the stream returns: the accounts in packs would
    /// seem to be missing.
    pub(super) fn scan_all<'a>(
        &'a self,
        acts_on: Selection<'a>,
    ) -> impl Stream<Item = Result<Page, VaultError>> + Send {
        stream::once(self.packed.packs()).flat_map(move |packs| match packs {
            Ok(packs) => self.scan_both(packs, acts_on).left_stream(),
            Err(error) => stream::iter([Err(error)]).right_stream(),
        })
    }

    fn scan_both<'a>(
        &'a self,
        packs: Vec<PackId>,
        acts_on: Selection<'a>,
    ) -> impl Stream<Item = Result<Page, VaultError>> + Send {
        let listed = Listed::default();
        let in_packs = listed.clone();
        let packed = self.packed.scan_packs(packs, acts_on).inspect(move |page| {
            for account in page.iter().flat_map(|page| &page.accounts) {
                in_packs.add(&account.document.name);
            }
        });
        let singles = self.singles.list().then(move |page| {
            let listed = listed.clone();
            async move { self.not_listed(page?, &listed).await }
        });
        packed.chain(singles)
    }

    /// Lists the accounts that are in no pack.
    pub(super) fn list_alone(&self) -> impl Stream<Item = Result<Page, VaultError>> + Send {
        self.singles.list().then(async |page| {
            let page = self.not_listed(page?, &Listed::default()).await?;
            let accounts = page.accounts.into_iter().filter(|account| account.cohort.is_none());
            Ok(Page { accounts: accounts.collect(), ..page })
        })
    }

    /// The accounts that are in packs, pack by pack, and those on their way between a pack and a secret of their own. Also what
    /// is unreadable in packs.
    pub async fn packed_names(&self) -> Result<(Vec<AccountName>, Vec<Unreadable>), VaultError> {
        let (mut names, mut unreadable) = (Vec::new(), Vec::new());
        let packs = self.packed.packs().await?;
        // A read of a pack may be stale, and an account that was stored a moment ago must not be left out.
        self.packed.see_newest(&packs).await;
        let mut packs = std::pin::pin!(self.packed.scan_packs(packs, &|_| true));
        while let Some(page) = packs.try_next().await? {
            names.extend(page.accounts.into_iter().map(|account| account.document.name));
            unreadable.extend(page.unreadable);
        }
        let mut others = std::pin::pin!(self.list_alone());
        while let Some(page) = others.try_next().await? {
            let in_transit = page.accounts.into_iter().filter(|account| !is_single(&account.version));
            names.extend(in_transit.map(|account| account.document.name));
        }
        Ok((names, unreadable))
    }

    async fn not_listed(&self, page: Page, listed: &Listed) -> Result<Page, VaultError> {
        let mut rest = Page { accounts: Vec::new(), unreadable: page.unreadable };
        let accounts: Vec<_> =
            page.accounts.into_iter().filter(|single| !listed.contains(&single.document.name)).collect();
        let placed = self.placed(&accounts).await?;
        let mut unclear = Vec::new();
        for single in accounts {
            if !placed.contains(&single.document.name) && single.document.moved_to().is_none() {
                rest.accounts.push(single);
            } else {
                unclear.push(single.document.name);
            }
        }
        let read = async |name: AccountName| (self.get(&name).await, name);
        let mut unclear = stream::iter(unclear).map(read).buffered(LISTED_AT_ONCE);
        while let Some((read, name)) = unclear.next().await {
            match read {
                Ok(Some(account)) => rest.accounts.push(account),
                Ok(None) => {
                    let problem = "the secret is a copy of an account that is in no pack any more; if the account was \
                                   removed, delete the secret, otherwise run `evertoken reindex`";
                    let reason = DocumentError::InPack { problem: problem.to_owned() };
                    rest.unreadable.push(Unreadable { name: name.to_string(), reason });
                }
                // Its pack is unreadable, and was reported.
                Err(VaultError::Unreadable(_)) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(rest)
    }

    /// Which of these accounts have a place in a pack, with or without a document.
    pub(super) async fn placed(&self, accounts: &[Versioned]) -> Result<BTreeSet<AccountName>, VaultError> {
        let names: Vec<_> = accounts.iter().map(|account| account.document.name.clone()).collect();
        Ok(self.packed.placed(&names).await?.into_iter().collect())
    }
}

fn is_single(version: &VersionId) -> bool {
    !is_packed(version) && version_of_secret(version).is_none()
}
