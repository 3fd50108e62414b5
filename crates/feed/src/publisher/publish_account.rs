//! Publishes one account's feed.
//!
//! Pictures are written before the files that name them, and deleted after. So a run that stops anywhere leaves a feed
//! whose pictures all exist. The state says when a run has begun to write, and a later run then deletes what nothing names.

use evertoken_core::account::AccountName;
use evertoken_core::document::Document;
use evertoken_core::media::{MediaList, MediaSource, PictureSource};
use evertoken_core::provider_error::ProviderError;
use evertoken_core::vault::AccountStore;
use evertoken_core::visible_text::visible;
use sha2::{Digest, Sha256};
use time::OffsetDateTime;
use tokio::time::Instant;

use super::Publisher;
use super::copy_pictures::Gallery;
use super::items::Items;
use super::remove_feed::feed_files;
use crate::feed::Feed;
use crate::file_path::{FeedFormat, FilePath};
use crate::files::{FeedFiles, FilesError, Invalidations};
use crate::polling;
use crate::report::{FailureKind, FeedFailure, FeedResult, Outcome};
use crate::selection::select;
use crate::settings::FeedSettings;
use crate::state::{FeedState, PollError};
use crate::{atom, html, json_feed};

impl<M, P, F, V, I> Publisher<M, P, F, V, I>
where
    M: MediaSource,
    P: PictureSource,
    F: FeedFiles,
    V: AccountStore,
    I: Invalidations,
{
    /// Publishes a feed if it is due. Otherwise only marks it as stale, if it has become that.
    pub(super) async fn publish_if_due(
        &self,
        account: &AccountName,
        document: &Document,
    ) -> Result<FeedResult, FilesError> {
        let mut state = self.read_state(account).await?;
        if polling::is_due(account, &state, self.clock.now()) {
            return self.publish_from(account, document, state).await;
        }
        if self.update_last_feed(&mut state).await? {
            self.write_state(account, &state).await?;
        }
        Ok(FeedResult { stale: is_marked(&state), age: state.age(self.clock.now()), ..Outcome::NotDue.into() })
    }

    /// Publishes a feed.
    pub(super) async fn publish(&self, account: &AccountName, document: &Document) -> Result<FeedResult, FilesError> {
        let state = self.read_state(account).await?;
        self.publish_from(account, document, state).await
    }

    /// Keeps the last good feed of an account whose token could not be read.
    pub(super) async fn keep_without_token(
        &self,
        account: &AccountName,
        kind: FailureKind,
        message: String,
    ) -> Result<FeedResult, FilesError> {
        let state = self.read_state(account).await?;
        self.keep_last_feed(account, state, PollError { at: self.clock.now(), kind, message, not_before: None }).await
    }

    async fn publish_from(
        &self,
        account: &AccountName,
        document: &Document,
        mut state: FeedState,
    ) -> Result<FeedResult, FilesError> {
        let Some(json) = self.files.read(&FilePath::settings(account)).await? else {
            // Disabled in the meantime.
            return Ok(Outcome::NotDue.into());
        };
        let settings = match FeedSettings::parse(&json, account) {
            Ok(settings) => settings,
            Err(error) => {
                // Instagram was not polled, so the feed is published as soon as its settings are valid.
                let (kind, message) = (FailureKind::Settings, error.to_string());
                let error = PollError { at: self.clock.now(), kind, message, not_before: None };
                return self.keep_last_feed(account, state, error).await;
            }
        };
        // Before anything that can take long.
        if self.update_last_feed(&mut state).await? {
            self.write_state(account, &state).await?;
        }
        let now = self.clock.now();
        let interrupted_since = state.unfinished_since;
        state.polled_at = Some(now);
        let until = Instant::now() + self.limits.download_time;
        let list = match self.list_posts(document, &settings).await {
            Ok(list) => list,
            Err(error) => {
                if let Some(feed) = &mut state.feed {
                    apply_settings(feed, &settings);
                }
                return self.keep_last_feed(account, state, poll_error(&error, now)).await;
            }
        };
        let mut gallery = Gallery::new(state.pictures.clone());
        self.begin_writing(account, &settings, &list, &gallery, &mut state).await?;
        self.copy_pictures(account, &select(&list.posts, &settings), &mut gallery, until).await?;
        let list = if gallery.has_expired_links() {
            // A new list has new links. Without one, the posts are left out until the next run.
            let again = self.list_posts(document, &settings).await.unwrap_or(list);
            self.copy_pictures(account, &select(&again.posts, &settings), &mut gallery, until).await?;
            again
        } else {
            list
        };
        let selected = select(&list.posts, &settings);
        // With the pictures of posts that have vanished since the first list, so that they are deleted.
        state.pictures = gallery.known.clone();
        gallery.retain(&selected);
        state.usage = list.usage;
        state.succeeded_at = Some(now);
        state.error = None;
        let items = Items::new(&selected, &gallery, state.feed.as_ref());
        state.pending = items.pending;
        let (left_out, pictures_converted) = (items.left_out + list.unreadable, gallery.converted);
        let feed = Feed {
            account: account.clone(),
            username: visible(&document.username).into_owned(),
            key: settings.key,
            layout: settings.layout,
            updated_at: now,
            stale: false,
            left_out,
            items: items.all,
        };
        let published = self.replace_feed(account, feed, gallery, &mut state).await?;
        self.sweep(account, interrupted_since, &mut state).await?;
        self.write_state(account, &state).await?;
        let outcome = if published { Outcome::Published } else { Outcome::Unchanged };
        Ok(FeedResult { age: state.age(now), left_out, pictures_converted, ..outcome.into() })
    }

    async fn list_posts(&self, document: &Document, settings: &FeedSettings) -> Result<MediaList, ProviderError> {
        self.media.media(document, settings.posts_to_list()).await
    }

    /// Records what this run may write, before it writes anything.
    async fn begin_writing(
        &self,
        account: &AccountName,
        settings: &FeedSettings,
        list: &MediaList,
        gallery: &Gallery,
        state: &mut FeedState,
    ) -> Result<(), FilesError> {
        let new_files: Vec<_> = feed_files(&settings.key).filter(|path| !state.files.contains_key(path)).collect();
        let has_new_pictures = !gallery.unknown(&select(&list.posts, settings)).is_empty();
        if new_files.is_empty() && !has_new_pictures {
            return Ok(());
        }
        state.files.extend(new_files.into_iter().map(|path| (path, String::new())));
        state.unfinished_since.get_or_insert(self.clock.now());
        // If this run does not end, the next one continues soon.
        state.pending = true;
        self.write_state(account, state).await
    }

    /// Writes the feed and deletes what it no longer names. Returns whether the feed changed.
    async fn replace_feed(
        &self,
        account: &AccountName,
        mut feed: Feed,
        gallery: Gallery,
        state: &mut FeedState,
    ) -> Result<bool, FilesError> {
        let before = state.picture_paths(account);
        let last = state.feed.take();
        if !last.as_ref().is_some_and(|last| last.has_same_posts(&feed)) {
            state.changed_at = Some(feed.updated_at);
        }
        if let Some(last) = last
            && (Feed { updated_at: last.updated_at, stale: last.stale, ..feed.clone() }) == last
        {
            feed.updated_at = last.updated_at;
        }
        state.pictures = gallery.known;
        let published = self.write_feed(&feed, state).await?;
        state.feed = Some(feed);
        let current = state.picture_paths(account);
        self.files.delete(&before.difference(&current).cloned().collect::<Vec<_>>()).await?;
        Ok(published)
    }

    /// Deletes the pictures that an interrupted run left behind, once it cannot be running any more.
    async fn sweep(
        &self,
        account: &AccountName,
        interrupted_since: Option<OffsetDateTime>,
        state: &mut FeedState,
    ) -> Result<(), FilesError> {
        let is_over = state.needs_sweep(self.clock.now());
        state.unfinished_since = interrupted_since.filter(|_| !is_over);
        if is_over {
            let current = state.picture_paths(account);
            let mut found = self.files.list(&FilePath::pictures_of(account)).await?;
            found.retain(|path| !current.contains(path));
            self.files.delete(&found).await?;
        }
        Ok(())
    }

    /// Writes the files of a feed whose content changed, and removes those of an earlier key. Returns whether there were any.
    async fn write_feed(&self, feed: &Feed, state: &mut FeedState) -> Result<bool, FilesError> {
        let mut has_changed = false;
        for format in FeedFormat::ALL {
            let (path, content) = (FilePath::feed(&feed.key, format), self.render(feed, format)?);
            let hash = hex::encode(Sha256::digest(&content));
            if state.files.get(&path) != Some(&hash) {
                self.files.write(&path, content.into_bytes()).await?;
                state.files.insert(path, hash);
                has_changed = true;
            }
        }
        let files: Vec<_> = feed_files(&feed.key).collect();
        let old: Vec<_> = state.files.keys().filter(|path| !files.contains(path)).cloned().collect();
        self.remove_public(old).await?;
        state.files.retain(|path, _| files.contains(path));
        Ok(has_changed)
    }

    fn render(&self, feed: &Feed, format: FeedFormat) -> Result<String, FilesError> {
        let rendered = match format {
            FeedFormat::Json => json_feed::render(feed, &self.base_url).ok(),
            FeedFormat::Html => html::render(feed, &self.base_url).ok(),
            FeedFormat::Atom => atom::render(feed, &self.base_url).ok(),
        };
        // Rendering to memory never fails.
        rendered.ok_or_else(|| FilesError::Unavailable { code: "Rendering".to_owned() })
    }

    /// Keeps the last good feed, and marks it as stale if it has become that.
    async fn keep_last_feed(
        &self,
        account: &AccountName,
        mut state: FeedState,
        error: PollError,
    ) -> Result<FeedResult, FilesError> {
        let failure = FeedFailure::new(account, error.kind, &error.message);
        state.error = Some(remembered(state.error.take(), error));
        self.update_last_feed(&mut state).await?;
        self.write_state(account, &state).await?;
        let now = self.clock.now();
        Ok(FeedResult { stale: state.is_stale(now), age: state.age(now), ..failure.into() })
    }

    /// Writes the last published feed again if it has become stale or has other settings. Returns whether files were written.
    async fn update_last_feed(&self, state: &mut FeedState) -> Result<bool, FilesError> {
        let is_stale = state.is_stale(self.clock.now());
        let Some(feed) = state.feed.take() else { return Ok(false) };
        let feed = Feed { stale: is_stale, ..feed };
        let written = self.write_feed(&feed, state).await?;
        state.feed = Some(feed);
        Ok(written)
    }
}

/// Applies those settings to a published feed that need no call to Instagram.
fn apply_settings(feed: &mut Feed, settings: &FeedSettings) {
    feed.key = settings.key.clone();
    feed.layout = settings.layout;
    feed.items.retain(|item| !settings.hidden.contains(&item.id));
}

fn is_marked(state: &FeedState) -> bool {
    state.feed.as_ref().is_some_and(|feed| feed.stale)
}

/// What to remember of an error. If Instagram was not asked, what it said before still holds: that a person must act, or when
/// to ask again.
fn remembered(last: Option<PollError>, error: PollError) -> PollError {
    if !matches!(error.kind, FailureKind::Vault | FailureKind::Unreadable | FailureKind::Settings) {
        return error;
    }
    match last {
        Some(last) if last.kind.needs_person() => last,
        last => PollError { not_before: last.and_then(|last| last.not_before), ..error },
    }
}

fn poll_error(error: &ProviderError, now: OffsetDateTime) -> PollError {
    let not_before = error.retry_after.map(|wait| now + wait);
    PollError { at: now, kind: error.into(), message: error.message(), not_before }
}
