//! Posts as Instagram writes them. A key without a value is left out.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Map, Value, json};
use time::OffsetDateTime;
use time::format_description::BorrowedFormatItem;
use time::macros::format_description;

use crate::account::{Account, InstagramId};
use crate::media_fields::Field;
use crate::media_link::LinkSigner;
use crate::post::{ALBUM, Post};

/// `2026-11-25T10:00:00+0000`, as in Meta's sample.
const TIMESTAMP: &[BorrowedFormatItem<'_>] = format_description!("[year]-[month]-[day]T[hour]:[minute]:[second]+0000");

/// Writes the posts of one account with the links of one listing.
pub(crate) struct PostWriter<'a> {
    pub(crate) account: &'a Account,
    pub(crate) links: &'a LinkSigner,
}

impl PostWriter<'_> {
    pub(crate) fn post(&self, post: &Post, fields: &[Field<'_>]) -> Value {
        object(fields, |field| self.shared_field(post, field).or_else(|| self.post_field(post, field)))
    }

    /// The parts of an album, with the fields that parts have.
    pub(crate) fn children(&self, post: &Post, fields: &[Field<'_>]) -> Value {
        let write = |child: &Post| object(fields, |field| self.shared_field(child, field));
        json!({"data": post.children.iter().map(write).collect::<Vec<_>>()})
    }

    /// A field that posts and the parts of albums have.
    fn shared_field(&self, post: &Post, field: &Field<'_>) -> Option<Value> {
        Some(match field.name {
            "id" => json!(post.id),
            "media_type" => json!(post.media_type),
            "media_url" => json!(self.media_url(post)?),
            "thumbnail_url" if post.is_video() => json!(self.links.picture(post.id)),
            "alt_text" => json!(post.alt_text.as_ref()?),
            "owner" => json!({"id": self.account.account_id}),
            "shortcode" => json!(shortcode(post.id)),
            "timestamp" => json!(timestamp(post.timestamp)),
            "username" => json!(self.account.username),
            _ => return None,
        })
    }

    /// A field that only posts have.
    fn post_field(&self, post: &Post, field: &Field<'_>) -> Option<Value> {
        Some(match field.name {
            "caption" => json!(post.caption.as_ref()?),
            "comments_count" => json!(post.comments_count?),
            "is_comment_enabled" => json!(true),
            "is_shared_to_feed" => json!(post.is_shared_to_feed?),
            "like_count" => json!(post.like_count?),
            "media_product_type" => json!(post.media_product_type),
            "permalink" => json!(permalink(post)),
            "children" if post.media_type == ALBUM => match field.nested.as_slice() {
                [] => self.children(post, &[Field { name: "id", nested: Vec::new() }]),
                nested => self.children(post, nested),
            },
            _ => return None,
        })
    }

    /// The cover of an album is the picture of its first part.
    fn media_url(&self, post: &Post) -> Option<String> {
        let shown = if post.media_type == ALBUM { post.children.first()? } else { post };
        if post.flagged || shown.flagged {
            return None;
        }
        Some(if post.is_video() { self.links.video(post.id) } else { self.links.picture(shown.id) })
    }
}

fn object(fields: &[Field<'_>], value: impl Fn(&Field<'_>) -> Option<Value>) -> Value {
    let members = fields.iter().filter_map(|field| Some((field.name.to_owned(), value(field)?)));
    members.collect::<Map<_, _>>().into()
}

fn permalink(post: &Post) -> String {
    let kind = if post.media_product_type == "REELS" { "reel" } else { "p" };
    format!("https://www.instagram.com/{kind}/{}/", shortcode(post.id))
}

fn shortcode(id: InstagramId) -> String {
    URL_SAFE_NO_PAD.encode(id.0.to_be_bytes())
}

fn timestamp(at: OffsetDateTime) -> String {
    // Fails only if the format asks for more than a time contains.
    at.to_utc().format(TIMESTAMP).unwrap_or_default()
}
