//! The posts that an account starts with. They depend on nothing but the account and the time at which the sandbox started.

use serde::{Deserialize, Serialize};
use time::{Duration, OffsetDateTime};

use crate::post::{ALBUM, Post};
use crate::sample_captions::{EMOJI, MARKUP, RIGHT_TO_LEFT, longest};

/// Which posts an account starts with.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SamplePosts {
    /// None.
    #[default]
    None,
    /// One post of every kind, and one of everything that Instagram may leave out.
    EveryKind,
    /// Nine reels, of which some are not in the main feed.
    Reels,
    /// 300 pictures.
    Many,
}

impl SamplePosts {
    /// The posts, newest first and without ids.
    pub(crate) fn generate(self, started_at: OffsetDateTime) -> Vec<Post> {
        let posts = match self {
            Self::None => Vec::new(),
            Self::EveryKind => every_kind(),
            Self::Reels => (1..=9).map(|number| reel(number, number % 3 != 0)).collect(),
            Self::Many => (1..=300).rev().map(numbered_picture).collect(),
        };
        let newest = started_at.replace_nanosecond(0).unwrap_or(started_at).saturating_sub(Duration::hours(1));
        let mut published_at = newest;
        posts
            .into_iter()
            .map(|post| {
                let timestamp = published_at;
                published_at = published_at.saturating_sub(Duration::hours(31));
                Post { timestamp, ..post }
            })
            .collect()
    }
}

/// A picture of this width and height, in pixels.
fn picture(width: u16, height: u16) -> Post {
    Post { width, height, like_count: Some(12), comments_count: Some(3), ..Post::default() }
}

fn captioned(caption: impl Into<String>, post: Post) -> Post {
    Post { caption: Some(caption.into()), ..post }
}

fn described(alt_text: &str, post: Post) -> Post {
    Post { alt_text: Some(alt_text.to_owned()), ..post }
}

fn flagged(post: Post) -> Post {
    Post { flagged: true, ..post }
}

fn video(post: Post) -> Post {
    Post { media_type: "VIDEO".to_owned(), ..post }
}

fn album(children: Vec<Post>) -> Post {
    Post { media_type: ALBUM.to_owned(), children, ..picture(1080, 1350) }
}

fn reel(number: u64, shared_to_feed: bool) -> Post {
    let reel = Post {
        media_product_type: "REELS".to_owned(),
        is_shared_to_feed: Some(shared_to_feed),
        like_count: Some(number * 17),
        ..video(picture(1080, 1920))
    };
    captioned(format!("Reel {number} #making"), reel)
}

fn numbered_picture(number: u64) -> Post {
    let height = match number % 4 {
        0 => 1080,
        1 => 1350,
        2 => 1440,
        _ => 566,
    };
    let post = Post { like_count: Some(number), comments_count: Some(number % 7), ..picture(1080, height) };
    captioned(format!("Loaf {number} #bread"), post)
}

fn every_kind() -> Vec<Post> {
    let feed_video = captioned("How we roast", video(picture(1080, 1350)));
    let unknown_kind = Post { media_type: "HOLOGRAM".to_owned(), ..picture(1080, 1080) };
    let hidden_likes = Post { like_count: None, comments_count: None, ..picture(1080, 1080) };
    let part = |post: Post| Post { like_count: None, comments_count: None, ..post };
    vec![
        captioned("The first cup of the day. #coffee #morning", described("A cup of coffee", picture(1080, 1350))),
        picture(1080, 1080),
        captioned("Landscape at the harbor", described("Ships at dawn", picture(1080, 566))),
        captioned("Three of a kind", album([1350, 1350, 1350].map(|height| part(picture(1080, height))).into())),
        captioned(
            "An album with a withheld picture and a video",
            album(vec![
                part(flagged(picture(1080, 1080))),
                part(described("A barista", picture(1080, 1080))),
                part(video(picture(1080, 1080))),
            ]),
        ),
        reel(1, true),
        reel(2, false),
        feed_video,
        captioned("Withheld by Instagram", flagged(picture(1080, 1350))),
        captioned("A reel with licensed music", flagged(reel(3, true))),
        captioned("Hidden likes", hidden_likes),
        captioned(MARKUP, picture(1080, 1440)),
        captioned(EMOJI, picture(1080, 1350)),
        captioned(RIGHT_TO_LEFT, picture(1080, 1350)),
        captioned(longest(), picture(1080, 1350)),
        captioned("Of a kind that does not exist yet", unknown_kind),
        captioned("A small picture", picture(240, 300)),
    ]
}
