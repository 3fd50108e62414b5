//! Removes a feed with everything that belongs to it.

use std::collections::BTreeSet;

use evertoken_core::account::AccountName;
use evertoken_core::media::{MediaSource, PictureSource};
use evertoken_core::vault::AccountStore;

use super::Publisher;
use crate::feed_key::FeedKey;
use crate::file_path::{FeedFormat, FilePath};
use crate::files::{FeedFiles, FilesError, Invalidations};
use crate::settings::FeedSettings;

impl<M, P, F, V, I> Publisher<M, P, F, V, I>
where
    M: MediaSource,
    P: PictureSource,
    F: FeedFiles,
    V: AccountStore,
    I: Invalidations,
{
    /// Removes a feed: its settings first, so that no run publishes it again, and its state last, so that the next run
    /// continues if this one stops.
    pub(super) async fn remove_feed(&self, account: &AccountName) -> Result<(), FilesError> {
        let path = FilePath::settings(account);
        let key = self.files.read(&path).await?.and_then(|json| FeedSettings::parse_key(&json, account));
        let state = self.read_state(account).await?;
        self.files.delete(&[path]).await?;
        let mut paths: BTreeSet<FilePath> = state.picture_paths(account);
        paths.extend(self.files.list(&FilePath::pictures_of(account)).await?);
        paths.extend(feed_files(&FeedKey::named(account)));
        paths.extend(key.iter().flat_map(feed_files));
        paths.extend(state.feed.iter().flat_map(|feed| feed_files(&feed.key)));
        paths.extend(state.files.into_keys());
        self.remove_public(paths.into_iter().collect()).await?;
        self.files.delete(&[FilePath::state(account)]).await
    }

    /// Deletes public files, and then their copies in caches.
    pub(super) async fn remove_public(&self, paths: Vec<FilePath>) -> Result<(), FilesError> {
        if paths.is_empty() {
            return Ok(());
        }
        self.files.delete(&paths).await?;
        self.invalidations.invalidate(&paths).await
    }
}

/// The files of a feed in all formats.
pub(super) fn feed_files(key: &FeedKey) -> impl Iterator<Item = FilePath> {
    FeedFormat::ALL.into_iter().map(|format| FilePath::feed(key, format))
}
