//! An in-memory vault for tests and simulations. It passes the same contract tests as the other vaults.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use futures_util::{Stream, stream};

use super::account_index::{AccountIndex, FoundAccounts};
use super::account_store::{AccountStore, PAGE_SIZE, Page, Removal};
use super::error::VaultError;
use super::invite_claims::InviteClaims;
use super::login_records::LoginRecords;
use super::parked_documents::ParkedDocuments;
use super::recent_logins::RecentLogins;
use crate::account::{AccountId, AccountName};
use crate::document::{Document, MovedTo, VersionId, Versioned};
use crate::invite::InviteId;
use crate::login_state::LoginId;

/// Documents in memory with all of their versions. Clones share the documents.
#[derive(Clone, Debug, Default)]
pub struct MemoryVault {
    accounts: Arc<Mutex<BTreeMap<AccountName, Account>>>,
    created: Arc<AtomicU64>,
    claims: Arc<Mutex<HashSet<InviteId>>>,
    logins: RecentLogins,
}

#[derive(Debug)]
struct Account {
    current: VersionId,
    versions: HashMap<VersionId, Document>,
    parked: Option<Document>,
    /// As [`label`](AccountIndex::label) says. Lists leave out copies of accounts in packs.
    is_labeled_as_copy: bool,
}

impl Account {
    fn read(&self) -> Option<Versioned> {
        let document = self.versions.get(&self.current)?.clone();
        Some(Versioned { version: self.current.clone(), document, cohort: None })
    }
}

impl MemoryVault {
    fn accounts(&self) -> MutexGuard<'_, BTreeMap<AccountName, Account>> {
        // Every change is a single insert or assignment, so a panic elsewhere cannot leave a half-made one.
        self.accounts.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn claims(&self) -> MutexGuard<'_, HashSet<InviteId>> {
        self.claims.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The version that follows `base`. Version ids count up, so that a second write from the same base is recognized: `7.1`,
/// `7.2` and so on for the seventh account that was created.
fn after(base: &VersionId) -> VersionId {
    let (account, number) = base.as_str().split_once('.').unwrap_or_default();
    let number: u64 = number.parse().unwrap_or(0);
    VersionId::new(format!("{account}.{}", number + 1))
}

impl AccountStore for MemoryVault {
    async fn get(&self, name: &AccountName) -> Result<Option<Versioned>, VaultError> {
        Ok(self.accounts().get(name).and_then(Account::read))
    }

    async fn get_many(&self, names: &[AccountName]) -> Result<Page, VaultError> {
        let accounts = self.accounts();
        let found = names.iter().filter_map(|name| accounts.get(name)?.read()).collect();
        Ok(Page { accounts: found, unreadable: Vec::new() })
    }

    fn list(&self) -> impl Stream<Item = Result<Page, VaultError>> + Send {
        let accounts = self.accounts();
        let listed = accounts.values().filter(|account| !account.is_labeled_as_copy);
        let mut all = listed.filter_map(Account::read).collect::<Vec<_>>().into_iter();
        let page = move || {
            let accounts: Vec<_> = all.by_ref().take(PAGE_SIZE).collect();
            (!accounts.is_empty()).then_some(Ok(Page { accounts, unreadable: Vec::new() }))
        };
        stream::iter(std::iter::from_fn(page))
    }

    async fn create(&self, document: &Document) -> Result<VersionId, VaultError> {
        let mut accounts = self.accounts();
        if accounts.contains_key(&document.name) {
            return Err(VaultError::Conflict);
        }
        let current = VersionId::new(format!("{}.1", self.created.fetch_add(1, Ordering::Relaxed)));
        let versions = HashMap::from([(current.clone(), document.clone())]);
        let account = Account { current: current.clone(), versions, parked: None, is_labeled_as_copy: false };
        accounts.insert(document.name.clone(), account);
        Ok(current)
    }

    async fn replace(&self, expected: &VersionId, document: &Document) -> Result<VersionId, VaultError> {
        let mut accounts = self.accounts();
        let account = accounts.get_mut(&document.name).ok_or(VaultError::Conflict)?;
        let next = after(expected);
        match account.versions.get(&next) {
            Some(written) if written == document => Ok(next),
            None if account.current == *expected => {
                account.versions.insert(next.clone(), document.clone());
                account.current = next.clone();
                Ok(next)
            }
            _ => Err(VaultError::Conflict),
        }
    }

    /// Nothing can be recovered, so both kinds of removal are the same.
    async fn remove(&self, name: &AccountName, _: Removal) -> Result<(), VaultError> {
        self.accounts().remove(name);
        Ok(())
    }
}

impl ParkedDocuments for MemoryVault {
    async fn park(&self, base: &VersionId, document: &Document) -> Result<(), VaultError> {
        let mut accounts = self.accounts();
        let account = accounts.get_mut(&document.name).ok_or(VaultError::Conflict)?;
        if account.current != *base {
            return Err(VaultError::Conflict);
        }
        account.parked = Some(document.clone());
        Ok(())
    }

    async fn parked(&self, name: &AccountName) -> Result<Option<Document>, VaultError> {
        Ok(self.accounts().get(name).and_then(|account| account.parked.clone()))
    }

    async fn forget_earlier(&self, name: &AccountName) -> Result<(), VaultError> {
        if let Some(account) = self.accounts().get_mut(name) {
            let Account { current, versions, parked, .. } = account;
            versions.retain(|version, _| version == current);
            *parked = None;
        }
        Ok(())
    }
}

impl AccountIndex for MemoryVault {
    async fn find(&self, id: &AccountId) -> Result<FoundAccounts, VaultError> {
        let accounts = self.accounts();
        let mut found = FoundAccounts::default();
        for (name, account) in accounts.iter() {
            if !account.versions.values().chain(&account.parked).any(|document| document.has_id(id)) {
                continue;
            }
            match account.read() {
                Some(current) if current.document.has_id(id) => found.accounts.push(current),
                _ => found.former.push(name.clone()),
            }
        }
        Ok(found)
    }

    /// Only says whether it is a copy: [`find`](Self::find) reads the documents themselves.
    async fn label(&self, document: &Document, _: Option<&Document>) -> Result<(), VaultError> {
        if let (Some(account), Some(moved_to)) = (self.accounts().get_mut(&document.name), document.moved_to()) {
            account.is_labeled_as_copy = moved_to != MovedTo::nowhere();
        }
        Ok(())
    }
}

impl LoginRecords for MemoryVault {
    async fn remember(&self, login: &LoginId, name: &AccountName) -> Result<(), VaultError> {
        self.logins.remember(login, name);
        Ok(())
    }

    async fn recall(&self, login: &LoginId) -> Result<Option<AccountName>, VaultError> {
        Ok(self.logins.recall(login))
    }
}

impl InviteClaims for MemoryVault {
    async fn claim(&self, invite: &InviteId) -> Result<(), VaultError> {
        if self.claims().insert(invite.clone()) { Ok(()) } else { Err(VaultError::Conflict) }
    }

    async fn is_claimed(&self, invite: &InviteId) -> Result<bool, VaultError> {
        Ok(self.claims().contains(invite))
    }

    async fn release(&self, invite: &InviteId) -> Result<(), VaultError> {
        self.claims().remove(invite);
        Ok(())
    }
}
