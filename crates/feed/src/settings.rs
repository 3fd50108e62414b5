//! What an account's feed shows: `settings/<account>.json`.

mod named;
mod post_count;
mod settings_change;
mod word;

use evertoken_core::account::AccountName;
use evertoken_core::media::MediaId;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

pub use self::named::{Layout, PostKind, UnknownName};
pub use self::post_count::{InvalidPostCount, PostCount};
pub use self::settings_change::{KeyChoice, SettingsChange};
pub use self::word::{InvalidWord, Word};
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

    /// The key of an account's feed whose settings are otherwise invalid.
    pub(crate) fn parse_key(json: &[u8], account: &AccountName) -> Option<FeedKey> {
        #[derive(Deserialize)]
        struct Key {
            key: FeedKey,
        }
        serde_json::from_slice::<Key>(json).ok().map(|found| found.key).filter(|key| key.fits(account))
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
    fn a_change_replaces_everything_that_it_names_except_for_the_key() {
        let word = |text: &str| vec![text.parse().unwrap()];
        let id = |text: &str| vec![text.parse().unwrap()];
        let change = SettingsChange {
            key: Some(KeyChoice::NewUnlisted),
            posts: Some(3_u64.try_into().unwrap()),
            kinds: Some(vec![PostKind::Video]),
            off_feed_reels: Some(true),
            include: Some(word("#coffee")),
            exclude: Some(word("#tea")),
            pinned: Some(id("1790")),
            hidden: Some(id("1791")),
            layout: Some(Layout::Row),
        };
        let expected = FeedSettings {
            schema: Schema,
            key: "shop".parse().unwrap(),
            posts: 3_u64.try_into().unwrap(),
            kinds: vec![PostKind::Video],
            off_feed_reels: true,
            include: word("#coffee"),
            exclude: word("#tea"),
            pinned: id("1790"),
            hidden: id("1791"),
            layout: Layout::Row,
        };
        assert_eq!(change.apply(FeedSettings::new("shop".parse().unwrap())), expected);
    }

    #[test]
    fn filters_request_more_posts() {
        let settings = FeedSettings::new("shop".parse().unwrap());
        assert_eq!(settings.posts_to_list(), 36);
        let word = || vec!["#tea".parse().unwrap()];
        for filtered in [
            FeedSettings { kinds: vec![PostKind::Image, PostKind::Album], ..settings.clone() },
            FeedSettings { include: word(), ..settings.clone() },
            FeedSettings { exclude: word(), ..settings.clone() },
            // It may be older than all that are shown without it.
            FeedSettings { pinned: vec!["1790".parse().unwrap()], ..settings },
        ] {
            assert_eq!(filtered.posts_to_list(), 100, "{filtered:?}");
        }
    }
}
