//! A refresher over parts that do as a test says.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use futures_util::{Stream, StreamExt};
use time::macros::datetime;
use time::{Duration, OffsetDateTime};
use url::Url;

use crate::account::{AccountId, AccountName};
use crate::app::App;
use crate::clock::Clock;
use crate::document::{Document, DocumentError, ProviderName, VersionId, Versioned};
use crate::entropy::SystemEntropy;
use crate::events::MemoryEvents;
use crate::invite::InviteId;
use crate::login_state::LoginId;
use crate::policy::Policy;
use crate::provider::{AuthorizeRequest, Profile, Provider};
use crate::provider_error::ProviderError;
use crate::refresh::{Limits, Refresher, Report, Request};
use crate::sample;
use crate::secrets::{AccessToken, AuthorizationCode};
use crate::token::{LongLivedToken, ShortLivedToken};
use crate::vault::{
    AccountIndex, AccountStore, FoundAccounts, InviteClaims, LoginRecords, MemoryVault, OutageCause, PAGE_SIZE, Page,
    ParkedDocuments, Removal, Unreadable, VaultError,
};

pub(super) const ISSUED: OffsetDateTime = datetime!(2026-11-22 05:00 UTC);

/// Due, with a month to go.
pub(super) const DUE: OffsetDateTime = datetime!(2026-12-22 05:00 UTC);

/// What Instagram answers next; without a script all goes well. It names the account `17841405793187218`.
#[derive(Clone, Debug, Default)]
pub(super) struct Instagram {
    pub(super) refreshes: Arc<Mutex<VecDeque<Result<LongLivedToken, ProviderError>>>>,
    pub(super) profiles: Arc<Mutex<VecDeque<Result<&'static str, ProviderError>>>>,
    /// The tokens that were asked about.
    pub(super) asked: Arc<Mutex<Vec<String>>>,
}

pub(super) fn token(text: &str, expires_in: Duration) -> LongLivedToken {
    LongLivedToken { token: AccessToken::new(text), token_type: "bearer".to_owned(), expires_in }
}

impl Provider for Instagram {
    fn name(&self) -> ProviderName {
        ProviderName::Instagram
    }

    fn authorize_url(&self, _: AuthorizeRequest<'_>) -> Url {
        panic!("nobody logs in here")
    }

    async fn exchange_code(&self, _: &App, _: &AuthorizationCode, _: &Url) -> Result<ShortLivedToken, ProviderError> {
        panic!("nobody logs in here")
    }

    async fn extend(&self, _: &App, _: &AccessToken) -> Result<LongLivedToken, ProviderError> {
        panic!("nobody logs in here")
    }

    async fn refresh(&self, old: &AccessToken) -> Result<LongLivedToken, ProviderError> {
        assert_ne!(old.expose(), "panic", "as the test wants it");
        self.asked.lock().unwrap().push(format!("refresh {}", old.expose()));
        let scripted = self.refreshes.lock().unwrap().pop_front();
        scripted.unwrap_or_else(|| Ok(token("renewed", Duration::days(60))))
    }

    async fn profile(&self, token: &AccessToken) -> Result<Profile, ProviderError> {
        self.asked.lock().unwrap().push(format!("me {}", token.expose()));
        let account_id = self.profiles.lock().unwrap().pop_front().unwrap_or(Ok("17841405793187218"))?;
        Ok(Profile {
            account_id: account_id.parse().unwrap(),
            app_scoped_id: "28978671838402975".parse().unwrap(),
            username: "renamed".to_owned(),
            account_type: "BUSINESS".to_owned(),
        })
    }
}

