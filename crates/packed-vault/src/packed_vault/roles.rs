//! The roles of a vault.

use std::collections::BTreeMap;

use evertoken_core::account::{AccountId, AccountName};
use evertoken_core::cohort::Cohort;
use evertoken_core::document::{Document, VersionId, Versioned};
use evertoken_core::invite::{InviteId, LONGEST_ONCE};
use evertoken_core::login_state::{LIFETIME, LoginId};
use evertoken_core::vault::{
    AccountIndex, AccountStore, FoundAccounts, InviteClaims, LoginRecords, Page, ParkedDocuments, Removal, Selection,
    Unreadable, VaultError,
};
use futures_util::Stream;

use super::commit::Urgency;
use super::open::Freshness;
use super::{MOST_AT_ONCE, PackedVault, ROUNDS, ids_of};
use crate::ids::PackId;
use crate::pack::{Change, Pack};
use crate::pack_index::{BATCH, PackIndex};
use crate::pack_secrets::PackSecrets;
use crate::revision::AccountVersion;

impl<S: PackSecrets, I: PackIndex> PackedVault<S, I> {
    /// Reads something of an account from its pack. `None` if the account does not exist.
    pub(super) async fn look_up<T>(
        &self,
        name: &AccountName,
        find: impl Fn(&Pack) -> Result<Option<T>, VaultError>,
    ) -> Result<Option<T>, VaultError> {
        for _ in 0..ROUNDS {
            let place = self.0.index.place(name).await?;
            let Some(place) = place.filter(|place| place.removed_until.is_none()) else { return Ok(None) };
            let mut held = self.open(&place.pack, Freshness::Any).await?;
            if !held.is_newest && !held.pack.holds(name) {
                // The account may be newer than what was read.
                held = self.open(&place.pack, Freshness::Newest).await?;
            }
            if held.pack.holds(name) || self.0.index.place(name).await?.as_ref() == Some(&place) {
                return find(&held.pack);
            }
            // The account has moved in the meantime.
        }
        Err(VaultError::Conflict)
    }

    /// Submits a change of the account's version, which names the pack.
    async fn change(
        &self,
        version: &VersionId,
        name: &AccountName,
        urgency: Urgency,
        change: impl FnOnce(u64) -> Change,
    ) -> Result<VersionId, VaultError> {
        // Another vault's version is not the current one here.
        let AccountVersion { pack, revision } = AccountVersion::parse(version).ok_or(VaultError::Conflict)?;
        match self.submit(&pack, change(revision), urgency).await {
            Ok(done) => Ok(AccountVersion { pack, revision: done.revision }.id()),
            Err(error) => Err(self.resolve(&pack, name, error).await),
        }
    }
}

impl<S: PackSecrets, I: PackIndex> AccountStore for PackedVault<S, I> {
    async fn get(&self, name: &AccountName) -> Result<Option<Versioned>, VaultError> {
        self.look_up(name, |pack| Ok(pack.account(name)?)).await
    }

    /// Reads each pack once.
    async fn get_many(&self, names: &[AccountName]) -> Result<Page, VaultError> {
        let mut packs: BTreeMap<PackId, Vec<&AccountName>> = BTreeMap::new();
        let mut places = BTreeMap::new();
        for names in names.chunks(BATCH) {
            places.extend(self.0.index.places(names).await?);
        }
        for name in names {
            if let Some(place) = places.get(name).filter(|place| place.removed_until.is_none()) {
                packs.entry(place.pack.clone()).or_default().push(name);
            }
        }
        let mut page = Page::default();
        for (pack, names) in packs {
            let held = match self.open(&pack, Freshness::Any).await {
                Ok(held) => Some(held),
                Err(VaultError::Unreadable(_)) => None,
                Err(error) => return Err(error),
            };
            for name in names {
                // What this version of the pack does not hold may have moved, or be newer.
                let read = match held.as_ref().map(|held| held.pack.account(name)) {
                    Some(Ok(Some(account))) => Ok(Some(account)),
                    _ => self.get(name).await,
                };
                match read {
                    Ok(account) => page.accounts.extend(account),
                    Err(VaultError::Unreadable(reason)) => {
                        page.unreadable.push(Unreadable { name: name.to_string(), reason });
                    }
                    Err(error) => return Err(error),
                }
            }
        }
        Ok(page)
    }

