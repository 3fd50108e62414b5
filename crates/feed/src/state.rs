//! What the publisher remembers about a feed: `state/<account>.json`. Private.

use std::collections::{BTreeMap, BTreeSet};

use evertoken_core::account::AccountName;
use evertoken_core::media::CallUsage;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use time::{Duration, OffsetDateTime};
use url::Url;

use crate::convert::UnusablePicture;
use crate::feed::Feed;
use crate::file_path::FilePath;
use crate::picture::Picture;
use crate::report::FailureKind;
use crate::settings::Schema;

/// What the publisher remembers about one feed.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct FeedState {
    /// The version of this format.
    pub schema: Schema,
    /// When Instagram was last asked for the posts.
    #[serde(default, with = "time::serde::rfc3339::option")]
    pub polled_at: Option<OffsetDateTime>,
    /// When Instagram last answered.
    #[serde(default, with = "time::serde::rfc3339::option")]
    pub succeeded_at: Option<OffsetDateTime>,
    /// When the posts last changed.
    #[serde(default, with = "time::serde::rfc3339::option")]
    pub changed_at: Option<OffsetDateTime>,
    /// How much of the account's budget of calls was used.
    #[serde(default)]
    pub usage: Option<CallUsage>,
    /// Why the last poll failed.
    #[serde(default)]
    pub error: Option<PollError>,
    /// Whether pictures are missing that the next run can download.
    #[serde(default)]
    pub pending: bool,
    /// Since when a run may have left files behind that nothing names.
    #[serde(default, with = "time::serde::rfc3339::option")]
    pub unfinished_since: Option<OffsetDateTime>,
    /// The feed as it was last published.
    #[serde(default)]
    pub feed: Option<Feed>,
    /// The feed's files and the SHA-256 of their contents. Empty for a file that may not have been written.
    #[serde(default)]
    pub files: BTreeMap<FilePath, String>,
    /// The pictures by their source.
    #[serde(default)]
    pub pictures: BTreeMap<PictureSourceId, KnownPicture>,
}

/// Why a poll failed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PollError {
    /// When it failed.
    #[serde(with = "time::serde::rfc3339")]
    pub at: OffsetDateTime,
    /// The kind of error.
    pub kind: FailureKind,
    /// Cause and remedy.
    pub message: String,
    /// When Instagram allows the next call, if it said so.
    #[serde(default, with = "time::serde::rfc3339::option", skip_serializing_if = "Option::is_none")]
    pub not_before: Option<OffsetDateTime>,
}

/// Identifies a file on Instagram's servers: a hash of its link without the signature, which changes. The file's name stays
/// the same for as long as the file does (Smash Balloon's Instagram Feed relies on it, too).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct PictureSourceId(String);

impl From<&Url> for PictureSourceId {
    fn from(link: &Url) -> Self {
        // Many hosts serve the same file.
        Self(hex::encode(Sha256::digest(link.path())).chars().take(32).collect())
    }
}

/// What became of a picture.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum KnownPicture {
    /// Our copies.
    Usable(Picture),
    /// Why there are none. The picture is not downloaded again.
    Unusable(UnusablePicture),
}

/// After how long without a successful poll a feed is stale.
const STALE_AFTER: Duration = Duration::hours(24);

/// How long a run may take at most. Files without a name in the feed may belong to a run that has not ended.
const LONGEST_RUN: Duration = Duration::minutes(20);

impl FeedState {
    /// Parses a state. One that cannot be read is replaced by an empty one, after which all pictures are made again.
    pub(crate) fn parse(json: &[u8]) -> Self {
        serde_json::from_slice(json).unwrap_or_else(|error| {
            tracing::warn!(reason = %error, "the state of a feed is unreadable and starts again");
            Self { unfinished_since: Some(OffsetDateTime::UNIX_EPOCH), ..Self::default() }
        })
    }

    /// Whether the posts may be out of date.
    pub fn is_stale(&self, now: OffsetDateTime) -> bool {
        let is_old = self.age(now).is_some_and(|age| age > STALE_AFTER);
        is_old || self.error.as_ref().is_some_and(|error| error.kind.needs_person())
    }

    /// How long ago Instagram last answered.
    pub(crate) fn age(&self, now: OffsetDateTime) -> Option<Duration> {
        self.succeeded_at.map(|at| now - at)
    }

    /// Whether files that nothing names can be deleted, because the run that wrote them has ended.
    pub(crate) fn needs_sweep(&self, now: OffsetDateTime) -> bool {
        self.unfinished_since.is_some_and(|since| now - since > LONGEST_RUN)
    }

    /// The paths of all pictures.
    pub(crate) fn picture_paths(&self, account: &AccountName) -> BTreeSet<FilePath> {
        let mut paths: BTreeSet<FilePath> = self.feed.iter().flat_map(Feed::picture_paths).collect();
        for known in self.pictures.values() {
            if let KnownPicture::Usable(picture) = known {
                paths.extend(picture.paths(account));
            }
        }
        paths
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample;

    #[test]
    fn a_new_signature_and_another_host_are_the_same_source() {
        let id = |link: &str| PictureSourceId::from(&link.parse::<Url>().unwrap());
        let known = id("https://scontent-fra5-1.cdninstagram.com/v/t51/1_n.jpg?oh=a&oe=1");
        assert_eq!(known, id("https://scontent-ber1-1.cdninstagram.com/v/t51/1_n.jpg?oh=b&oe=2"));
        assert_ne!(known, id("https://scontent-fra5-1.cdninstagram.com/v/t51/2_n.jpg?oh=a&oe=1"));
    }

    #[test]
    fn a_feed_is_stale_after_a_day_or_if_a_person_must_act() {
        let now = sample::EPOCH;
        let error = |kind| PollError { at: now, kind, message: String::new(), not_before: None };
        let state = |hours, kind: Option<FailureKind>| FeedState {
            succeeded_at: Some(now - Duration::hours(hours)),
            error: kind.map(error),
            ..FeedState::default()
        };
        assert!(!state(24, Some(FailureKind::Transient)).is_stale(now) && !FeedState::default().is_stale(now));
        assert!(state(25, None).is_stale(now));
        for kind in [FailureKind::LoginRequired, FailureKind::Attention, FailureKind::SetUp] {
            assert!(state(0, Some(kind)).is_stale(now));
        }
    }

    #[test]
    fn a_state_survives_a_round_trip_and_an_unreadable_one_starts_again() {
        let feed = sample::feed(vec![sample::item(&sample::post(1))]);
        let state = FeedState { polled_at: Some(sample::EPOCH), feed: Some(feed), ..FeedState::default() };
        assert_eq!(FeedState::parse(&serde_json::to_vec(&state).unwrap()), state);
        assert!(FeedState::parse(b"{").needs_sweep(sample::EPOCH));
    }
}
