//! A refresher over scripted adapters.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use futures_util::{Stream, StreamExt};
use time::macros::datetime;
use time::{Duration, OffsetDateTime};

use crate::account::{AccountId, AccountName};
use crate::clock::Clock;
use crate::cohort::Cohort;
use crate::document::{Document, DocumentError, VersionId, Versioned};
use crate::entropy::SystemEntropy;
use crate::events::{Events, MemoryEvents};
use crate::invite::InviteId;
use crate::login_state::LoginId;
use crate::policy::Policy;
use crate::provider::{CheckedToken, TokenApi};
use crate::provider_error::{ProviderError, ProviderErrorKind};
use crate::refresh::{Limits, Refresher, Report, Request};
use crate::sample;
use crate::secrets::AccessToken;
use crate::token::LongLivedToken;
use crate::vault::{
    AccountIndex, AccountStore, DenialCause, FoundAccounts, InviteClaims, LoginRecords, MemoryVault, OutageCause,
    PAGE_SIZE, Page, ParkedDocuments, Removal, Unreadable, VaultError,
};

pub(super) const ISSUED: OffsetDateTime = datetime!(2026-11-22 05:00 UTC);

/// A time at which the account is due and its token is valid for another month.
pub(super) const DUE: OffsetDateTime = datetime!(2026-12-22 05:00 UTC);

pub(super) fn fails(kind: ProviderErrorKind) -> ProviderError {
    ProviderError::new(kind)
}

/// A scripted provider. Without a script, every call succeeds for the account `17841405793187218`.
#[derive(Clone, Debug, Default)]
pub(super) struct Instagram {
    pub(super) refreshes: Arc<Mutex<VecDeque<Result<LongLivedToken, ProviderError>>>>,
    pub(super) profiles: Arc<Mutex<VecDeque<Result<&'static str, ProviderError>>>>,
    /// What each check finds.
    pub(super) data_access_expires_at: Arc<Mutex<Option<OffsetDateTime>>>,
    /// The tokens of all calls.
    pub(super) asked: Arc<Mutex<Vec<String>>>,
}

pub(super) fn token(text: &str, expires_in: Duration) -> LongLivedToken {
    LongLivedToken { token: AccessToken::new(text), token_type: "bearer".to_owned(), expires_in }
}

impl TokenApi for Instagram {
    async fn refresh(&self, old: &Document) -> Result<LongLivedToken, ProviderError> {
        let old = old.access_token.expose();
        assert_ne!(old, "panic", "as the test scripted it");
        self.asked.lock().unwrap().push(format!("refresh {old}"));
        let scripted = self.refreshes.lock().unwrap().pop_front();
        scripted.unwrap_or_else(|| Ok(token("renewed", Duration::days(60))))
    }

    async fn check(&self, document: &Document) -> Result<CheckedToken, ProviderError> {
        self.asked.lock().unwrap().push(format!("me {}", document.access_token.expose()));
        let account_id = self.profiles.lock().unwrap().pop_front().unwrap_or(Ok("17841405793187218"))?;
        Ok(CheckedToken {
            account_id: account_id.parse().unwrap(),
            username: "renamed".to_owned(),
            data_access_expires_at: *self.data_access_expires_at.lock().unwrap(),
        })
    }
}

/// A vault that rejects a scripted number of writes and pages.
#[derive(Clone, Debug, Default)]
pub(super) struct FlakyVault {
    /// Stores accounts in cohorts: those of names that have the text before the first hyphen in common.
    pub(super) in_cohorts: Arc<AtomicBool>,
    /// The names of the documents that were replaced.
    pub(super) replaced: Arc<Mutex<Vec<String>>>,
    /// How long a write takes.
    pub(super) write_takes: Arc<Mutex<std::time::Duration>>,
    pub(super) inner: MemoryVault,
    pub(super) rejected_writes: Arc<Mutex<u32>>,
    /// Whether rejected writes are denied, instead of throttled.
    pub(super) denies_writes: Arc<AtomicBool>,
    pub(super) rejected_pages: Arc<Mutex<u32>>,
    pub(super) rejected_listings: Arc<Mutex<u32>>,
    /// The index of the first page that is rejected.
    pub(super) first_rejected: Arc<Mutex<usize>>,
    pub(super) pages_read: Arc<Mutex<usize>>,
    /// Whether parking always succeeds.
    pub(super) always_parks: Arc<Mutex<bool>>,
    /// Names whose values are not documents, when all are listed and when some are read again.
    pub(super) unreadable: Arc<Mutex<(Vec<&'static str>, Vec<&'static str>)>>,
    /// The document that another writer stores right before the next write.
    pub(super) concurrent_write: Arc<Mutex<Option<Document>>>,
}