/// A vault that refuses as many writes as a test says, and pages too.
#[derive(Clone, Debug, Default)]
pub(super) struct FlakyVault {
    pub(super) healthy: MemoryVault,
    pub(super) refused_writes: Arc<Mutex<u32>>,
    pub(super) refused_pages: Arc<Mutex<u32>>,
    pub(super) refused_listings: Arc<Mutex<u32>>,
    /// The page that the first of them hits, counted from 0.
    pub(super) first_refused: Arc<Mutex<usize>>,
    pub(super) pages_read: Arc<Mutex<usize>>,
    /// Documents can be parked whatever is refused otherwise.
    pub(super) always_parks: Arc<Mutex<bool>>,
    /// Names whose values are no documents: when all are listed, and when some are read again.
    pub(super) unreadable: Arc<Mutex<(Vec<&'static str>, Vec<&'static str>)>>,
    /// What somebody else writes just before the next write.
    pub(super) meddling: Arc<Mutex<Option<Document>>>,
}

fn add_unreadable(page: &mut Page, names: &[&'static str]) {
    page.accounts.retain(|account| !names.contains(&account.document.name.as_str()));
    let unreadable = names.iter().map(|name| Unreadable { name: (*name).to_owned(), reason: DocumentError::NotJson });
    page.unreadable.extend(unreadable);
}

fn refuse(count: &Mutex<u32>) -> Result<(), VaultError> {
    let mut count = count.lock().unwrap();
    if *count == 0 {
        return Ok(());
    }
    *count -= 1;
    Err(VaultError::Unavailable { cause: OutageCause::Throttled, code: "ThrottlingException".to_owned() })
}

impl AccountStore for FlakyVault {
    async fn get(&self, name: &AccountName) -> Result<Option<Versioned>, VaultError> {
        self.healthy.get(name).await
    }

    async fn get_many(&self, names: &[AccountName]) -> Result<Page, VaultError> {
        assert!(names.len() <= PAGE_SIZE, "{}", names.len());
        *self.pages_read.lock().unwrap() += 1;
        refuse(&self.refused_pages)?;
        let mut page = self.healthy.get_many(names).await?;
        let unreadable = self.unreadable.lock().unwrap().1.clone();
        let asked: Vec<_> =
            unreadable.into_iter().filter(|name| names.iter().any(|asked| asked.as_str() == *name)).collect();
        add_unreadable(&mut page, &asked);
        Ok(page)
    }

    fn list(&self) -> impl Stream<Item = Result<Page, VaultError>> + Send {
        let refused = Arc::clone(&self.refused_listings);
        let first = *self.first_refused.lock().unwrap();
        let unreadable = self.unreadable.lock().unwrap().0.clone();
        self.healthy.list().enumerate().map(move |(number, page)| {
            if number >= first {
                refuse(&refused)?;
            }
            let mut page = page?;
            add_unreadable(&mut page, if number == 0 { &unreadable } else { &[] });
            Ok(page)
        })
    }

    async fn create(&self, document: &Document) -> Result<VersionId, VaultError> {
        self.healthy.create(document).await
    }

    async fn replace(&self, expected: &VersionId, document: &Document) -> Result<VersionId, VaultError> {
        refuse(&self.refused_writes)?;
        let meddling = self.meddling.lock().unwrap().take();
        if let Some(theirs) = meddling {
            self.healthy.replace(expected, &theirs).await?;
        }
        self.healthy.replace(expected, document).await
    }

    async fn remove(&self, name: &AccountName, removal: Removal) -> Result<(), VaultError> {
        self.healthy.remove(name, removal).await
    }
}

impl ParkedDocuments for FlakyVault {
    async fn park(&self, base: &VersionId, document: &Document) -> Result<(), VaultError> {
        if !*self.always_parks.lock().unwrap() {
            refuse(&self.refused_writes)?;
        }
        self.healthy.park(base, document).await
    }

    async fn parked(&self, name: &AccountName) -> Result<Option<Document>, VaultError> {
        self.healthy.parked(name).await
    }
}

impl AccountIndex for FlakyVault {
    async fn find(&self, id: &AccountId) -> Result<FoundAccounts, VaultError> {
        self.healthy.find(id).await
    }

    async fn label(&self, document: &Document) -> Result<(), VaultError> {
        self.healthy.label(document).await
    }
}

impl LoginRecords for FlakyVault {
    async fn remember(&self, login: &LoginId, name: &AccountName) -> Result<(), VaultError> {
        self.healthy.remember(login, name).await
    }

    async fn recall(&self, login: &LoginId) -> Result<Option<AccountName>, VaultError> {
        self.healthy.recall(login).await
    }
}

impl InviteClaims for FlakyVault {
    async fn claim(&self, invite: &InviteId) -> Result<(), VaultError> {
        self.healthy.claim(invite).await
    }

    async fn release(&self, invite: &InviteId) -> Result<(), VaultError> {
        self.healthy.release(invite).await
    }
}

/// A clock that a test sets.
#[derive(Clone, Debug)]
pub(super) struct SetClock(pub(super) Arc<Mutex<OffsetDateTime>>);

impl Clock for SetClock {
    fn now(&self) -> OffsetDateTime {
        *self.0.lock().unwrap()
    }
}

/// All of it.
pub(super) struct Fixture {
    pub(super) instagram: Instagram,
    pub(super) vault: FlakyVault,
    pub(super) events: MemoryEvents,
    pub(super) clock: SetClock,
    pub(super) refresher: Arc<Refresher<Instagram, FlakyVault, MemoryEvents>>,
}

impl Fixture {
    /// With one account `shop-de` whose token is `first`, and a clock at which it is due.
    pub(super) async fn with(document: Document) -> Self {
        let fixture = Self::empty();
        fixture.vault.create(&document).await.unwrap();
        fixture
    }

    pub(super) fn empty() -> Self {
        let (instagram, vault, events) = (Instagram::default(), FlakyVault::default(), MemoryEvents::default());
        let clock = SetClock(Arc::new(Mutex::new(DUE)));
        let refresher = Refresher {
            provider: instagram.clone(),
            vault: vault.clone(),
            clock: Arc::new(clock.clone()),
            entropy: Arc::new(SystemEntropy),
            events: events.clone(),
            policy: Policy::default(),
            limits: Limits { concurrency: 1, writes_per_second: 1_000, ..Limits::default() },
        };
        Self { instagram, vault, events, clock, refresher: Arc::new(refresher) }
    }

    pub(super) fn at(&self, now: OffsetDateTime) {
        *self.clock.0.lock().unwrap() = now;
    }

    pub(super) fn refreshes(&self, answers: impl IntoIterator<Item = Result<LongLivedToken, ProviderError>>) {
        self.instagram.refreshes.lock().unwrap().extend(answers);
    }

    pub(super) fn profiles(&self, answers: impl IntoIterator<Item = Result<&'static str, ProviderError>>) {
        self.instagram.profiles.lock().unwrap().extend(answers);
    }

    pub(super) fn asked(&self) -> Vec<String> {
        std::mem::take(&mut *self.instagram.asked.lock().unwrap())
    }

    pub(super) async fn run(&self) -> Report {
        self.refresher.run(&Request::default(), None).await.unwrap()
    }

    pub(super) async fn force(&self) -> Report {
        let accounts = Some(vec!["shop-de".parse().unwrap()]);
        self.refresher.run(&Request { accounts, force: true, dry_run: false }, None).await.unwrap()
    }

    pub(super) async fn document(&self) -> Document {
        self.vault.get(&"shop-de".parse().unwrap()).await.unwrap().unwrap().document
    }

    pub(super) fn told(&self) -> Vec<&'static str> {
        self.events.take().iter().map(|event| event.kind.as_str()).collect()
    }
}

pub(super) fn account(name: &str, text: &str) -> Document {
    Document { access_token: AccessToken::new(text), ..sample::document(name, ISSUED) }
}

pub(super) fn shop() -> Document {
    account("shop-de", "first")
}
