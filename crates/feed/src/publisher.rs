//! Publishes feeds: reads posts, copies their pictures and writes the files that changed.

mod copy_pictures;
mod items;
mod publish_account;
mod publish_due;
mod remove_feed;
#[cfg(test)]
mod tests;

use std::borrow::Cow;
use std::sync::Arc;
use std::time::Duration;

use evertoken_core::account::AccountName;
use evertoken_core::clock::Clock;
use evertoken_core::entropy::{Entropy, EntropyError};
use evertoken_core::media::{MediaSource, PictureSource};
use evertoken_core::public_url::join;
use evertoken_core::vault::{AccountStore, VaultError};
use futures_util::{StreamExt, TryStreamExt, stream};
use time::OffsetDateTime;
use url::Url;

use crate::converter::Converter;
use crate::feed_key::FeedKey;
use crate::file_path::{FeedFormat, FilePath, SETTINGS, STATE};
use crate::files::{FeedFiles, FilesError, Invalidations};
use crate::polling;
use crate::request::{FeedStatus, FeedUrls, Request, Response};
use crate::settings::{FeedSettings, InvalidSettings, KeyChoice, SettingsChange};
use crate::state::FeedState;

/// Publishes feeds.
pub struct Publisher<M, P, F, V, I> {
    /// Lists posts.
    pub media: M,
    /// Downloads pictures.
    pub pictures: P,
    /// Stores the feeds' files.
    pub files: F,
    /// Holds the tokens.
    pub vault: V,
    /// Removes deleted files from caches.
    pub invalidations: I,
    /// The clock.
    pub clock: Arc<dyn Clock>,
    /// The source of random bytes for unlisted keys.
    pub entropy: Arc<dyn Entropy>,
    /// Converts pictures.
    pub converter: Converter,
    /// The URL of the root of all files.
    pub base_url: Url,
    /// The widget's script.
    pub widget: Cow<'static, [u8]>,
    /// The limits of a run.
    pub limits: PublishLimits,
}

/// The limits of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PublishLimits {
    /// The number of feeds in progress at the same time.
    pub concurrency: usize,
    /// The number of pictures of one feed that are downloaded at the same time.
    pub downloads: usize,
    /// After this time, a feed starts no more downloads, and publishes what it has. The next run continues.
    pub download_time: Duration,
    /// After this time, a feed is given up.
    pub feed_time: Duration,
    /// No feed is started later than this before the deadline of the run.
    pub margin: Duration,
}

impl Default for PublishLimits {
    fn default() -> Self {
        Self {
            concurrency: 8,
            downloads: 4,
            download_time: Duration::from_mins(2),
            feed_time: Duration::from_mins(4),
            margin: Duration::from_mins(4),
        }
    }
}