fn add_unreadable(page: &mut Page, names: &[&'static str]) {
    page.accounts.retain(|account| !names.contains(&account.document.name.as_str()));
    let unreadable = names.iter().map(|name| Unreadable { name: (*name).to_owned(), reason: DocumentError::NotJson });
    page.unreadable.extend(unreadable);
}

fn reject(count: &Mutex<u32>) -> Result<(), VaultError> {
    let mut count = count.lock().unwrap();
    if *count == 0 {
        return Ok(());
    }
    *count -= 1;
    Err(VaultError::Unavailable { cause: OutageCause::Throttled, code: "ThrottlingException".to_owned() })
}

impl FlakyVault {
    fn reject_write(&self) -> Result<(), VaultError> {
        reject(&self.rejected_writes).map_err(|error| {
            let denied =
                VaultError::Denied { cause: DenialCause::PermissionMissing, code: "AccessDeniedException".to_owned() };
            if self.denies_writes.load(Ordering::SeqCst) { denied } else { error }
        })
    }

    fn with_cohort(&self, account: Versioned) -> Versioned {
        let in_cohorts = self.in_cohorts.load(Ordering::SeqCst);
        let cohort = account.document.name.as_str().split('-').next().filter(|_| in_cohorts).map(Cohort::new);
        Versioned { cohort, ..account }
    }

    fn page_with_cohorts(&self, page: Page) -> Page {
        let accounts = page.accounts.into_iter().map(|account| self.with_cohort(account)).collect();
        Page { accounts, ..page }
    }
}

impl AccountStore for FlakyVault {
    async fn get(&self, name: &AccountName) -> Result<Option<Versioned>, VaultError> {
        Ok(self.inner.get(name).await?.map(|account| self.with_cohort(account)))
    }

    async fn get_many(&self, names: &[AccountName]) -> Result<Page, VaultError> {
        assert!(names.len() <= PAGE_SIZE, "{}", names.len());
        *self.pages_read.lock().unwrap() += 1;
        reject(&self.rejected_pages)?;
        let mut page = self.inner.get_many(names).await?;
        let unreadable = self.unreadable.lock().unwrap().1.clone();
        let asked: Vec<_> =
            unreadable.into_iter().filter(|name| names.iter().any(|asked| asked.as_str() == *name)).collect();
        add_unreadable(&mut page, &asked);
        Ok(self.page_with_cohorts(page))
    }

    fn list(&self) -> impl Stream<Item = Result<Page, VaultError>> + Send {
        let refused = Arc::clone(&self.rejected_listings);
        let first = *self.first_rejected.lock().unwrap();
        let unreadable = self.unreadable.lock().unwrap().0.clone();
        let vault = self.clone();
        self.inner.list().enumerate().map(move |(number, page)| {
            if number >= first {
                reject(&refused)?;
            }
            let mut page = page?;
            add_unreadable(&mut page, if number == 0 { &unreadable } else { &[] });
            Ok(vault.page_with_cohorts(page))
        })
    }

    async fn create(&self, document: &Document) -> Result<VersionId, VaultError> {
        self.inner.create(document).await
    }

    async fn replace(&self, expected: &VersionId, document: &Document) -> Result<VersionId, VaultError> {
        self.reject_write()?;
        self.replaced.lock().unwrap().push(document.name.to_string());
        let write_takes = *self.write_takes.lock().unwrap();
        tokio::time::sleep(write_takes).await;
        let concurrent_write = self.concurrent_write.lock().unwrap().take();
        if let Some(theirs) = concurrent_write {
            self.inner.replace(expected, &theirs).await?;
        }
        self.inner.replace(expected, document).await
    }

    async fn remove(&self, name: &AccountName, removal: Removal) -> Result<(), VaultError> {
        self.inner.remove(name, removal).await
    }
}

impl ParkedDocuments for FlakyVault {
    async fn park(&self, base: &VersionId, document: &Document) -> Result<(), VaultError> {
        if !*self.always_parks.lock().unwrap() {
            self.reject_write()?;
        }
        self.inner.park(base, document).await
    }

    async fn parked(&self, name: &AccountName) -> Result<Option<Document>, VaultError> {
        self.inner.parked(name).await
    }

    async fn forget_earlier(&self, name: &AccountName) -> Result<(), VaultError> {
        self.inner.forget_earlier(name).await
    }
}

impl AccountIndex for FlakyVault {
    async fn find(&self, id: &AccountId) -> Result<FoundAccounts, VaultError> {
        self.inner.find(id).await
    }

    async fn label(&self, document: &Document, former: Option<&Document>) -> Result<(), VaultError> {
        self.inner.label(document, former).await
    }
}

impl LoginRecords for FlakyVault {
    async fn remember(&self, login: &LoginId, name: &AccountName) -> Result<(), VaultError> {
        self.inner.remember(login, name).await
    }

    async fn recall(&self, login: &LoginId) -> Result<Option<AccountName>, VaultError> {
        self.inner.recall(login).await
    }
}

impl InviteClaims for FlakyVault {
    async fn claim(&self, invite: &InviteId) -> Result<(), VaultError> {
        self.inner.claim(invite).await
    }

    async fn is_claimed(&self, invite: &InviteId) -> Result<bool, VaultError> {
        self.inner.is_claimed(invite).await
    }

    async fn release(&self, invite: &InviteId) -> Result<(), VaultError> {
        self.inner.release(invite).await
    }
}

/// A clock that the test sets. It stands still, or moves by a fixed step after each reading.
#[derive(Clone, Debug)]
pub(super) struct SetClock(Arc<Mutex<(OffsetDateTime, Duration)>>);

impl Clock for SetClock {
    fn now(&self) -> OffsetDateTime {
        let mut clock = self.0.lock().unwrap();
        let (now, step) = *clock;
        clock.0 = now + step;
        now
    }
}

/// The refresher and its adapters.
pub(super) struct Fixture {
    pub(super) instagram: Instagram,
    pub(super) vault: FlakyVault,
    pub(super) events: MemoryEvents,
    pub(super) clock: SetClock,
    pub(super) refresher: Arc<Refresher<Instagram, FlakyVault, MemoryEvents>>,
}

impl Fixture {
    /// A fixture with one account, `shop-de`, that is due. Its token is `first`.
    pub(super) async fn with(document: Document) -> Self {
        let fixture = Self::empty();
        fixture.vault.create(&document).await.unwrap();
        fixture
    }

    pub(super) fn empty() -> Self {
        let (instagram, vault, events) = (Instagram::default(), FlakyVault::default(), MemoryEvents::default());
        let clock = SetClock(Arc::new(Mutex::new((DUE, Duration::ZERO))));
        let refresher = Refresher {
            provider: instagram.clone(),
            vault: vault.clone(),
            clock: Arc::new(clock.clone()),
            entropy: Arc::new(SystemEntropy),
            events: events.clone(),
            policy: Policy::default(),
            limits: Limits { concurrency: 1, writes_per_second: Some(1_000), ..Limits::default() },
        };
        Self { instagram, vault, events, clock, refresher: Arc::new(refresher) }
    }

    /// The same refresher with other limits.
    pub(super) fn with_limits(&self, limits: Limits) -> Arc<Refresher<Instagram, FlakyVault, MemoryEvents>> {
        self.rebuilt(self.events.clone(), limits)
    }

    /// The same refresher with another publisher of events.
    pub(super) fn with_events<N: Events>(&self, events: N) -> Arc<Refresher<Instagram, FlakyVault, N>> {
        self.rebuilt(events, self.refresher.limits)
    }

    fn rebuilt<N: Events>(&self, events: N, limits: Limits) -> Arc<Refresher<Instagram, FlakyVault, N>> {
        Arc::new(Refresher {
            provider: self.instagram.clone(),
            vault: self.vault.clone(),
            clock: Arc::new(self.clock.clone()),
            entropy: Arc::new(SystemEntropy),
            events,
            policy: self.refresher.policy,
            limits,
        })
    }

    pub(super) fn at(&self, now: OffsetDateTime) {
        self.clock.0.lock().unwrap().0 = now;
    }

    /// Moves the clock by a second after each reading, so that two readings differ.
    pub(super) fn let_time_pass(&self) {
        self.clock.0.lock().unwrap().1 = Duration::SECOND;
    }

    pub(super) fn refreshes(&self, answers: impl IntoIterator<Item = Result<LongLivedToken, ProviderError>>) {
        self.instagram.refreshes.lock().unwrap().extend(answers);
    }

    pub(super) fn profiles(&self, answers: impl IntoIterator<Item = Result<&'static str, ProviderError>>) {
        self.instagram.profiles.lock().unwrap().extend(answers);
    }

    pub(super) fn calls(&self) -> Vec<String> {
        std::mem::take(&mut *self.instagram.asked.lock().unwrap())
    }

    pub(super) async fn run(&self) -> Report {
        self.refresher.run(&Request::default(), None).await.unwrap()
    }

    pub(super) async fn force(&self) -> Report {
        let accounts = Some(vec!["shop-de".parse().unwrap()]);
        self.refresher.run(&Request { accounts, force: true, ..Request::default() }, None).await.unwrap()
    }

    pub(super) async fn document(&self) -> Document {
        self.vault.get(&"shop-de".parse().unwrap()).await.unwrap().unwrap().document
    }

    pub(super) fn published(&self) -> Vec<&'static str> {
        self.events.take().iter().map(|event| event.kind.as_str()).collect()
    }
}

pub(super) fn account(name: &str, text: &str) -> Document {
    Document { access_token: AccessToken::new(text), ..sample::document(name, ISSUED) }
}

pub(super) fn shop() -> Document {
    account("shop-de", "first")
}
