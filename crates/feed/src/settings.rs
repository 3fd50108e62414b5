//! What an account's feed shows: `settings/<account>.json`.

use std::fmt;
use std::str::FromStr;

use evertoken_core::account::AccountName;
use evertoken_core::media::MediaId;
use serde::de::value::StrDeserializer;
use serde::de::{DeserializeOwned, IntoDeserializer};
use serde::{Deserialize, Serialize};

use crate::feed_key::FeedKey;

/// The settings of one feed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FeedSettings {
    /// The version of this format.
    pub schema: Schema,
    /// The name of the public files.
    pub key: FeedKey,
    /// The largest number of posts.
    #[serde(default)]
    pub posts: PostCount,
    /// The kinds of posts to show. Kinds that do not exist today are shown if all of these are.
    #[serde(default = "PostKind::all")]
    pub kinds: Vec<PostKind>,
    /// Whether to show reels that their owner has not shared to the main feed.
    #[serde(default)]
    pub off_feed_reels: bool,
    /// Show only posts whose caption has one of these words or hashtags. Empty for all posts.
    #[serde(default)]
    pub include: Vec<Word>,
    /// Do not show posts whose caption has one of these words or hashtags.
    #[serde(default)]
    pub exclude: Vec<Word>,
    /// Posts to show first, in this order, whatever the filters say.
    #[serde(default)]
    pub pinned: Vec<MediaId>,
    /// Posts never to show.
    #[serde(default)]
    pub hidden: Vec<MediaId>,
    /// The layout of the HTML fragment.
    #[serde(default)]
    pub layout: Layout,
}

impl FeedSettings {
    /// The default settings of an account's feed.
    pub fn new(key: FeedKey) -> Self {
        Self {
            schema: Schema,
            key,
            posts: PostCount::default(),
            kinds: PostKind::all(),
            off_feed_reels: false,
            include: Vec::new(),
            exclude: Vec::new(),
            pinned: Vec::new(),
            hidden: Vec::new(),
            layout: Layout::default(),
        }
    }

    /// Parses the settings of an account's feed.
    pub fn parse(json: &[u8], account: &AccountName) -> Result<Self, InvalidSettings> {
        let settings: Self = parse_json(json)?;
        if settings.key.fits(account) {
            Ok(settings)
        } else {
            let key = settings.key;
            Err(InvalidSettings(format!("key: {key:?} is neither \"{account}\" nor 32 hexadecimal digits")))
        }
    }

    /// How many posts to request, so that enough are left after the filters.
    pub fn posts_to_list(&self) -> usize {
        let is_filtered = self.kinds.len() < PostKind::ALL.len()
            || !(self.include.is_empty() && self.exclude.is_empty() && self.pinned.is_empty());
        if is_filtered { PostCount::MAX.into() } else { (self.posts.get() * 3).clamp(25, PostCount::MAX.into()) }
    }

    /// Whether posts of all kinds are shown.
    pub(crate) fn shows_all_kinds(&self) -> bool {
        PostKind::ALL.iter().all(|kind| self.kinds.contains(kind))
    }
}

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

/// The settings are invalid. The message names the setting, its value and what is allowed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("invalid feed settings: {0}")]
pub struct InvalidSettings(String);

/// Parses JSON with an error that names the path of the invalid value.
pub(crate) fn parse_json<T: DeserializeOwned>(json: &[u8]) -> Result<T, InvalidSettings> {
    let mut deserializer = serde_json::Deserializer::from_slice(json);
    let value =
        serde_path_to_error::deserialize(&mut deserializer).map_err(|error| InvalidSettings(error.to_string()))?;
    deserializer.end().map_err(|error| InvalidSettings(error.to_string()))?;
    Ok(value)
}

/// The version of the settings, always 1.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "u64", into = "u64")]
pub struct Schema;

impl TryFrom<u64> for Schema {
    type Error = String;

    fn try_from(version: u64) -> Result<Self, String> {
        let message = || format!("unsupported version {version}: this version of Evertoken supports 1");
        (version == 1).then_some(Self).ok_or_else(message)
    }
}

impl From<Schema> for u64 {
    fn from(_: Schema) -> Self {
        1
    }
}

/// A number of posts, from 1 to 100.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "u64", into = "u64")]
pub struct PostCount(u8);

/// The number of posts is out of range.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0} is not a valid number of posts: use 1 to 100")]
pub struct InvalidPostCount(u64);

impl PostCount {
    /// Instagram returns at most 100 posts in one response.
    const MAX: u8 = 100;

    /// The number.
    pub fn get(self) -> usize {
        self.0.into()
    }
}

impl Default for PostCount {
    fn default() -> Self {
        Self(12)
    }
}

impl TryFrom<u64> for PostCount {
    type Error = InvalidPostCount;

    fn try_from(number: u64) -> Result<Self, Self::Error> {
        let count = u8::try_from(number).ok().filter(|count| (1..=Self::MAX).contains(count));
        count.map(Self).ok_or(InvalidPostCount(number))
    }
}

impl From<PostCount> for u64 {
    fn from(count: PostCount) -> Self {
        count.0.into()
    }
}

/// A word or hashtag of a filter, or several words.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Word(String);

/// The text is no word.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not a word or hashtag: use 1 to 100 characters with at least one letter, digit or symbol")]
pub struct InvalidWord(String);

impl Word {
    /// The word as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Word {
    type Err = InvalidWord;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let trimmed = text.trim();
        let is_empty = trimmed.trim_start_matches(['#', '＃']).is_empty();
        let is_valid = !is_empty && trimmed.chars().count() <= 100 && !trimmed.chars().any(char::is_control);
        if is_valid { Ok(Self(trimmed.to_owned())) } else { Err(InvalidWord(text.to_owned())) }
    }
}

