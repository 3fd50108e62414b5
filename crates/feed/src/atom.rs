//! Renders a feed as Atom (RFC 4287) with pictures as Media RSS.

use askama::Template;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;
use url::Url;

use crate::caption;
use crate::feed::{Feed, Item, PictureFile};
use crate::file_path::{FeedFormat, PictureFormat};

#[derive(Template)]
#[template(path = "feed.atom", escape = "html")]
struct AtomFeed<'a> {
    feed: &'a Feed,
    url: Url,
    profile_url: String,
    updated: String,
    entries: Vec<Entry<'a>>,
}

struct Entry<'a> {
    item: &'a Item,
    url: &'a str,
    title: String,
    published: String,
    alternative_text: String,
    tags: Vec<String>,
    /// All sizes as JPEG, smallest first.
    files: Vec<PictureFile>,
}

/// Renders a feed. `base` is the URL of the root of all files.
pub fn render(feed: &Feed, base: &Url) -> Result<String, askama::Error> {
    let profile_url = feed.profile_url();
    let entry = |item| entry(feed, item, base, &profile_url);
    let entries = feed.items.iter().map(entry).collect();
    let (url, updated) = (feed.url(base, FeedFormat::Atom), timestamp(feed.updated_at));
    AtomFeed { feed, url, profile_url: profile_url.clone(), updated, entries }.render()
}

fn entry<'a>(feed: &'a Feed, item: &'a Item, base: &'a Url, profile_url: &'a str) -> Entry<'a> {
    let files = item.picture.iter().flat_map(|picture| feed.picture_files(picture, base));
    Entry {
        item,
        url: item.url.as_ref().map_or(profile_url, Url::as_str),
        title: item.title(),
        published: timestamp(item.published_at),
        alternative_text: item.alternative_text(),
        tags: caption::hashtags(&item.caption),
        files: files.filter(|file| file.format == PictureFormat::Jpeg).collect(),
    }
}

fn timestamp(at: OffsetDateTime) -> String {
    at.format(&Rfc3339).unwrap_or_default()
}
