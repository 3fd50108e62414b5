//! An account's posts, and the ports that read them.
//!
//! Fields: Meta, reference page "IG Media". Everything that Meta may leave out is optional here.

use std::fmt;
use std::future::Future;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use time::{Duration, OffsetDateTime};
use url::Url;

use crate::document::Document;
use crate::provider_error::ProviderError;

/// Lists an account's posts.
pub trait MediaSource: Send + Sync + 'static {
    /// The newest posts of an account, newest first, and at most `limit` of them. Posts that
    /// cannot be read count towards the limit.
    fn media(&self, account: &Document, limit: usize) -> impl Future<Output = Result<MediaList, ProviderError>> + Send;
}

/// Downloads the pictures that [`Media`] links to.
pub trait PictureSource: Send + Sync + 'static {
    /// The bytes of a picture, and at most `limit` of them. They come from elsewhere and may be anything.
    fn picture(&self, url: &Url, limit: usize) -> impl Future<Output = Result<Vec<u8>, PictureError>> + Send;
}

/// A picture could not be downloaded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PictureError {
    /// The link has expired, or the picture was deleted: status 403, 404 or 410.
    #[error("the link has expired")]
    Expired,
    /// Larger than the limit.
    #[error("the file is too large")]
    TooLarge,
    /// A redirect, a link that is not HTTPS, or another response that is no picture.
    #[error("the link does not lead to a picture")]
    NotAPicture,
    /// No connection, a timeout, an incomplete response or status 5xx.
    #[error("the server cannot be reached")]
    Unreachable,
}

/// Some of an account's posts.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct MediaList {
    /// The posts, newest first.
    pub posts: Vec<Media>,
    /// Number of posts that could not be read and are missing from `posts`.
    pub unreadable: usize,
    /// How much of the account's budget of calls is used, if Meta said so.
    pub usage: Option<CallUsage>,
}

/// How much of the budget of calls for one account and app is used, from the header `X-Business-Use-Case-Usage`
/// (Meta, "Rate Limits").
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CallUsage {
    /// The largest of Meta's percentages. Meta rejects calls at 100.
    pub percent: u32,
    /// Time until Meta accepts calls again, if it rejects them now.
    #[serde(skip_serializing_if = "Option::is_none", default, with = "minutes")]
    pub blocked_for: Option<Duration>,
}

mod minutes {
    use serde::{Deserialize as _, Deserializer, Serialize as _, Serializer};
    use time::Duration;

    #[expect(clippy::ref_option, reason = "serde passes a reference to the field")]
    pub(super) fn serialize<S: Serializer>(duration: &Option<Duration>, serializer: S) -> Result<S::Ok, S::Error> {
        duration.map(Duration::whole_minutes).serialize(serializer)
    }

    pub(super) fn deserialize<'a, D: Deserializer<'a>>(deserializer: D) -> Result<Option<Duration>, D::Error> {
        Ok(Option::<u32>::deserialize(deserializer)?.map(|minutes| Duration::minutes(minutes.into())))
    }
}

/// One post.
#[derive(Clone, Debug, PartialEq)]
pub struct Media {
    /// The post's id.
    pub id: MediaId,
    /// What the post is.
    pub kind: MediaKind,
    /// Whether the post is a reel: `media_product_type` is `REELS`.
    pub is_reel: bool,
    /// Whether a reel is also in the account's main feed. `None` if Meta did not say.
    pub shared_to_feed: Option<bool>,
    /// The post on Instagram.
    pub permalink: Option<Url>,
    /// The caption, as its author wrote it.
    pub caption: Option<String>,
    /// The description of the picture for people who cannot see it.
    pub alt_text: Option<String>,
    /// When the post was published.
    pub published_at: OffsetDateTime,
    /// The account's username.
    pub username: Option<String>,
    /// Number of likes. `None` if the owner hides them.
    pub likes: Option<u64>,
    /// Number of comments. `None` if the owner hides them.
    pub comments: Option<u64>,
    /// Links to the post's own files.
    pub files: MediaFiles,
    /// The parts of an album, in their order. Empty for all other kinds.
    pub children: Vec<MediaChild>,
}

/// One picture or video of an album.
#[derive(Clone, Debug, PartialEq)]
pub struct MediaChild {
    /// The part's id.
    pub id: MediaId,
    /// What the part is.
    pub kind: MediaKind,
    /// The description of the picture for people who cannot see it.
    pub alt_text: Option<String>,
    /// Links to the part's files.
    pub files: MediaFiles,
}

/// Links to the files of a post. They are signed and expire, so they must never be published.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MediaFiles {
    /// The picture, or the video of a [`MediaKind::Video`]. Missing for content that is flagged or under copyright.
    pub media_url: Option<Url>,
    /// The poster of a video.
    pub thumbnail_url: Option<Url>,
}

/// What a post is: `media_type`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MediaKind {
    /// One picture.
    Image,
    /// A video or reel.
    Video,
    /// Several pictures and videos.
    Album,
    /// A kind that does not exist today, by Meta's name. Empty if Meta does not name the kind.
    Other(String),
}

/// A post's id: 1 to 32 digits, kept as text because ids exceed 2^53.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct MediaId(String);

/// The text is not the id of a post.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("{0:?} is not the id of a post: expected 1 to 32 digits")]
pub struct InvalidMediaId(String);

impl MediaId {
    /// The id as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for MediaId {
    type Err = InvalidMediaId;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let valid = (1..=32).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit());
        if valid { Ok(Self(text.to_owned())) } else { Err(InvalidMediaId(text.to_owned())) }
    }
}

impl TryFrom<String> for MediaId {
    type Error = InvalidMediaId;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<MediaId> for String {
    fn from(id: MediaId) -> Self {
        id.0
    }
}

impl fmt::Display for MediaId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