impl TryFrom<String> for Word {
    type Error = InvalidWord;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<Word> for String {
    fn from(word: Word) -> Self {
        word.0
    }
}

/// A name that is none of those allowed. The message lists them.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct UnknownName(String);

macro_rules! named {
    ($type:ident: $($variant:ident = $name:literal),+) => {
        impl $type {
            /// All of them.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The name in settings and on the command line.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $name),+ }
            }
        }

        impl FromStr for $type {
            type Err = UnknownName;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                let deserializer: StrDeserializer<'_, serde::de::value::Error> = text.into_deserializer();
                Self::deserialize(deserializer).map_err(|error| UnknownName(error.to_string()))
            }
        }

        impl fmt::Display for $type {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.as_str())
            }
        }
    };
}

/// The kinds of posts that exist today.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PostKind {
    /// One picture.
    Image,
    /// A video or reel.
    Video,
    /// Several pictures and videos.
    Album,
}

named!(PostKind: Image = "image", Video = "video", Album = "album");

impl PostKind {
    fn all() -> Vec<Self> {
        Self::ALL.to_vec()
    }
}

/// How the HTML fragment arranges the posts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Layout {
    /// Square tiles in columns.
    #[default]
    Grid,
    /// One row that scrolls sideways.
    Row,
    /// Whole pictures, one below the other, with captions.
    List,
}

named!(Layout: Grid = "grid", Row = "row", List = "list");

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(json: &str) -> Result<FeedSettings, String> {
        FeedSettings::parse(json.as_bytes(), &"shop".parse().unwrap()).map_err(|error| error.to_string())
    }

    #[test]
    fn defaults_fill_what_is_left_out() {
        let settings = parse(r#"{"schema":1,"key":"shop"}"#).unwrap();
        assert_eq!(settings, FeedSettings::new("shop".parse().unwrap()));
        assert_eq!(settings.posts.get(), 12);
    }

    #[test]
    fn settings_survive_a_round_trip_in_the_documented_form() {
        let json = r##"{"schema":1,"key":"shop","posts":12,"kinds":["image","video","album"],"off_feed_reels":false,"include":["#coffee"],"exclude":[],"pinned":["1790"],"hidden":["1791"],"layout":"grid"}"##;
        assert_eq!(serde_json::to_string(&parse(json).unwrap()).unwrap(), json);
    }

    #[test]
    fn errors_name_the_setting_the_value_and_what_is_allowed() {
        let cases = [
            (
                r#"{"schema":1,"key":"shop","pots":3}"#,
                ["pots", "unknown field `pots`, expected one of `schema`, `key`, `posts`"],
            ),
            (
                r#"{"schema":1,"key":"shop","kinds":["reel"]}"#,
                ["kinds[0]", "unknown variant `reel`, expected one of `image`, `video`, `album`"],
            ),
            (
                r#"{"schema":1,"key":"shop","layout":"masonry"}"#,
                ["layout", "`masonry`, expected one of `grid`, `row`, `list`"],
            ),
            (r#"{"schema":1,"key":"shop","posts":0}"#, ["posts", "0 is not a valid number of posts: use 1 to 100"]),
            (r#"{"schema":1,"key":"shop","posts":101}"#, ["posts", "use 1 to 100"]),
            (r##"{"schema":1,"key":"shop","include":["#"]}"##, ["include[0]", "not a word or hashtag"]),
            (r#"{"schema":1,"key":"shop","pinned":["x"]}"#, ["pinned[0]", "expected 1 to 32 digits"]),
            (r#"{"schema":2,"key":"shop"}"#, ["schema", "supports 1"]),
            (r#"{"schema":1,"key":"other"}"#, ["key", "neither \"shop\" nor 32 hexadecimal digits"]),
            (r#"{"schema":1,"key":"../x"}"#, ["key", "not a valid account name"]),
            (r#"{"schema":1,"key":"shop"} x"#, ["trailing", "characters"]),
        ];
        for (json, parts) in cases {
            let error = parse(json).unwrap_err();
            assert!(parts.iter().all(|part| error.contains(part)), "{json}: {error}");
        }
    }

    #[test]
    fn names_parse_as_on_the_command_line() {
        assert_eq!("row".parse(), Ok(Layout::Row));
        for kind in PostKind::ALL {
            assert_eq!(kind.as_str().parse().as_ref(), Ok(kind));
        }
        let error = "Grid".parse::<Layout>().unwrap_err().to_string();
        assert_eq!(error, "unknown variant `Grid`, expected one of `grid`, `row`, `list`");
    }

    #[test]
    fn a_change_replaces_only_what_it_names() {
        let before = parse(r#"{"schema":1,"key":"shop","posts":3,"exclude":["spoiler"]}"#).unwrap();
        let change =
            SettingsChange { layout: Some(Layout::List), exclude: Some(Vec::new()), ..SettingsChange::default() };
        let after = change.apply(before.clone());
        assert_eq!(after, FeedSettings { layout: Layout::List, exclude: Vec::new(), ..before });
    }

    #[test]
    fn filters_request_more_posts() {
        let settings = FeedSettings::new("shop".parse().unwrap());
        assert_eq!(settings.posts_to_list(), 36);
        assert_eq!(FeedSettings { include: vec!["#tea".parse().unwrap()], ..settings }.posts_to_list(), 100);
    }
}