/// The request could not be carried out.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PublishError {
    /// The feeds' files could not be read or written.
    #[error(transparent)]
    Files(#[from] FilesError),
    /// The vault returned an error.
    #[error(transparent)]
    Vault(#[from] VaultError),
    /// The vault has no such account.
    #[error("the vault has no account {0}")]
    NoAccount(AccountName),
    /// The account has no feed.
    #[error("the account {0} has no feed")]
    NotEnabled(AccountName),
    /// The stored settings are invalid.
    #[error(transparent)]
    Settings(#[from] InvalidSettings),
    /// No random key could be made.
    #[error(transparent)]
    Entropy(#[from] EntropyError),
}

/// How many states are read at the same time.
const READS_AT_ONCE: usize = 16;

impl<M, P, F, V, I> Publisher<M, P, F, V, I>
where
    M: MediaSource,
    P: PictureSource,
    F: FeedFiles,
    V: AccountStore,
    I: Invalidations,
{
    /// Carries out a request. Stops starting feeds when `deadline` is near; the next run continues.
    ///
    /// The failure of one feed is an entry in the report.
    pub async fn run(
        self: &Arc<Self>,
        request: Request,
        deadline: Option<OffsetDateTime>,
    ) -> Result<Response, PublishError> {
        match request {
            Request::PublishDue => Ok(Response::Published { report: self.publish_due(deadline).await? }),
            Request::Publish { account } => Ok(Response::Published { report: self.publish_now(&account).await? }),
            Request::Enable { account, settings } => self.enable(account, *settings).await,
            Request::Disable { account } => self.disable(account).await,
            Request::List => Ok(Response::Feeds { feeds: self.list().await? }),
            Request::Show { account } => Ok(Response::Feed { feed: Box::new(self.show(account).await?) }),
        }
    }

    async fn enable(self: &Arc<Self>, account: AccountName, change: SettingsChange) -> Result<Response, PublishError> {
        if self.vault.get(&account).await?.is_none() {
            return Err(PublishError::NoAccount(account));
        }
        let path = FilePath::settings(&account);
        let present = match self.files.read(&path).await? {
            Some(json) => match FeedSettings::parse(&json, &account) {
                Err(_) if change.replaces_all() => self.key_of_invalid(&json, &account).await?.map(FeedSettings::new),
                parsed => Some(parsed?),
            },
            None => None,
        };
        let key = self.key(change.key, present.as_ref(), &account)?;
        let before = present.unwrap_or_else(|| FeedSettings::new(key.clone()));
        let settings = FeedSettings { key, ..change.apply(before) };
        self.files.write(&path, json(&settings)?).await?;
        let report = self.publish_now(&account).await?;
        Ok(Response::Enabled { feed: Box::new(self.show(account).await?), report })
    }

    /// The key of a feed whose settings are invalid: theirs if it can be read, otherwise that of the last published feed. An
    /// unlisted feed stays unlisted.
    async fn key_of_invalid(&self, json: &[u8], account: &AccountName) -> Result<Option<FeedKey>, FilesError> {
        match FeedSettings::parse_key(json, account) {
            Some(key) => Ok(Some(key)),
            None => Ok(self.read_state(account).await?.feed.map(|feed| feed.key)),
        }
    }

    fn key(
        &self,
        choice: Option<KeyChoice>,
        present: Option<&FeedSettings>,
        account: &AccountName,
    ) -> Result<FeedKey, EntropyError> {
        let named = FeedKey::named(account);
        let present = present.map(|settings| settings.key.clone());
        match choice {
            None => Ok(present.unwrap_or(named)),
            Some(KeyChoice::Name) => Ok(named),
            Some(KeyChoice::Unlisted) => match present.filter(|key| *key != named) {
                Some(key) => Ok(key),
                None => FeedKey::unlisted(self.entropy.as_ref()),
            },
            Some(KeyChoice::NewUnlisted) => FeedKey::unlisted(self.entropy.as_ref()),
        }
    }

    async fn disable(&self, account: AccountName) -> Result<Response, PublishError> {
        let settings = self.files.read(&FilePath::settings(&account)).await?;
        let state = self.files.read(&FilePath::state(&account)).await?;
        if settings.is_none() && state.is_none() {
            return Err(PublishError::NotEnabled(account));
        }
        self.remove_feed(&account).await?;
        Ok(Response::Disabled { account })
    }

    async fn list(&self) -> Result<Vec<FeedStatus>, PublishError> {
        let accounts = self.accounts_below(SETTINGS).await?;
        let feeds = stream::iter(accounts).map(|account| self.show(account)).buffered(READS_AT_ONCE);
        feeds.try_collect().await
    }

    async fn show(&self, account: AccountName) -> Result<FeedStatus, PublishError> {
        let Some(json) = self.files.read(&FilePath::settings(&account)).await? else {
            return Err(PublishError::NotEnabled(account));
        };
        let (settings, settings_error) = match FeedSettings::parse(&json, &account) {
            Ok(settings) => (Some(settings), None),
            Err(error) => (None, Some(error.to_string())),
        };
        let state = self.read_state(&account).await?;
        Ok(FeedStatus {
            urls: settings.as_ref().map(|settings| self.urls(&settings.key)),
            settings,
            settings_error,
            posts: state.feed.as_ref().map_or(0, |feed| feed.items.len()),
            left_out: state.feed.as_ref().map_or(0, |feed| feed.left_out),
            stale: state.is_stale(self.clock.now()),
            pending: state.pending,
            updated_at: state.feed.as_ref().map(|feed| feed.updated_at),
            polled_at: state.polled_at,
            succeeded_at: state.succeeded_at,
            next_poll_at: polling::due_at(&account, &state),
            usage: state.usage,
            error: state.error,
            account,
        })
    }

    fn urls(&self, key: &FeedKey) -> FeedUrls {
        let url = |path: FilePath| join(&self.base_url, path.as_str());
        FeedUrls {
            json: url(FilePath::feed(key, FeedFormat::Json)),
            html: url(FilePath::feed(key, FeedFormat::Html)),
            atom: url(FilePath::feed(key, FeedFormat::Atom)),
            widget: url(FilePath::widget()),
        }
    }

    /// The accounts that have settings or a state, in the order of their names.
    async fn accounts_below(&self, prefix: &'static str) -> Result<Vec<AccountName>, FilesError> {
        debug_assert!([SETTINGS, STATE].contains(&prefix));
        let mut accounts: Vec<_> = self.files.list(prefix).await?.iter().filter_map(FilePath::account).collect();
        accounts.sort();
        Ok(accounts)
    }

    async fn read_state(&self, account: &AccountName) -> Result<FeedState, FilesError> {
        let json = self.files.read(&FilePath::state(account)).await?;
        Ok(json.map_or_else(FeedState::default, |json| FeedState::parse(&json)))
    }

    async fn write_state(&self, account: &AccountName, state: &FeedState) -> Result<(), FilesError> {
        self.files.write(&FilePath::state(account), json(state)?).await
    }
}

/// Serializes settings or a state, which never fails.
fn json(value: &impl serde::Serialize) -> Result<Vec<u8>, FilesError> {
    serde_json::to_vec(value).map_err(|_| FilesError::Unavailable { code: "Serialization".to_owned() })
}
