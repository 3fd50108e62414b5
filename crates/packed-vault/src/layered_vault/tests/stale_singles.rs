//! Secrets of single accounts whose reads are eventually consistent, as those of Secrets Manager.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use evertoken_core::account::{AccountId, AccountName};
use evertoken_core::document::{Document, VersionId, Versioned};
use evertoken_core::invite::InviteId;
use evertoken_core::login_state::LoginId;
use evertoken_core::vault::{
    AccountIndex, AccountStore, FoundAccounts, InviteClaims, LoginRecords, MemoryVault, Page, ParkedDocuments, Removal,
    VaultError,
};
use fastrand::Rng;
use futures_util::Stream;
use tokio::time::Instant;

/// How old the result of a read may be.
const LAG: Duration = Duration::from_secs(2);

/// A version, and when it was written.
type Written = (Versioned, Instant);

/// A vault whose reads of one account may return a document that was current some seconds ago.
#[derive(Clone, Default)]
pub(super) struct StaleSingles {
    vault: MemoryVault,
    earlier: Arc<Mutex<HashMap<AccountName, Vec<Written>>>>,
    stale: Arc<Mutex<Option<(Rng, u32)>>>,
}

impl StaleSingles {
    pub(super) fn over(vault: &MemoryVault) -> Self {
        Self { vault: vault.clone(), ..Self::default() }
    }

    pub(super) fn make_stale(&self, seed: u64, per_mille: u32) {
        *self.stale.lock().unwrap() = Some((Rng::with_seed(seed), per_mille));
    }

    async fn record(&self, name: &AccountName) {
        if let Ok(Some(present)) = self.vault.get(name).await {
            let mut earlier = self.earlier.lock().unwrap();
            let earlier = earlier.entry(name.clone()).or_default();
            if earlier.last().is_none_or(|(last, _)| last.version != present.version) {
                earlier.push((present, Instant::now()));
            }
        }
    }

    fn stale(&self, name: &AccountName, present: &Versioned) -> Option<Versioned> {
        let mut stale = self.stale.lock().unwrap();
        let (rng, per_mille) = stale.as_mut()?;
        if rng.u32(..1_000) >= *per_mille {
            return None;
        }
        let earlier = self.earlier.lock().unwrap();
        let earlier = earlier.get(name)?;
        let at = earlier.iter().position(|(one, _)| one.version == present.version)?;
        // Each version was current until the next one was written.
        let may_be_read = |at: &usize| earlier.get(at + 1).is_none_or(|(_, until)| until.elapsed() < LAG);
        let candidates: Vec<usize> = (0..=at).filter(may_be_read).collect();
        earlier.get(*rng.choice(&candidates)?).map(|(one, _)| one.clone())
    }
}

impl AccountStore for StaleSingles {
    async fn get(&self, name: &AccountName) -> Result<Option<Versioned>, VaultError> {
        let present = self.vault.get(name).await?;
        Ok(present.map(|present| self.stale(name, &present).unwrap_or(present)))
    }

    async fn get_many(&self, names: &[AccountName]) -> Result<Page, VaultError> {
        self.vault.get_many(names).await
    }

    fn list(&self) -> impl Stream<Item = Result<Page, VaultError>> + Send {
        self.vault.list()
    }

    async fn create(&self, document: &Document) -> Result<VersionId, VaultError> {
        // The reads of a new secret do not return an earlier one.
        let created = self.vault.create(document).await?;
        self.earlier.lock().unwrap().remove(&document.name);
        self.record(&document.name).await;
        Ok(created)
    }

    async fn replace(&self, expected: &VersionId, document: &Document) -> Result<VersionId, VaultError> {
        self.record(&document.name).await;
        let replaced = self.vault.replace(expected, document).await;
        self.record(&document.name).await;
        replaced
    }

    async fn remove(&self, name: &AccountName, removal: Removal) -> Result<(), VaultError> {
        self.vault.remove(name, removal).await
    }
}

impl ParkedDocuments for StaleSingles {
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

impl AccountIndex for StaleSingles {
    /// The list of Secrets Manager may be some minutes old.
    async fn find(&self, id: &AccountId) -> Result<FoundAccounts, VaultError> {
        Ok(FoundAccounts { may_miss_recent: true, ..self.vault.find(id).await? })
    }

    async fn label(&self, document: &Document, former: Option<&Document>) -> Result<(), VaultError> {
        self.vault.label(document, former).await
    }
}

impl LoginRecords for StaleSingles {
    async fn remember(&self, login: &LoginId, name: &AccountName) -> Result<(), VaultError> {
        self.vault.remember(login, name).await
    }

    async fn recall(&self, login: &LoginId) -> Result<Option<AccountName>, VaultError> {
        self.vault.recall(login).await
    }
}

impl InviteClaims for StaleSingles {
    async fn claim(&self, invite: &InviteId) -> Result<(), VaultError> {
        self.vault.claim(invite).await
    }

    async fn is_claimed(&self, invite: &InviteId) -> Result<bool, VaultError> {
        self.vault.is_claimed(invite).await
    }

    async fn release(&self, invite: &InviteId) -> Result<(), VaultError> {
        self.vault.release(invite).await
    }
}
