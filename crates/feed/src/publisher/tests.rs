use std::collections::{BTreeMap, BTreeSet};
use std::sync::Mutex;

use evertoken_core::document::{Document, VersionId, Versioned};
use evertoken_core::entropy::SystemEntropy;
use evertoken_core::media::{CallUsage, Media, MediaKind, MediaList, PictureError};
use evertoken_core::provider_error::{ProviderError, ProviderErrorKind};
use evertoken_core::secrets::AccessToken;
use evertoken_core::vault::{DenialCause, MemoryVault, OutageCause, Page, Removal, Unreadable};
use serde_json::Value;
use time::Duration;

use super::*;
use crate::convert::PictureLimits;
use crate::memory_files::{Change, MemoryFiles};
use crate::memory_instagram::{Listing, MemoryInstagram};
use crate::report::{FailureKind, Report};
use crate::sample;
use crate::settings::{Layout, PostCount, PostKind};

mod changes;
mod failures;
mod removal;

const WIDGET: &[u8] = b"customElements.define()";

/// A clock that the test moves.
#[derive(Clone, Debug)]
struct TestClock(Arc<Mutex<OffsetDateTime>>);

impl Clock for TestClock {
    fn now(&self) -> OffsetDateTime {
        *self.0.lock().unwrap()
    }
}

/// A vault that fails on demand.
#[derive(Clone, Debug, Default)]
struct TestVault {
    inner: MemoryVault,
    failure: Arc<Mutex<Option<VaultError>>>,
    /// How only the lookup of a single account fails.
    lookup_failure: Arc<Mutex<Option<VaultError>>>,
    /// Names that a list leaves out although they exist.
    overlooked: Arc<Mutex<BTreeSet<AccountName>>>,
    unreadable: Arc<Mutex<BTreeSet<AccountName>>>,
}

fn check(failure: &Mutex<Option<VaultError>>) -> Result<(), VaultError> {
    failure.lock().unwrap().clone().map_or(Ok(()), Err)
}

impl AccountStore for TestVault {
    async fn get(&self, name: &AccountName) -> Result<Option<Versioned>, VaultError> {
        check(&self.failure)?;
        check(&self.lookup_failure)?;
        self.inner.get(name).await
    }

    async fn get_many(&self, names: &[AccountName]) -> Result<Page, VaultError> {
        check(&self.failure)?;
        let mut page = self.inner.get_many(names).await?;
        let (overlooked, unreadable) = (self.overlooked.lock().unwrap(), self.unreadable.lock().unwrap());
        let is_read = |name: &AccountName| !overlooked.contains(name) && !unreadable.contains(name);
        page.accounts.retain(|account| is_read(&account.document.name));
        let error = Document::decode(&"shop".parse().unwrap(), "{").unwrap_err();
        page.unreadable = unreadable
            .iter()
            .filter(|name| names.contains(name))
            .map(|name| Unreadable { name: name.to_string(), reason: error.clone() })
            .collect();
        Ok(page)
    }

    fn list(&self) -> impl futures_util::Stream<Item = Result<Page, VaultError>> + Send {
        self.inner.list()
    }

    async fn create(&self, document: &Document) -> Result<VersionId, VaultError> {
        self.inner.create(document).await
    }

    async fn replace(&self, expected: &VersionId, document: &Document) -> Result<VersionId, VaultError> {
        self.inner.replace(expected, document).await
    }

    async fn remove(&self, name: &AccountName, removal: Removal) -> Result<(), VaultError> {
        self.inner.remove(name, removal).await
    }
}

type TestPublisher = Publisher<MemoryInstagram, MemoryInstagram, MemoryFiles, TestVault, MemoryFiles>;

/// A publisher with everything in memory.
struct Fixture {
    instagram: MemoryInstagram,
    files: MemoryFiles,
    vault: TestVault,
    clock: TestClock,
    publisher: Arc<TestPublisher>,
}

impl Fixture {
    /// The account `shop` with three posts, and its feed enabled.
    async fn new() -> Self {
        let fixture = Self::empty();
        fixture.add("shop", (1..=3).map(sample::post).collect()).await;
        fixture.files.take_changes();
        fixture.instagram.take_downloads();
        fixture
    }

    fn empty() -> Self {
        Self::with(|_| {})
    }

