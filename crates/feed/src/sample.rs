//! Generated posts and pictures for tests.
#![expect(clippy::unwrap_used, reason = "for tests only: a wrong argument should fail the test")]

use std::io::Cursor;

use evertoken_core::media::{Media, MediaChild, MediaFiles, MediaId, MediaKind};
use image::{ImageFormat, Rgb, RgbImage};
use time::{Duration, OffsetDateTime};
use url::Url;

use crate::convert::{ConvertedPicture, ConvertedSize};
use crate::feed::{Child, Feed, Item};
use crate::picture::{Color, Picture};
use crate::selection::Selected;
use crate::settings::Layout;

/// The time when post 0 was published: 2026-11-25.
pub const EPOCH: OffsetDateTime = time::macros::datetime!(2026-11-25 10:00:00 UTC);

/// A post with one picture, `number` hours younger than post 0.
///
/// # Panics
///
/// Never for numbers of posts in use.
#[must_use]
pub fn post(number: u64) -> Media {
    Media {
        id: number.to_string().parse().unwrap(),
        kind: MediaKind::Image,
        is_reel: false,
        shared_to_feed: None,
        permalink: Some(format!("https://www.instagram.com/p/{number}/").parse().unwrap()),
        caption: Some(format!("Post {number}\n#coffee")),
        alt_text: None,
        published_at: EPOCH + Duration::hours(i64::try_from(number).unwrap()),
        username: Some("blue_bottle".to_owned()),
        likes: Some(12),
        comments: Some(3),
        files: MediaFiles { media_url: Some(link(number)), thumbnail_url: None },
        children: Vec::new(),
    }
}

/// A part of an album with a picture.
///
/// # Panics
///
/// Never.
#[must_use]
pub fn child(number: u64) -> MediaChild {
    let id: MediaId = number.to_string().parse().unwrap();
    let files = MediaFiles { media_url: Some(link(number)), thumbnail_url: None };
    MediaChild { id, kind: MediaKind::Image, alt_text: None, files }
}

/// A signed link to a picture, as Instagram writes it.
///
/// # Panics
///
/// Never.
#[must_use]
pub fn link(number: u64) -> Url {
    format!("https://scontent.cdninstagram.com/v/t51/{number}_n.jpg?oh=secret&oe=66F00000").parse().unwrap()
}

/// A JPEG with a color gradient.
///
/// # Panics
///
/// If a side is 0 or more than 65,535.
#[must_use]
pub fn jpeg(width: u32, height: u32) -> Vec<u8> {
    encode(width, height, ImageFormat::Jpeg)
}

/// A picture with a color gradient.
///
/// # Panics
///
/// If the format cannot hold a picture of this size.
#[must_use]
pub fn encode(width: u32, height: u32, format: ImageFormat) -> Vec<u8> {
    let share = |part: u32, whole: u32| u8::try_from(part * 255 / whole).unwrap();
    let picture = RgbImage::from_fn(width, height, |x, y| Rgb([share(x, width), share(y, height), 120]));
    let mut bytes = Cursor::new(Vec::new());
    picture.write_to(&mut bytes, format).unwrap();
    bytes.into_inner()
}

/// The feed of the account `shop`.
///
/// # Panics
///
/// Never.
#[must_use]
pub fn feed(items: Vec<Item>) -> Feed {
    Feed {
        account: "shop".parse().unwrap(),
        username: "blue_bottle".to_owned(),
        key: "shop".parse().unwrap(),
        layout: Layout::Grid,
        updated_at: EPOCH + Duration::days(1),
        stale: false,
        left_out: 0,
        items,
    }
}

/// The copies of a picture of 1080 x 1350 pixels.
#[must_use]
pub fn picture(media: &MediaId) -> Picture {
    let size = |(width, height)| ConvertedSize { width, height, webp: Vec::new(), jpeg: Vec::new() };
    let sizes = [(320, 400), (640, 800), (1080, 1350)].map(size).into();
    let converted = ConvertedPicture { hash: "1a2b3c4d5e6f7a8b".to_owned(), color: Color([0xa1, 0xb2, 0xc3]), sizes };
    Picture::new(media.clone(), &converted)
}

/// A post with copies of its pictures.
#[must_use]
pub fn item(post: &Media) -> Item {
    let child = |child: &MediaChild| Child::new(child, Some(picture(&child.id)));
    Item::new(Selected { post, pinned: false }, Some(picture(&post.id)), post.children.iter().map(child).collect())
}
