//! The roles of a vault.

use std::collections::BTreeSet;
use std::time::Duration;

use evertoken_core::account::{AccountId, AccountName};
use evertoken_core::cohort::Cohort;
use evertoken_core::document::{Document, VersionId, Versioned};
use evertoken_core::invite::InviteId;
use evertoken_core::login_state::LoginId;
use evertoken_core::vault::{
    AccountIndex, AccountStore, FoundAccounts, InviteClaims, LoginRecords, Page, ParkedDocuments, Part, Removal,
    Selection, Vault, VaultError, VaultParts,
};
use futures_util::{Stream, StreamExt};

use super::LayeredVault;
use super::sealed::{in_transit, version_of_secret};
use crate::pack_index::PackIndex;
use crate::pack_secrets::PackSecrets;
use crate::revision::AccountVersion;

/// Whether a version is that of an account in a pack.
pub(super) fn is_packed(version: &VersionId) -> bool {
    AccountVersion::parse(version).is_some()
}

/// How often a sealed secret that its pack does not expect is read again, because a read may be some seconds old.
const SEALED_READS: u32 = 16;

/// The wait between these reads.
const SEALED_WAIT: Duration = Duration::from_millis(250);

impl<S: PackSecrets, I: PackIndex, V: Vault> AccountStore for LayeredVault<S, I, V> {
    async fn get(&self, name: &AccountName) -> Result<Option<Versioned>, VaultError> {
        for _ in 0..SEALED_READS {
            if let Some(account) = self.packed.get(name).await? {
                return Ok(Some(account));
            }
            let Some(single) = self.singles.get(name).await? else { return Ok(None) };
            if single.document.moved_to().is_none() {
                return Ok(Some(single));
            }
            if self.packed.transit(name).await?.is_some() {
                // Once more, because what was read may be older than the account's way.
                let Some(single) = self.singles.get(name).await? else { return Ok(None) };
                let is_sealed = single.document.moved_to().is_some();
                return Ok(Some(if is_sealed { in_transit(&single) } else { single }));
            }
            // It has entered its pack since, or left it and the secret is newer than what was read.
            tokio::time::sleep(SEALED_WAIT).await;
        }
        Ok(None)
    }

    async fn get_many(&self, names: &[AccountName]) -> Result<Page, VaultError> {
        let mut page = self.packed.get_many(names).await?;
        let found: BTreeSet<_> = page.accounts.iter().map(|account| account.document.name.as_str()).collect();
        let broken: BTreeSet<_> = page.unreadable.iter().map(|broken| broken.name.as_str()).collect();
        let is_missing = |name: &&AccountName| !found.contains(name.as_str()) && !broken.contains(name.as_str());
        let missing: Vec<_> = names.iter().filter(is_missing).cloned().collect();
        for missing in missing.chunks(self.singles.most_at_once()) {
            let singles = self.singles.get_many(missing).await?;
            for single in singles.accounts {
                if single.document.moved_to().is_none() {
                    page.accounts.push(single);
                } else {
                    page.accounts.extend(self.get(&single.document.name).await?);
                }
            }
            page.unreadable.extend(singles.unreadable);
        }
        Ok(page)
    }

    fn most_at_once(&self) -> usize {
        self.packed.most_at_once()
    }

    fn list(&self) -> impl Stream<Item = Result<Page, VaultError>> + Send {
        self.scan(&|_| true)
    }

    fn scan<'a>(&'a self, acts_on: Selection<'a>) -> impl Stream<Item = Result<Page, VaultError>> + Send {
        self.scan_all(acts_on)
    }

    async fn create(&self, document: &Document) -> Result<VersionId, VaultError> {
        self.create_account(document).await
    }

    async fn replace(&self, expected: &VersionId, document: &Document) -> Result<VersionId, VaultError> {
        if is_packed(expected) {
            self.replace_packed(expected, document).await
        } else if version_of_secret(expected).is_some() {
            self.replace_in_transit(expected, document).await
        } else {
            self.packed.acquire_write().await;
            self.singles.replace(expected, document).await
        }
    }

    async fn remove(&self, name: &AccountName, removal: Removal) -> Result<(), VaultError> {
        self.remove_account(name, removal).await
    }

    fn cohort_of(&self, version: &VersionId) -> Option<Cohort> {
        self.packed.cohort_of(version)
    }
}

impl<S: PackSecrets, I: PackIndex, V: Vault> VaultParts for LayeredVault<S, I, V> {
    /// The packs, and the accounts that have a secret of their own.
    async fn parts(&self) -> Result<Vec<Part>, VaultError> {
        let packs = self.packed.packs().await?;
        let packs = packs.iter().map(|pack| Part::Cohort(Cohort::new(&pack.to_string())));
        Ok(packs.chain([Part::Alone]).collect())
    }