    fn with(adjust: impl FnOnce(&mut TestPublisher)) -> Self {
        let (instagram, files, vault) = (MemoryInstagram::default(), MemoryFiles::default(), TestVault::default());
        let clock = TestClock(Arc::new(Mutex::new(sample::EPOCH + Duration::days(1))));
        let mut publisher = Publisher {
            media: instagram.clone(),
            pictures: instagram.clone(),
            files: files.clone(),
            vault: vault.clone(),
            invalidations: files.clone(),
            clock: Arc::new(clock.clone()),
            entropy: Arc::new(SystemEntropy),
            converter: Converter::new(
                PictureLimits { bytes: 100_000, pixels: 1_000_000 },
                std::time::Duration::from_mins(1),
                2,
            ),
            base_url: "https://feeds.example.com".parse().unwrap(),
            widget: Cow::Borrowed(WIDGET),
            limits: PublishLimits::default(),
        };
        adjust(&mut publisher);
        Self { instagram, files, vault, clock, publisher: Arc::new(publisher) }
    }

    /// Connects an account, whose token is its name, and enables its feed.
    async fn add(&self, name: &str, posts: Vec<Media>) {
        let document =
            Document { access_token: AccessToken::new(name), ..evertoken_core::sample::document(name, sample::EPOCH) };
        self.vault.create(&document).await.unwrap();
        self.instagram.set_posts(name, posts);
        self.enable(name, SettingsChange::default()).await;
    }

    async fn enable(&self, name: &str, settings: SettingsChange) -> FeedStatus {
        let request = Request::Enable { account: name.parse().unwrap(), settings: Box::new(settings) };
        match self.publisher.run(request, None).await.unwrap() {
            Response::Enabled { feed, .. } => *feed,
            other => panic!("{other:?}"),
        }
    }

    async fn run(&self, request: Request) -> Report {
        match self.publisher.run(request, None).await.unwrap() {
            Response::Published { report } => report,
            other => panic!("{other:?}"),
        }
    }

    /// Publishes `shop` now.
    async fn publish(&self) -> Report {
        self.run(Request::Publish { account: "shop".parse().unwrap() }).await
    }

    async fn publish_due(&self) -> Report {
        self.run(Request::PublishDue).await
    }

    async fn status(&self, name: &str) -> FeedStatus {
        self.publisher.show(name.parse().unwrap()).await.unwrap()
    }

    fn wait(&self, duration: Duration) {
        *self.clock.0.lock().unwrap() += duration;
    }

    fn json(&self, key: &str) -> Value {
        let path = format!("feed/{key}.json").parse().unwrap();
        serde_json::from_slice(&self.files.files()[&path]).unwrap()
    }

    fn html(&self, key: &str) -> String {
        let path = format!("feed/{key}.html").parse().unwrap();
        String::from_utf8(self.files.files()[&path].clone()).unwrap()
    }

    /// The ids of the published posts.
    fn ids(&self, key: &str) -> Vec<String> {
        let ids = self.json(key)["items"].as_array().unwrap().clone();
        ids.iter().map(|item| item["id"].as_str().unwrap().to_owned()).collect()
    }

    fn paths(&self, prefix: &str) -> Vec<String> {
        let paths = self.files.files().into_keys().map(|path| path.to_string());
        paths.filter(|path| path.starts_with(prefix)).collect()
    }

    /// Every picture that a feed names exists, and nothing else if the feeds are `tidy`.
    fn check_pictures(&self, tidy: bool) {
        let files = self.files.files();
        let mut named = BTreeSet::new();
        for (path, bytes) in &files {
            if path.as_str().starts_with("feed/") {
                let text = std::str::from_utf8(bytes).unwrap();
                for rest in text.split("https://feeds.example.com/img/").skip(1) {
                    let path = rest.split(['"', ' ']).next().unwrap();
                    named.insert(format!("img/{path}"));
                }
            }
        }
        let stored: BTreeSet<String> = self.paths("img/").into_iter().collect();
        let missing: Vec<_> = named.difference(&stored).collect();
        assert!(missing.is_empty(), "named but missing: {missing:?}");
        let orphans: Vec<_> = stored.difference(&named).collect();
        assert!(!tidy || orphans.is_empty(), "left behind: {orphans:?}");
    }
}

fn written(changes: &[Change]) -> Vec<String> {
    changes
        .iter()
        .filter_map(|change| if let Change::Written(path) = change { Some(path.to_string()) } else { None })
        .collect()
}

fn deleted(changes: &[Change]) -> Vec<String> {
    changes
        .iter()
        .filter_map(|change| if let Change::Deleted(path) = change { Some(path.to_string()) } else { None })
        .collect()
}

fn provider_error(kind: ProviderErrorKind) -> Listing {
    Listing::Fails(ProviderError::new(kind))
}

fn unavailable() -> VaultError {
    VaultError::Unavailable { cause: OutageCause::Throttled, code: "ThrottlingException".to_owned() }
}
