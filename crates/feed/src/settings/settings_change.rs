//! Changes some settings of a feed.

use evertoken_core::media::MediaId;
use serde::{Deserialize, Serialize};

use super::{FeedSettings, Layout, PostCount, PostKind, Word};

/// Some settings that replace those of a feed. What is left out stays, or gets its default in a new feed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SettingsChange {
    /// How the public files are named.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub key: Option<KeyChoice>,
    /// See [`FeedSettings::posts`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub posts: Option<PostCount>,
    /// See [`FeedSettings::kinds`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kinds: Option<Vec<PostKind>>,
    /// See [`FeedSettings::off_feed_reels`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub off_feed_reels: Option<bool>,
    /// See [`FeedSettings::include`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub include: Option<Vec<Word>>,
    /// See [`FeedSettings::exclude`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub exclude: Option<Vec<Word>>,
    /// See [`FeedSettings::pinned`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pinned: Option<Vec<MediaId>>,
    /// See [`FeedSettings::hidden`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hidden: Option<Vec<MediaId>>,
    /// See [`FeedSettings::layout`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub layout: Option<Layout>,
}

impl SettingsChange {
    /// Whether every setting but the key is named.
    pub(crate) fn replaces_all(&self) -> bool {
        let Self { key: _, posts, kinds, off_feed_reels, include, exclude, pinned, hidden, layout } = self;
        let words_and_ids = include.is_some() && exclude.is_some() && pinned.is_some() && hidden.is_some();
        posts.is_some() && kinds.is_some() && off_feed_reels.is_some() && words_and_ids && layout.is_some()
    }

    /// Replaces what the change names, except for the key.
    pub fn apply(self, settings: FeedSettings) -> FeedSettings {
        FeedSettings {
            posts: self.posts.unwrap_or(settings.posts),
            kinds: self.kinds.unwrap_or(settings.kinds),
            off_feed_reels: self.off_feed_reels.unwrap_or(settings.off_feed_reels),
            include: self.include.unwrap_or(settings.include),
            exclude: self.exclude.unwrap_or(settings.exclude),
            pinned: self.pinned.unwrap_or(settings.pinned),
            hidden: self.hidden.unwrap_or(settings.hidden),
            layout: self.layout.unwrap_or(settings.layout),
            ..settings
        }
    }
}

/// How a feed's public files are named.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum KeyChoice {
    /// By the account's name.
    Name,
    /// By a random key. A feed that has one keeps it.
    Unlisted,
    /// By a new random key. The old addresses stop working.
    NewUnlisted,
}
