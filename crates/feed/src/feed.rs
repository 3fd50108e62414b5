//! What a feed contains, before it is rendered.

use evertoken_core::account::AccountName;
use evertoken_core::media::{Media, MediaChild, MediaId, MediaKind};
use evertoken_core::public_url::join;
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use time::macros::format_description;
use url::Url;

use crate::caption;
use crate::feed_key::FeedKey;
use crate::file_path::{FeedFormat, FilePath, PictureFormat};
use crate::picture::Picture;
use crate::selection::Selected;
use crate::settings::Layout;

/// One account's feed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Feed {
    /// The account.
    pub account: AccountName,
    /// The Instagram username.
    pub username: String,
    /// The name of the public files.
    pub key: FeedKey,
    /// The layout of the HTML fragment.
    pub layout: Layout,
    /// When a successful poll last changed the feed.
    #[serde(with = "time::serde::rfc3339")]
    pub updated_at: OffsetDateTime,
    /// Whether the posts may be out of date, because Instagram could not be read for a day or a person must act.
    pub stale: bool,
    /// Number of posts that are missing, or lack a picture that could not be used.
    pub left_out: usize,
    /// The posts in their order.
    pub items: Vec<Item>,
}

impl Feed {
    /// The address of the profile on Instagram. Usernames consist of letters, digits, dots and underscores; other
    /// characters are left out.
    pub fn profile_url(&self) -> String {
        let is_allowed = |c: &char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_');
        let username: String = self.username.chars().filter(is_allowed).collect();
        format!("https://www.instagram.com/{username}/")
    }

    /// The URL of the feed in a format. `base` is the URL of the root of all files.
    pub fn url(&self, base: &Url, format: FeedFormat) -> Url {
        join(base, FilePath::feed(&self.key, format).as_str())
    }

    /// The files of a picture, smallest first.
    pub(crate) fn picture_files<'a>(
        &'a self,
        picture: &'a Picture,
        base: &'a Url,
    ) -> impl Iterator<Item = PictureFile> {
        picture.sizes.iter().flat_map(move |size| {
            PictureFormat::ALL.map(|format| PictureFile {
                url: join(base, picture.path(&self.account, *size, format).as_str()),
                width: size.width,
                height: size.height,
                format,
            })
        })
    }

    /// The paths of all pictures.
    pub fn picture_paths(&self) -> impl Iterator<Item = FilePath> {
        let pictures = self.items.iter().flat_map(|item| {
            item.picture.iter().chain(item.children.iter().filter_map(|child| child.picture.as_ref()))
        });
        pictures.flat_map(|picture| picture.paths(&self.account))
    }

    /// Whether both show the same posts, apart from their numbers of likes and comments.
    pub(crate) fn has_same_posts(&self, other: &Self) -> bool {
        let posts = |feed: &Self| -> Vec<Item> {
            feed.items.iter().map(|item| Item { likes: None, comments: None, ..item.clone() }).collect()
        };
        posts(self) == posts(other)
    }
}

/// One file of a picture.
pub(crate) struct PictureFile {
    pub(crate) url: Url,
    pub(crate) width: u32,
    pub(crate) height: u32,
    pub(crate) format: PictureFormat,
}

/// One post of a feed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Item {
    /// The post's id.
    pub id: MediaId,
    /// What the post is.
    pub kind: ItemKind,
    /// Whether the post is a reel.
    pub reel: bool,
    /// Whether a reel is also in the account's main feed.
    pub shared_to_feed: Option<bool>,
    /// Whether the settings pin the post.
    pub pinned: bool,
    /// The post on Instagram.
    pub url: Option<Url>,
    /// The caption. Empty if there is none.
    pub caption: String,
    /// The description of the picture that the post's author wrote.
    pub alt: Option<String>,
    /// When the post was published.
    #[serde(with = "time::serde::rfc3339")]
    pub published_at: OffsetDateTime,
    /// Number of likes, unless the owner hides them.
    pub likes: Option<u64>,
    /// Number of comments, unless the owner hides them.
    pub comments: Option<u64>,
    /// Our copies of the picture, or of a video's poster. A post without them is shown as a link.
    pub picture: Option<Picture>,
    /// The parts of an album.
    pub children: Vec<Child>,
}

/// One picture or video of an album.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Child {
    /// The part's id.
    pub id: MediaId,
    /// What the part is.
    pub kind: ItemKind,
    /// The description of the picture that the post's author wrote.
    pub alt: Option<String>,
    /// Our copies of the picture.
    pub picture: Option<Picture>,
}

/// What a post is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ItemKind {
    /// One picture.
    Image,
    /// A video or reel.
    Video,
    /// Several pictures and videos.
    Album,
    /// A kind that does not exist today.
    Other,
}

