//! A refresher over parts that do as a test says.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use futures_util::{Stream, StreamExt};
use time::macros::datetime;
use time::{Duration, OffsetDateTime};
use url::Url;

use crate::account::{AccountId, AccountName};
use crate::app::App;
use crate::document::{Document, ProviderName, VersionId, Versioned};
use crate::events::MemoryEvents;
use crate::failure::Failure;
use crate::invite::InviteId;
use crate::login_state::LoginId;
use crate::memory::MemoryVault;
use crate::policy::Policy;
use crate::ports::{
    AuthorizeRequest, Clock, Found, LongLived, PAGE, Page, Profile, Provider, Removal, ShortLived, Vault, VaultError,
};
use crate::refresh::{Limits, Refresher, Report, Request};
use crate::sample;
use crate::secrets::{AccessToken, AuthorizationCode};
use crate::system::SystemEntropy;

pub(super) const ISSUED: OffsetDateTime = datetime!(2026-11-22 05:00 UTC);

/// Due, with a month to go.
pub(super) const DUE: OffsetDateTime = datetime!(2026-12-22 05:00 UTC);

/// What Instagram answers next; without a script all goes well. It names the account `17841405793187218`.
#[derive(Clone, Debug, Default)]
pub(super) struct Instagram {
    pub(super) refreshes: Arc<Mutex<VecDeque<Result<LongLived, Failure>>>>,
    pub(super) profiles: Arc<Mutex<VecDeque<Result<&'static str, Failure>>>>,
    /// The tokens that were asked about.
    pub(super) asked: Arc<Mutex<Vec<String>>>,
}

pub(super) fn token(text: &str, expires_in: Duration) -> LongLived {
    LongLived { token: AccessToken::new(text), token_type: "bearer".to_owned(), expires_in }
}

impl Provider for Instagram {
    fn name(&self) -> ProviderName {
        ProviderName::Instagram
    }

    fn authorize_url(&self, _: AuthorizeRequest<'_>) -> Url {
        panic!("nobody logs in here")
    }

    async fn exchange_code(&self, _: &App, _: &AuthorizationCode, _: &Url) -> Result<ShortLived, Failure> {
        panic!("nobody logs in here")
    }

    async fn extend(&self, _: &App, _: &AccessToken) -> Result<LongLived, Failure> {
        panic!("nobody logs in here")
    }

    async fn refresh(&self, old: &AccessToken) -> Result<LongLived, Failure> {
        assert_ne!(old.expose(), "panic", "as the test wants it");
        self.asked.lock().unwrap().push(format!("refresh {}", old.expose()));
        let scripted = self.refreshes.lock().unwrap().pop_front();
        scripted.unwrap_or_else(|| Ok(token("renewed", Duration::days(60))))
    }

    async fn profile(&self, token: &AccessToken) -> Result<Profile, Failure> {
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
pub(super) struct SickVault {
    pub(super) healthy: MemoryVault,
    pub(super) refused_writes: Arc<Mutex<u32>>,
    pub(super) refused_pages: Arc<Mutex<u32>>,
    pub(super) refused_listings: Arc<Mutex<u32>>,
    /// The page that the first of them hits, counted from 0.
    pub(super) first_refused: Arc<Mutex<usize>>,
    pub(super) pages_read: Arc<Mutex<usize>>,
}

fn refuse(count: &Mutex<u32>) -> Result<(), VaultError> {
    let mut count = count.lock().unwrap();
    if *count == 0 {
        return Ok(());
    }
    *count -= 1;
    Err(VaultError::Unavailable { code: "ThrottlingException".to_owned() })
}

impl Vault for SickVault {
    fn locate(&self, name: &AccountName) -> String {
        self.healthy.locate(name)
    }

    fn read_command(&self, name: &AccountName) -> String {
        self.healthy.read_command(name)
    }

    async fn get(&self, name: &AccountName) -> Result<Option<Versioned>, VaultError> {
        self.healthy.get(name).await
    }

    async fn get_page(&self, names: &[AccountName]) -> Result<Page, VaultError> {
        assert!(names.len() <= PAGE, "{}", names.len());
        *self.pages_read.lock().unwrap() += 1;
        refuse(&self.refused_pages)?;
        self.healthy.get_page(names).await
    }

    fn list(&self) -> impl Stream<Item = Result<Page, VaultError>> + Send {
        let refused = Arc::clone(&self.refused_listings);
        let first = *self.first_refused.lock().unwrap();
        self.healthy.list().enumerate().map(move |(number, page)| {
            if number >= first {
                refuse(&refused)?;
            }
            page
        })
    }

    async fn create(&self, document: &Document) -> Result<VersionId, VaultError> {
        self.healthy.create(document).await
    }

    async fn replace(&self, expected: &VersionId, document: &Document) -> Result<VersionId, VaultError> {
        refuse(&self.refused_writes)?;
        self.healthy.replace(expected, document).await
    }

    async fn park(&self, base: &VersionId, document: &Document) -> Result<(), VaultError> {
        refuse(&self.refused_writes)?;
        self.healthy.park(base, document).await
    }

    async fn parked(&self, name: &AccountName) -> Result<Option<Document>, VaultError> {
        self.healthy.parked(name).await
    }

    async fn remove(&self, name: &AccountName, removal: Removal) -> Result<(), VaultError> {
        self.healthy.remove(name, removal).await
    }

    async fn find(&self, id: &AccountId) -> Result<Found, VaultError> {
        self.healthy.find(id).await
    }

    async fn label(&self, document: &Document) -> Result<(), VaultError> {
        self.healthy.label(document).await
    }

    async fn remember(&self, login: &LoginId, name: &AccountName) -> Result<(), VaultError> {
        self.healthy.remember(login, name).await
    }

    async fn recall(&self, login: &LoginId) -> Result<Option<AccountName>, VaultError> {
        self.healthy.recall(login).await
    }

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
pub(super) struct House {
    pub(super) instagram: Instagram,
    pub(super) vault: SickVault,
    pub(super) events: MemoryEvents,
    pub(super) clock: SetClock,
    pub(super) refresher: Arc<Refresher<Instagram, SickVault, SetClock, SystemEntropy, MemoryEvents>>,
}

impl House {
    /// With one account `shop-de` whose token is `first`, and a clock at which it is due.
    pub(super) async fn with(document: Document) -> Self {
        let house = Self::empty();
        house.vault.create(&document).await.unwrap();
        house
    }

    pub(super) fn empty() -> Self {
        let (instagram, vault, events) = (Instagram::default(), SickVault::default(), MemoryEvents::default());
        let clock = SetClock(Arc::new(Mutex::new(DUE)));
        let refresher = Refresher {
            provider: instagram.clone(),
            vault: vault.clone(),
            clock: clock.clone(),
            entropy: SystemEntropy,
            events: events.clone(),
            policy: Policy::default(),
            limits: Limits { concurrency: 1, writes_per_second: 1_000, ..Limits::default() },
        };
        Self { instagram, vault, events, clock, refresher: Arc::new(refresher) }
    }

    pub(super) fn at(&self, now: OffsetDateTime) {
        *self.clock.0.lock().unwrap() = now;
    }

    pub(super) fn refreshes(&self, answers: impl IntoIterator<Item = Result<LongLived, Failure>>) {
        self.instagram.refreshes.lock().unwrap().extend(answers);
    }

    pub(super) fn profiles(&self, answers: impl IntoIterator<Item = Result<&'static str, Failure>>) {
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
