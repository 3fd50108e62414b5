//! Posts, and the parts of albums.

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

use crate::account::InstagramId;

/// The media type of an album.
pub(crate) const ALBUM: &str = "CAROUSEL_ALBUM";

/// A post, or a part of an album. Every member but `id` is what the owner or Instagram decides.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Post {
    /// The id. The sandbox assigns one if it is 0.
    pub id: InstagramId,
    /// `IMAGE`, `VIDEO`, `CAROUSEL_ALBUM`, or a type that does not exist today.
    pub media_type: String,
    /// `FEED` or `REELS`.
    pub media_product_type: String,
    /// The caption.
    pub caption: Option<String>,
    /// The description for people who cannot see the picture.
    pub alt_text: Option<String>,
    /// When the post was published.
    #[serde(with = "time::serde::rfc3339")]
    pub timestamp: OffsetDateTime,
    /// Number of likes. `None` if the owner hides them.
    pub like_count: Option<u64>,
    /// Number of comments. `None` if the owner hides them.
    pub comments_count: Option<u64>,
    /// Whether a reel is also in the main feed.
    pub is_shared_to_feed: Option<bool>,
    /// Whether Instagram withholds `media_url`, as it does for content that is flagged or under copyright.
    pub flagged: bool,
    /// The width of the picture or poster in pixels.
    pub width: u16,
    /// The height of the picture or poster in pixels.
    pub height: u16,
    /// The file that is served as the picture, in base64 in JSON. `None` draws a picture.
    #[serde(with = "base64_file", skip_serializing_if = "Option::is_none")]
    pub file: Option<Vec<u8>>,
    /// The parts of an album.
    pub children: Vec<Post>,
}

impl Default for Post {
    /// A portrait picture without a caption.
    fn default() -> Self {
        Self {
            id: InstagramId(0),
            media_type: "IMAGE".to_owned(),
            media_product_type: "FEED".to_owned(),
            caption: None,
            alt_text: None,
            timestamp: OffsetDateTime::UNIX_EPOCH,
            like_count: Some(0),
            comments_count: Some(0),
            is_shared_to_feed: None,
            flagged: false,
            width: 1080,
            height: 1350,
            file: None,
            children: Vec::new(),
        }
    }
}

impl Post {
    /// Posts are listed by descending key: the newest first.
    pub(crate) fn key(&self) -> (OffsetDateTime, InstagramId) {
        (self.timestamp, self.id)
    }

    pub(crate) fn is_video(&self) -> bool {
        self.media_type == "VIDEO"
    }

    /// The post or the part of it with this id.
    pub(crate) fn part(&self, id: InstagramId) -> Option<&Self> {
        if self.id == id { Some(self) } else { self.children.iter().find(|child| child.id == id) }
    }
}

mod base64_file {
    use base64::Engine as _;
    use base64::engine::general_purpose::STANDARD;
    use serde::de::Error as _;
    use serde::{Deserialize as _, Deserializer, Serialize as _, Serializer};

    #[expect(clippy::ref_option, reason = "serde passes a reference to the field")]
    pub(super) fn serialize<S: Serializer>(file: &Option<Vec<u8>>, serializer: S) -> Result<S::Ok, S::Error> {
        file.as_ref().map(|file| STANDARD.encode(file)).serialize(serializer)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Vec<u8>>, D::Error> {
        let text = Option::<String>::deserialize(deserializer)?;
        text.map(|text| STANDARD.decode(text)).transpose().map_err(D::Error::custom)
    }
}