impl ItemKind {
    fn noun(self) -> &'static str {
        match self {
            Self::Image => "Photo",
            Self::Video => "Video",
            Self::Album => "Album",
            Self::Other => "Post",
        }
    }
}

impl From<&MediaKind> for ItemKind {
    fn from(kind: &MediaKind) -> Self {
        match kind {
            MediaKind::Image => Self::Image,
            MediaKind::Video => Self::Video,
            MediaKind::Album => Self::Album,
            MediaKind::Other(_) => Self::Other,
        }
    }
}

impl Item {
    /// A selected post with our copies of its pictures.
    pub fn new(Selected { post, pinned }: Selected<'_>, picture: Option<Picture>, children: Vec<Child>) -> Self {
        let Media {
            id,
            kind,
            is_reel,
            shared_to_feed,
            permalink,
            caption,
            alt_text,
            published_at,
            likes,
            comments,
            ..
        } = post;
        Self {
            id: id.clone(),
            kind: kind.into(),
            reel: *is_reel,
            shared_to_feed: *shared_to_feed,
            pinned,
            url: permalink.clone().filter(is_post_url),
            caption: caption::clean(caption.as_deref().unwrap_or_default()),
            alt: described(alt_text.as_deref()),
            published_at: *published_at,
            likes: *likes,
            comments: *comments,
            picture,
            children,
        }
    }

    /// The first line of the caption.
    pub fn summary(&self) -> Option<&str> {
        caption::first_line(&self.caption)
    }

    /// What to show or read aloud instead of the picture: its description, otherwise the first line of the caption, otherwise
    /// the kind and date of the post.
    pub fn alternative_text(&self) -> String {
        self.alt.clone().unwrap_or_else(|| self.title())
    }

    /// The first line of the caption, otherwise the kind and date of the post.
    pub fn title(&self) -> String {
        self.summary().map_or_else(|| format!("{}, {}", self.kind.noun(), day(self.published_at)), visible_line)
    }
}

impl Child {
    /// A part of an album with our copies of its picture.
    pub fn new(child: &MediaChild, picture: Option<Picture>) -> Self {
        let alt = described(child.alt_text.as_deref());
        Self { id: child.id.clone(), kind: (&child.kind).into(), alt, picture }
    }
}

fn described(text: Option<&str>) -> Option<String> {
    text.map(caption::clean).filter(|text| !text.trim().is_empty())
}

/// Titles are shown next to text of the page, which a mark for the direction of text must not reverse.
fn visible_line(line: &str) -> String {
    line.chars().filter(|c| !matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')).collect()
}

/// A link to the post itself. Links to files are signed and expire, and other addresses are foreign.
fn is_post_url(url: &Url) -> bool {
    url.scheme() == "https" && matches!(url.host_str(), Some("www.instagram.com" | "instagram.com"))
}

fn day(at: OffsetDateTime) -> String {
    at.format(format_description!("[day padding:none] [month repr:long] [year]")).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample;

    #[test]
    fn the_alternative_text_is_the_description_the_first_line_or_kind_and_date() {
        let item = |caption: &str, alt: Option<&str>| {
            let post = Media {
                caption: Some(caption.to_owned()),
                alt_text: alt.map(str::to_owned),
                kind: MediaKind::Video,
                ..sample::post(0)
            };
            Item::new(Selected { post: &post, pinned: false }, None, Vec::new()).alternative_text()
        };
        assert_eq!(item("First\nsecond", Some("A cup")), "A cup");
        assert_eq!(item("First\nsecond", Some(" ")), "First");
        assert_eq!(item(" \n", None), "Video, 25 November 2026");
    }

    #[test]
    fn only_links_to_posts_are_kept() {
        let url = |url: &str| {
            let post = Media { permalink: url.parse().ok(), ..sample::post(0) };
            Item::new(Selected { post: &post, pinned: false }, None, Vec::new()).url.map(String::from)
        };
        assert_eq!(url("https://www.instagram.com/p/a/").as_deref(), Some("https://www.instagram.com/p/a/"));
        for foreign in
            ["javascript:alert(1)", "http://www.instagram.com/p/a/", "https://scontent.cdninstagram.com/v/a.jpg"]
        {
            assert_eq!(url(foreign), None, "{foreign}");
        }
    }

    #[test]
    fn the_profile_is_on_instagram_whatever_the_username_is() {
        let feed = |username: &str| Feed { username: username.to_owned(), ..sample::feed(Vec::new()) };
        assert_eq!(feed("blue_bottle.7").profile_url(), "https://www.instagram.com/blue_bottle.7/");
        assert_eq!(feed("/@evil.example/?a#b\"").profile_url(), "https://www.instagram.com/evil.exampleab/");
    }
}
