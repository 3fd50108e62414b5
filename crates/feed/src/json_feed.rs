//! Renders a feed as JSON Feed 1.1 (<https://jsonfeed.org/version/1.1>).

use serde::Serialize;
use time::OffsetDateTime;
use url::Url;

use crate::caption;
use crate::feed::{Child, Feed, Item, ItemKind};
use crate::file_path::{FeedFormat, PictureFormat};
use crate::picture::{Color, Picture};

#[derive(Serialize)]
struct JsonFeed<'a> {
    version: &'static str,
    title: String,
    home_page_url: String,
    feed_url: Url,
    authors: [Author<'a>; 1],
    _evertoken: Evertoken,
    items: Vec<JsonItem<'a>>,
}

#[derive(Serialize)]
struct Author<'a> {
    name: &'a str,
    url: String,
}

#[derive(Serialize)]
struct Evertoken {
    schema: u32,
    #[serde(with = "time::serde::rfc3339")]
    updated_at: OffsetDateTime,
    stale: bool,
    left_out: usize,
}

#[derive(Serialize)]
struct JsonItem<'a> {
    id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    url: Option<&'a Url>,
    content_text: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    summary: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    image: Option<Url>,
    #[serde(with = "time::serde::rfc3339")]
    date_published: OffsetDateTime,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    tags: Vec<String>,
    _instagram: Instagram<'a>,
}

#[derive(Serialize)]
struct Instagram<'a> {
    r#type: ItemKind,
    reel: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    shared_to_feed: Option<bool>,
    pinned: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    alt: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    likes: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    comments: Option<u64>,
    #[serde(flatten)]
    picture: JsonPicture,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    children: Vec<JsonChild<'a>>,
}

#[derive(Serialize)]
struct JsonChild<'a> {
    id: &'a str,
    r#type: ItemKind,
    #[serde(skip_serializing_if = "Option::is_none")]
    alt: Option<&'a str>,
    #[serde(flatten)]
    picture: JsonPicture,
}

#[derive(Serialize)]
struct JsonPicture {
    #[serde(skip_serializing_if = "Option::is_none")]
    color: Option<Color>,
    images: Vec<Image>,
}

#[derive(Serialize)]
struct Image {
    url: Url,
    width: u32,
    height: u32,
    r#type: &'static str,
}

/// Renders a feed. `base` is the URL of the root of all files.
pub fn render(feed: &Feed, base: &Url) -> Result<String, serde_json::Error> {
    let json = JsonFeed {
        version: "https://jsonfeed.org/version/1.1",
        title: format!("@{}", feed.username),
        home_page_url: feed.profile_url(),
        feed_url: feed.url(base, FeedFormat::Json),
        authors: [Author { name: &feed.username, url: feed.profile_url() }],
        _evertoken: Evertoken { schema: 1, updated_at: feed.updated_at, stale: feed.stale, left_out: feed.left_out },
        items: feed.items.iter().map(|item| json_item(feed, item, base)).collect(),
    };
    serde_json::to_string(&json)
}

fn json_item<'a>(feed: &'a Feed, item: &'a Item, base: &'a Url) -> JsonItem<'a> {
    let files = item.picture.iter().flat_map(|picture| feed.picture_files(picture, base));
    JsonItem {
        id: item.id.as_str(),
        url: item.url.as_ref(),
        content_text: &item.caption,
        summary: item.summary(),
        image: files.filter(|file| file.format == PictureFormat::Jpeg).last().map(|file| file.url),
        date_published: item.published_at,
        tags: caption::hashtags(&item.caption),
        _instagram: Instagram {
            r#type: item.kind,
            reel: item.reel,
            shared_to_feed: item.shared_to_feed,
            pinned: item.pinned,
            alt: item.alt.as_deref(),
            likes: item.likes,
            comments: item.comments,
            picture: json_picture(feed, item.picture.as_ref(), base),
            children: item.children.iter().map(|child| json_child(feed, child, base)).collect(),
        },
    }
}

fn json_child<'a>(feed: &'a Feed, child: &'a Child, base: &'a Url) -> JsonChild<'a> {
    JsonChild {
        id: child.id.as_str(),
        r#type: child.kind,
        alt: child.alt.as_deref(),
        picture: json_picture(feed, child.picture.as_ref(), base),
    }
}

fn json_picture(feed: &Feed, picture: Option<&Picture>, base: &Url) -> JsonPicture {
    let files = picture.iter().flat_map(|picture| feed.picture_files(picture, base));
    let images = files.map(|file| Image {
        url: file.url,
        width: file.width,
        height: file.height,
        r#type: file.format.media_type(),
    });
    JsonPicture { color: picture.map(|picture| picture.color), images: images.collect() }
}
