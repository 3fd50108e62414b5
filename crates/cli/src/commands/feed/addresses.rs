//! The public addresses of a feed.

use evertoken_core::public_url;
use evertoken_feed::{FeedFormat, FeedKey, FilePath};
use serde::Serialize;
use url::Url;

/// Where a feed's files and the widget are.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(super) struct Addresses {
    /// The JSON Feed.
    pub(super) json: Url,
    /// The HTML fragment.
    pub(super) html: Url,
    /// The Atom feed.
    pub(super) atom: Url,
    /// The script of the custom element `<evertoken-feed>`.
    pub(super) widget: Url,
}

impl Addresses {
    /// The addresses of the feed with this key below a base URL.
    pub(super) fn of(base: &Url, key: &FeedKey) -> Self {
        let at = |path: &FilePath| public_url::join(base, path.as_str());
        Self {
            json: at(&FilePath::feed(key, FeedFormat::Json)),
            html: at(&FilePath::feed(key, FeedFormat::Html)),
            atom: at(&FilePath::feed(key, FeedFormat::Atom)),
            widget: at(&FilePath::widget()),
        }
    }
}
