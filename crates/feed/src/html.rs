//! Renders a feed as an HTML fragment, to be included by a server or at build time. It needs no script.

use askama::Template;
use url::Url;

use crate::feed::{Feed, Item, ItemKind};
use crate::file_path::PictureFormat;
use crate::picture::Color;
use crate::settings::Layout;

/// The content of the fragment's `<style>` element. It is the same in every feed, so that a Content-Security-Policy can allow
/// it by its hash.
pub const STYLE: &str = include_str!("../templates/fragment.css");

#[derive(Template)]
#[template(path = "fragment.html")]
struct Fragment<'a> {
    style: &'static str,
    feed: &'a Feed,
    profile_url: String,
    /// What `sizes` says about the width of a picture.
    sizes: &'static str,
    posts: Vec<Post<'a>>,
}

struct Post<'a> {
    url: &'a str,
    title: String,
    alternative_text: String,
    /// The mark on the picture.
    badge: Option<&'static str>,
    picture: Option<PostPicture>,
}

struct PostPicture {
    color: Color,
    url: Url,
    width: u32,
    height: u32,
    webp: String,
    jpeg: String,
}

/// Renders a feed. `base` is the URL of the root of all files.
pub fn render(feed: &Feed, base: &Url) -> Result<String, askama::Error> {
    let profile_url = feed.profile_url();
    let sizes = match feed.layout {
        Layout::Grid => "(max-width: 40em) 50vw, 33vw",
        Layout::Row => "16em",
        Layout::List => "(max-width: 40em) 100vw, 30em",
    };
    let post = |item| post(feed, item, base, &profile_url);
    let posts = feed.items.iter().map(post).collect();
    Fragment { style: STYLE, feed, profile_url: profile_url.clone(), sizes, posts }.render()
}

fn post<'a>(feed: &'a Feed, item: &'a Item, base: &Url, profile_url: &'a str) -> Post<'a> {
    let badge = match item.kind {
        ItemKind::Video if item.reel => Some("Reel"),
        ItemKind::Video => Some("Video"),
        ItemKind::Album => Some("Album"),
        ItemKind::Image | ItemKind::Other => None,
    };
    Post {
        url: item.url.as_ref().map_or(profile_url, Url::as_str),
        title: item.title(),
        // A text next to the picture is not repeated as its alternative text.
        alternative_text: match feed.layout {
            Layout::List => item.alt.clone().unwrap_or_default(),
            Layout::Grid | Layout::Row => item.alternative_text(),
        },
        badge,
        picture: post_picture(feed, item, base),
    }
}

fn post_picture(feed: &Feed, item: &Item, base: &Url) -> Option<PostPicture> {
    let picture = item.picture.as_ref()?;
    let candidates = |format| {
        let files = feed.picture_files(picture, base).filter(move |file| file.format == format);
        files.map(|file| format!("{} {}w", file.url, file.width)).collect::<Vec<_>>().join(", ")
    };
    // For browsers that know no `srcset`: the second size at most.
    let files = feed.picture_files(picture, base).filter(|file| file.format == PictureFormat::Jpeg);
    let fallback = files.take(2).last()?;
    Some(PostPicture {
        color: picture.color,
        url: fallback.url,
        width: fallback.width,
        height: fallback.height,
        webp: candidates(PictureFormat::Webp),
        jpeg: candidates(PictureFormat::Jpeg),
    })
}