    fn scan_part<'a>(
        &'a self,
        part: Part,
        acts_on: Selection<'a>,
    ) -> impl Stream<Item = Result<Page, VaultError>> + Send {
        match part {
            Part::Cohort(cohort) => {
                self.packed.scan_packs(cohort.as_str().parse().ok().into_iter().collect(), acts_on).left_stream()
            }
            Part::Alone => self.list_alone().right_stream(),
        }
    }
}

impl<S: PackSecrets, I: PackIndex, V: Vault> ParkedDocuments for LayeredVault<S, I, V> {
    async fn park(&self, base: &VersionId, document: &Document) -> Result<(), VaultError> {
        if is_packed(base) {
            return self.packed.park(base, document).await;
        }
        let secret = version_of_secret(base);
        self.packed.acquire_write().await;
        self.singles.park(secret.as_ref().unwrap_or(base), document).await
    }

    async fn parked(&self, name: &AccountName) -> Result<Option<Document>, VaultError> {
        match self.packed.get(name).await? {
            Some(_) => self.packed.parked(name).await,
            None => self.singles.parked(name).await,
        }
    }

    async fn forget_earlier(&self, name: &AccountName) -> Result<(), VaultError> {
        self.forget_former(name).await
    }
}

impl<S: PackSecrets, I: PackIndex, V: Vault> AccountIndex for LayeredVault<S, I, V> {
    async fn find(&self, id: &AccountId) -> Result<FoundAccounts, VaultError> {
        let mut found = self.packed.find(id).await?;
        let singles = self.singles.find(id).await?;
        let placed = self.placed(&singles.accounts).await?;
        for single in singles.accounts {
            let name = single.document.name.clone();
            if found.accounts.iter().any(|account| account.document.name == name) {
                continue;
            }
            if !placed.contains(&name) && single.document.moved_to().is_none() {
                found.accounts.push(single);
                continue;
            }
            match self.get(&name).await? {
                Some(account) if account.document.has_id(id) => found.accounts.push(account),
                // A copy is one of another account.
                Some(_) => found.former.push(name),
                None => found.removed.push(name),
            }
        }
        // The name can belong to another account by now, in a secret of its own. Some names are those of copies, which are not
        // read.
        let removed = std::mem::take(&mut found.removed);
        for name in removed.into_iter().chain(singles.former) {
            if found.accounts.iter().any(|account| account.document.name == name) {
                continue;
            }
            match self.get(&name).await? {
                Some(account) if account.document.has_id(id) => found.accounts.push(account),
                Some(_) => found.former.push(name),
                None => found.removed.push(name),
            }
        }
        let accounts: BTreeSet<_> = found.accounts.iter().map(|account| account.document.name.clone()).collect();
        // The secret of a removed account stays for some days, also if the account is connected again.
        found.removed.extend(singles.removed);
        for names in [&mut found.removed, &mut found.former] {
            names.retain(|name| !accounts.contains(name));
            names.sort();
            names.dedup();
        }
        found.may_miss_recent |= singles.may_miss_recent;
        Ok(found)
    }

    async fn label(&self, document: &Document, former: Option<&Document>) -> Result<(), VaultError> {
        match self.packed.get(&document.name).await? {
            Some(_) => self.packed.label(document, former).await,
            None => self.singles.label(document, former).await,
        }
    }
}

/// Records are in the index. Those of earlier versions are with the accounts that have a secret of their own.
impl<S: PackSecrets, I: PackIndex, V: Vault> LoginRecords for LayeredVault<S, I, V> {
    async fn remember(&self, login: &LoginId, name: &AccountName) -> Result<(), VaultError> {
        self.packed.remember(login, name).await
    }

    async fn recall(&self, login: &LoginId) -> Result<Option<AccountName>, VaultError> {
        match self.packed.recall(login).await? {
            Some(name) => Ok(Some(name)),
            None => self.singles.recall(login).await,
        }
    }
}

/// Claims are in the index. Those of earlier versions are with the accounts that have a secret of their own.
impl<S: PackSecrets, I: PackIndex, V: Vault> InviteClaims for LayeredVault<S, I, V> {
    async fn claim(&self, invite: &InviteId) -> Result<(), VaultError> {
        if self.singles.is_claimed(invite).await? {
            return Err(VaultError::Conflict);
        }
        self.packed.claim(invite).await
    }

    async fn is_claimed(&self, invite: &InviteId) -> Result<bool, VaultError> {
        Ok(self.packed.is_claimed(invite).await? || self.singles.is_claimed(invite).await?)
    }

    async fn release(&self, invite: &InviteId) -> Result<(), VaultError> {
        self.packed.release(invite).await?;
        self.singles.release(invite).await
    }
}
