//! The paths of a feed's files below their root, which is a bucket or a folder.

use std::fmt;
use std::str::FromStr;

use evertoken_core::account::AccountName;
use evertoken_core::media::MediaId;

use crate::feed_key::FeedKey;

/// A file's path below the root: two parts of the characters `a-z`, `0-9`, `-` and `.`, or three for a picture. No path leads
/// out of the root.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct FilePath(String);

/// The text is not the path of a feed's file.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not the path of a feed's file")]
pub struct InvalidPath(String);

/// The formats of a feed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FeedFormat {
    /// JSON Feed 1.1.
    Json,
    /// An HTML fragment.
    Html,
    /// Atom.
    Atom,
}

impl FeedFormat {
    /// All formats.
    pub const ALL: [Self; 3] = [Self::Json, Self::Html, Self::Atom];

    fn ending(self) -> &'static str {
        match self {
            Self::Json => "json",
            Self::Html => "html",
            Self::Atom => "atom",
        }
    }
}

/// The formats of a picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PictureFormat {
    /// WebP.
    Webp,
    /// JPEG.
    Jpeg,
}

impl PictureFormat {
    /// All formats, smallest files first.
    pub const ALL: [Self; 2] = [Self::Webp, Self::Jpeg];

    /// The media type.
    pub fn media_type(self) -> &'static str {
        match self {
            Self::Webp => "image/webp",
            Self::Jpeg => "image/jpeg",
        }
    }

    fn ending(self) -> &'static str {
        match self {
            Self::Webp => "webp",
            Self::Jpeg => "jpg",
        }
    }
}

/// What all paths of settings begin with.
pub(crate) const SETTINGS: &str = "settings/";

/// What all paths of states begin with.
pub(crate) const STATE: &str = "state/";

const WIDGET: &str = "widget.js";

impl FilePath {
    /// A public file of a feed.
    pub fn feed(key: &FeedKey, format: FeedFormat) -> Self {
        Self(format!("feed/{key}.{}", format.ending()))
    }

    /// A public picture. `hash` is the picture's [`content hash`](crate::convert::ConvertedPicture::hash).
    pub fn picture(account: &AccountName, media: &MediaId, hash: &str, width: u32, format: PictureFormat) -> Self {
        Self(format!("{}{media}-{hash}-{width}.{}", Self::pictures_of(account), format.ending()))
    }

    /// What the paths of all pictures of an account begin with.
    pub fn pictures_of(account: &AccountName) -> String {
        format!("img/{account}/")
    }

    /// The private settings of an account's feed.
    pub fn settings(account: &AccountName) -> Self {
        Self(format!("{SETTINGS}{account}.json"))
    }

    /// What the publisher remembers about an account's feed. Private.
    pub fn state(account: &AccountName) -> Self {
        Self(format!("{STATE}{account}.json"))
    }

    /// The public script of the widget.
    pub fn widget() -> Self {
        Self(WIDGET.to_owned())
    }

    /// The path as text, without a slash at the beginning.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The account of settings or a state.
    pub(crate) fn account(&self) -> Option<AccountName> {
        let file = self.0.strip_prefix(SETTINGS).or_else(|| self.0.strip_prefix(STATE))?;
        file.strip_suffix(".json")?.parse().ok()
    }

    /// Whether everybody may read the file.
    pub fn is_public(&self) -> bool {
        !(self.0.starts_with(SETTINGS) || self.0.starts_with(STATE))
    }

    /// The value of `Content-Type`.
    pub fn content_type(&self) -> &'static str {
        match self.0.rsplit('.').next() {
            Some("json") => "application/json",
            Some("html") => "text/html; charset=utf-8",
            Some("atom") => "application/atom+xml; charset=utf-8",
            Some("js") => "text/javascript; charset=utf-8",
            Some("webp") => PictureFormat::Webp.media_type(),
            Some("jpg") => PictureFormat::Jpeg.media_type(),
            _ => "application/octet-stream",
        }
    }

    /// The value of `Cache-Control`.
    pub fn cache_control(&self) -> &'static str {
        match self.0.split('/').next() {
            Some("feed") => "public, max-age=60, s-maxage=300, stale-while-revalidate=86400, stale-if-error=604800",
            // Not longer, so that the picture of a deleted post is gone after a day.
            Some("img") => "public, max-age=86400",
            Some(WIDGET) => "public, max-age=3600, stale-while-revalidate=86400",
            _ => "no-store",
        }
    }
}