    fn most_at_once(&self) -> usize {
        MOST_AT_ONCE
    }

    fn list(&self) -> impl Stream<Item = Result<Page, VaultError>> + Send {
        self.scan(&|_| true)
    }

    fn scan<'a>(&'a self, acts_on: Selection<'a>) -> impl Stream<Item = Result<Page, VaultError>> + Send {
        self.clone().scan_all(acts_on)
    }

    async fn create(&self, document: &Document) -> Result<VersionId, VaultError> {
        self.create_account(document, &mut Vec::new()).await
    }

    async fn replace(&self, expected: &VersionId, document: &Document) -> Result<VersionId, VaultError> {
        let document = document.clone();
        let name = document.name.clone();
        let replace = |expected| Change::Replace { expected, document: Box::new(document) };
        self.change(expected, &name, Urgency::CanWait, replace).await
    }

    async fn remove(&self, name: &AccountName, removal: Removal) -> Result<(), VaultError> {
        self.remove_account(name, removal).await
    }

    fn cohort_of(&self, version: &VersionId) -> Option<Cohort> {
        AccountVersion::parse(version).map(|version| version.cohort())
    }
}

impl<S: PackSecrets, I: PackIndex> ParkedDocuments for PackedVault<S, I> {
    async fn park(&self, base: &VersionId, document: &Document) -> Result<(), VaultError> {
        let park = |base| Change::Park { base, document: Box::new(document.clone()) };
        self.change(base, &document.name, Urgency::CanWait, park).await.map(|_| ())
    }

    async fn parked(&self, name: &AccountName) -> Result<Option<Document>, VaultError> {
        self.look_up(name, |pack| Ok(pack.parked(name)?)).await
    }

    async fn forget_earlier(&self, name: &AccountName) -> Result<(), VaultError> {
        self.forget_earlier_documents(name).await
    }
}

impl<S: PackSecrets, I: PackIndex> AccountIndex for PackedVault<S, I> {
    async fn find(&self, id: &AccountId) -> Result<FoundAccounts, VaultError> {
        let mut found = FoundAccounts::default();
        for name in self.0.index.names(id).await? {
            let Some(place) = self.0.index.place(&name).await? else { continue };
            let until = place.removed_until;
            match self.get(&name).await? {
                Some(account) if account.document.has_id(id) => found.accounts.push(account),
                // Earlier versions of the pack hold the other account.
                Some(_) => found.former.push(name),
                None if until.is_some_and(|until| until <= self.0.clock.now()) => {}
                // The same if the account was removed, also if that was interrupted.
                None => found.removed.push(name),
            }
        }
        Ok(found)
    }

    /// The ids of a replaced account stay until it is forgotten, with or without `former`.
    async fn label(&self, document: &Document, _: Option<&Document>) -> Result<(), VaultError> {
        self.0.index.register(&document.name, &ids_of(document)).await
    }
}

impl<S: PackSecrets, I: PackIndex> LoginRecords for PackedVault<S, I> {
    async fn remember(&self, login: &LoginId, name: &AccountName) -> Result<(), VaultError> {
        let until = self.0.clock.now().saturating_add(LIFETIME * 2);
        self.0.index.remember(login, name, until).await
    }

    async fn recall(&self, login: &LoginId) -> Result<Option<AccountName>, VaultError> {
        self.0.index.recall(login).await
    }
}

impl<S: PackSecrets, I: PackIndex> InviteClaims for PackedVault<S, I> {
    async fn claim(&self, invite: &InviteId) -> Result<(), VaultError> {
        let now = self.0.clock.now();
        self.0.index.claim(invite, now, now.saturating_add(LONGEST_ONCE)).await
    }

    async fn is_claimed(&self, invite: &InviteId) -> Result<bool, VaultError> {
        self.0.index.is_claimed(invite).await
    }

    async fn release(&self, invite: &InviteId) -> Result<(), VaultError> {
        self.0.index.withdraw(invite).await
    }
}