impl FromStr for FilePath {
    type Err = InvalidPath;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let is_part = |part: &str| {
            let mut characters = part.bytes();
            let is_plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit();
            part.len() <= 200
                && characters.next().is_some_and(is_plain)
                && characters.all(|b| is_plain(b) || matches!(b, b'-' | b'.'))
        };
        let parts: Vec<&str> = text.split('/').collect();
        let is_known = match parts.as_slice() {
            ["feed" | "settings" | "state", file] => is_part(file),
            ["img", account, file] => account.parse::<AccountName>().is_ok() && is_part(file),
            [file] => *file == WIDGET,
            _ => false,
        };
        if is_known { Ok(Self(text.to_owned())) } else { Err(InvalidPath(text.to_owned())) }
    }
}

impl TryFrom<String> for FilePath {
    type Error = InvalidPath;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<FilePath> for String {
    fn from(path: FilePath) -> Self {
        path.0
    }
}

impl fmt::Display for FilePath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn every_file_has_its_documented_path_type_and_cache_policy() {
        let account: AccountName = "shop".parse().unwrap();
        let key = FeedKey::named(&account);
        let media = "1790".parse().unwrap();
        let picture = |format| FilePath::picture(&account, &media, "1a2b3c4d5e6f7a8b", 640, format);
        let feed = "public, max-age=60, s-maxage=300, stale-while-revalidate=86400, stale-if-error=604800";
        let day = "public, max-age=86400";
        let cases = [
            (FilePath::feed(&key, FeedFormat::Json), "feed/shop.json", "application/json", feed),
            (FilePath::feed(&key, FeedFormat::Html), "feed/shop.html", "text/html; charset=utf-8", feed),
            (FilePath::feed(&key, FeedFormat::Atom), "feed/shop.atom", "application/atom+xml; charset=utf-8", feed),
            (picture(PictureFormat::Webp), "img/shop/1790-1a2b3c4d5e6f7a8b-640.webp", "image/webp", day),
            (picture(PictureFormat::Jpeg), "img/shop/1790-1a2b3c4d5e6f7a8b-640.jpg", "image/jpeg", day),
            (
                FilePath::widget(),
                "widget.js",
                "text/javascript; charset=utf-8",
                "public, max-age=3600, stale-while-revalidate=86400",
            ),
            (FilePath::settings(&account), "settings/shop.json", "application/json", "no-store"),
            (FilePath::state(&account), "state/shop.json", "application/json", "no-store"),
        ];
        for (path, text, content_type, cache_control) in cases {
            assert_eq!((path.as_str(), path.content_type()), (text, content_type));
            assert_eq!(path.cache_control(), cache_control, "{path}");
            assert_eq!(text.parse().as_ref(), Ok(&path));
            assert_eq!(path.is_public(), path.account().is_none(), "{path}");
        }
    }

    #[test]
    fn other_paths_are_refused() {
        for path in [
            "",
            "/",
            "..",
            "feed/..",
            "feed/../state/a.json",
            "/feed/a.json",
            "feed//a",
            "feed/a/b",
            "img/a.jpg",
            "img/../a.jpg",
            "img/a/.hidden",
            "other/a.json",
            "feed/a\\b",
            "feed/A.json",
            "state/a.json\0",
            "widget.js/a",
        ] {
            assert!(path.parse::<FilePath>().is_err(), "{path}");
        }
    }

    proptest! {
        #[test]
        fn no_path_leaves_the_root(text in "(feed/|img/a/|state/)?[a./\\-\0]{0,20}") {
            if let Ok(path) = text.parse::<FilePath>() {
                let is_plain = |part| matches!(part, std::path::Component::Normal(_));
                prop_assert!(std::path::Path::new(path.as_str()).components().all(is_plain));
                prop_assert!(!path.as_str().contains(['\\', '\0']));
            }
        }
    }
}
