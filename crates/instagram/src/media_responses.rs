//! Successful responses of `/me/media`. Meta may leave out every key, and a post that cannot be read must not hide the
//! others.

use evertoken_core::media::{CallUsage, Media, MediaChild, MediaFiles, MediaKind};
use evertoken_core::provider_error::{ProviderError, ProviderErrorKind};
use evertoken_core::visible_text::visible;
use serde::Deserialize;
use serde::de::IgnoredAny;
use time::format_description::BorrowedFormatItem;
use time::format_description::well_known::Rfc3339;
use time::macros::format_description;
use time::{OffsetDateTime, UtcOffset};
use url::Url;

use crate::call_usage::call_usage;
use crate::error_responses::find_error;
use crate::numeric_id::NumericId;
use crate::paging::Paging;
use crate::transport::HttpResponse;

/// `2026-11-25T10:00:00+0000`: unlike in RFC 3339, the offset has no colon.
const TIMESTAMP: &[BorrowedFormatItem<'_>] =
    format_description!("[year]-[month]-[day]T[hour]:[minute]:[second][offset_hour sign:mandatory][offset_minute]");

/// One page of an account's posts.
#[derive(Debug)]
pub(crate) struct MediaPage {
    pub(crate) posts: Vec<Media>,
    /// Number of posts that could not be read.
    pub(crate) unreadable: usize,
    /// The cursor of the next page, if there is one.
    pub(crate) after: Option<String>,
    pub(crate) usage: Option<CallUsage>,
}

#[derive(Deserialize)]
struct Page {
    data: Vec<Readable<Post>>,
    paging: Option<Paging>,
}

/// An element of a list, if it has the expected form.
#[derive(Deserialize)]
#[serde(untagged)]
enum Readable<T> {
    Yes(T),
    No(IgnoredAny),
}

impl<T> Readable<T> {
    fn read(self) -> Option<T> {
        match self {
            Self::Yes(value) => Some(value),
            Self::No(IgnoredAny) => None,
        }
    }
}

#[derive(Deserialize)]
struct Post {
    id: NumericId,
    timestamp: String,
    media_type: Option<String>,
    media_product_type: Option<String>,
    is_shared_to_feed: Option<bool>,
    permalink: Option<String>,
    caption: Option<String>,
    alt_text: Option<String>,
    username: Option<String>,
    like_count: Option<u64>,
    comments_count: Option<u64>,
    media_url: Option<String>,
    thumbnail_url: Option<String>,
    children: Option<Children>,
}

#[derive(Deserialize)]
struct Children {
    data: Vec<Readable<Child>>,
}

#[derive(Deserialize)]
struct Child {
    id: NumericId,
    media_type: Option<String>,
    alt_text: Option<String>,
    media_url: Option<String>,
    thumbnail_url: Option<String>,
}

/// Parses a page. The error table decides about everything that is not a page.
pub(crate) fn media_page(response: &HttpResponse) -> Result<MediaPage, ProviderError> {
    // Not after a search for an error, which would copy the link with the token.
    let page = serde_json::from_slice::<Page>(&response.body).ok().filter(|_| response.status.is_success());
    let Some(Page { data, paging }) = page else {
        let unreadable = || ProviderError::new(ProviderErrorKind::Unreadable);
        return Err(find_error(response).unwrap_or_else(unreadable));
    };
    let length = data.len();
    let posts: Vec<Media> = data.into_iter().filter_map(|post| post.read()?.media()).collect();
    Ok(MediaPage {
        unreadable: length - posts.len(),
        posts,
        after: paging.and_then(Paging::after),
        usage: call_usage(&response.headers),
    })
}

impl Post {
    /// `None` without a valid id and a valid time.
    fn media(self) -> Option<Media> {
        let kind = media_kind(self.media_type);
        let children = self.children.filter(|_| kind == MediaKind::Album).map_or_else(Vec::new, |album| album.data);
        Some(Media {
            id: self.id.parse()?,
            published_at: parse_timestamp(&self.timestamp)?,
            is_reel: self.media_product_type.as_deref() == Some("REELS"),
            shared_to_feed: self.is_shared_to_feed,
            permalink: self.permalink.and_then(|link| Url::parse(&link).ok()).filter(|link| link.scheme() == "https"),
            caption: not_empty(self.caption),
            alt_text: not_empty(self.alt_text),
            username: not_empty(self.username).map(|name| visible(&name).into_owned()),
            likes: self.like_count,
            comments: self.comments_count,
            files: files(self.media_url, self.thumbnail_url),
            children: children.into_iter().filter_map(|child| child.read()?.media_child()).collect(),
            kind,
        })
    }
}

impl Child {
    fn media_child(self) -> Option<MediaChild> {
        Some(MediaChild {
            id: self.id.parse()?,
            kind: media_kind(self.media_type),
            alt_text: not_empty(self.alt_text),
            files: files(self.media_url, self.thumbnail_url),
        })
    }
}

fn media_kind(name: Option<String>) -> MediaKind {
    let name = name.unwrap_or_default();
    match name.as_str() {
        "IMAGE" => MediaKind::Image,
        "VIDEO" => MediaKind::Video,
        "CAROUSEL_ALBUM" => MediaKind::Album,
        _ => MediaKind::Other(visible(&name).into_owned()),
    }
}

/// Links that the sandbox serves are not HTTPS.
fn files(media_url: Option<String>, thumbnail_url: Option<String>) -> MediaFiles {
    let web_link = |link: String| Url::parse(&link).ok().filter(|link| matches!(link.scheme(), "https" | "http"));
    MediaFiles { media_url: media_url.and_then(web_link), thumbnail_url: thumbnail_url.and_then(web_link) }
}

fn not_empty(text: Option<String>) -> Option<String> {
    text.filter(|text| !text.is_empty())
}

/// `None` also for a time that has another year in UTC than a date can have.
fn parse_timestamp(text: &str) -> Option<OffsetDateTime> {
    let time = OffsetDateTime::parse(text, TIMESTAMP).or_else(|_| OffsetDateTime::parse(text, &Rfc3339)).ok()?;
    time.checked_to_offset(UtcOffset::UTC)
}

#[cfg(test)]
mod tests {
    use evertoken_core::media::MediaId;
    use proptest::prelude::*;
    use reqwest::StatusCode;
    use reqwest::header::HeaderMap;
    use serde_json::{Value, json};
    use time::macros::datetime;

    use super::*;

    fn response(status: StatusCode, body: &str) -> HttpResponse {
        HttpResponse { status, headers: HeaderMap::new(), body: body.as_bytes().to_vec().into() }
    }

    fn page(posts: &Value) -> MediaPage {
        media_page(&response(StatusCode::OK, &json!({ "data": posts }).to_string())).unwrap()
    }

    /// The post with only the required keys and these.
    fn post(keys: Value) -> Value {
        let mut post = json!({"id": "17900000000000001", "timestamp": "2026-11-25T10:00:00+0000"});
        let Value::Object(keys) = keys else { panic!("keys of a post") };
        post.as_object_mut().unwrap().extend(keys);
        post
    }

    fn only(posts: &Value) -> Media {
        let mut page = page(posts);
        assert_eq!((page.posts.len(), page.unreadable), (1, 0), "{posts}");
        page.posts.remove(0)
    }

    #[test]
    fn reads_every_key_of_a_post() {
        let album = post(json!({
            "caption": "Two <b>cups</b>\n☕", "alt_text": "Cups", "media_type": "CAROUSEL_ALBUM",
            "media_product_type": "FEED", "media_url": "https://scontent.cdninstagram.com/1.jpg?oe=6A1B2C3D",
            "permalink": "https://www.instagram.com/p/abc/", "username": "blue_bottle", "like_count": 12,
            "comments_count": 3, "is_shared_to_feed": true, "unknown_key": {},
            "children": {"data": [
                {"id": 17_900_000_000_000_002_u64, "media_type": "IMAGE", "media_url": "https://cdn.example/2.jpg"},
                {"id": "17900000000000003", "media_type": "VIDEO", "media_url": "https://cdn.example/3.mp4",
                 "thumbnail_url": "https://cdn.example/3.jpg", "alt_text": "A barista"},
                {"media_type": "IMAGE"},
                {"id": "17900000000000004"},
                5,
            ]},
        }));
        let url = |text: &str| Some(Url::parse(text).unwrap());
        let id = |text: &str| text.parse::<MediaId>().unwrap();
        let child = |number, kind, alt_text: Option<&str>, files| MediaChild {
            id: id(number),
            kind,
            alt_text: alt_text.map(str::to_owned),
            files,
        };
        let video_files =
            MediaFiles { media_url: url("https://cdn.example/3.mp4"), thumbnail_url: url("https://cdn.example/3.jpg") };
        let image_files = MediaFiles { media_url: url("https://cdn.example/2.jpg"), thumbnail_url: None };
        let expected = Media {
            id: id("17900000000000001"),
            kind: MediaKind::Album,
            is_reel: false,
            shared_to_feed: Some(true),
            permalink: url("https://www.instagram.com/p/abc/"),
            caption: Some("Two <b>cups</b>\n☕".to_owned()),
            alt_text: Some("Cups".to_owned()),
            published_at: datetime!(2026-11-25 10:00 UTC),
            username: Some("blue_bottle".to_owned()),
            likes: Some(12),
            comments: Some(3),
            files: MediaFiles {
                media_url: url("https://scontent.cdninstagram.com/1.jpg?oe=6A1B2C3D"),
                thumbnail_url: None,
            },
            children: vec![
                child("17900000000000002", MediaKind::Image, None, image_files),
                child("17900000000000003", MediaKind::Video, Some("A barista"), video_files),
                child("17900000000000004", MediaKind::Other(String::new()), None, MediaFiles::default()),
            ],
        };
        assert_eq!(only(&json!([album])), expected);
    }

    #[test]
    fn only_the_id_and_the_time_are_required() {
        let nulls = json!({
            "caption": null, "alt_text": null, "media_type": null, "media_product_type": null, "media_url": null,
            "thumbnail_url": null, "permalink": null, "username": null, "like_count": null, "comments_count": null,
            "is_shared_to_feed": null, "children": null,
        });
        let bare = only(&json!([post(json!({}))]));
        assert_eq!(bare.kind, MediaKind::Other(String::new()));
        assert_eq!((bare.likes, bare.caption.as_ref(), bare.shared_to_feed), (None, None, None));
        for same in [nulls, json!({"caption": "", "alt_text": "", "username": ""})] {
            assert_eq!(only(&json!([post(same)])), bare);
        }
    }

    #[test]
    fn a_post_that_cannot_be_read_is_counted_and_hides_no_other() {
        let unreadable = json!([
            {"id": "1"},
            {"timestamp": "2026-11-25T10:00:00+0000"},
            post(json!({"id": "../x"})),
            post(json!({"id": ""})),
            post(json!({"id": 1.5})),
            post(json!({"id": -1})),
            post(json!({"timestamp": "yesterday"})),
            post(json!({"timestamp": "2026-13-25T10:00:00+0000"})),
            // The year 10000 in UTC.
            post(json!({"timestamp": "9999-12-31T23:59:59-1200"})),
            post(json!({"timestamp": 1_764_064_800})),
            post(json!({"caption": {"text": "x"}})),
            post(json!({"like_count": -1})),
            post(json!({"like_count": "12"})),
            post(json!({"children": []})),
            post(json!({"media_type": 7})),
            null,
            "text",
            [],
            post(json!({"id": 17_900_000_000_000_009_u64})),
        ]);
        let page = page(&unreadable);
        let ids: Vec<_> = page.posts.iter().map(|post| post.id.as_str()).collect();
        assert_eq!((ids, page.unreadable), (vec!["17900000000000009"], 18));
    }

    #[test]
    fn a_kind_that_does_not_exist_today_keeps_its_name() {
        for (name, kind) in [
            ("IMAGE", MediaKind::Image),
            ("VIDEO", MediaKind::Video),
            ("CAROUSEL_ALBUM", MediaKind::Album),
            ("HOLOGRAM", MediaKind::Other("HOLOGRAM".to_owned())),
            ("image", MediaKind::Other("image".to_owned())),
            ("A\u{202e}\n", MediaKind::Other("A\\u{202e}\\u{a}".to_owned())),
        ] {
            assert_eq!(only(&json!([post(json!({"media_type": name}))])).kind, kind);
        }
        let reel = post(json!({"media_type": "VIDEO", "media_product_type": "REELS", "is_shared_to_feed": false}));
        let reel = only(&json!([reel]));
        assert_eq!((reel.is_reel, reel.shared_to_feed), (true, Some(false)));
        let children = json!({"media_type": "IMAGE", "children": {"data": [{"id": "2"}]}});
        assert_eq!(only(&json!([post(children)])).children, [], "only albums have children");
    }

    #[test]
    fn a_link_that_is_no_web_address_is_left_out() {
        for link in
            ["javascript:alert(1)", "data:image/svg+xml,<svg/>", "file:///etc/passwd", "/p/abc/", "https://", ""]
        {
            let media = post(json!({"permalink": link, "media_url": link, "thumbnail_url": link}));
            let media = only(&json!([media]));
            assert_eq!((media.permalink, media.files), (None, MediaFiles::default()), "{link}");
        }
        let http = only(&json!([post(json!({"permalink": "http://a.example/", "media_url": "http://a.example/"}))]));
        assert_eq!((http.permalink.is_some(), http.files.media_url.is_some()), (false, true));
    }

    #[test]
    fn reads_both_notations_of_an_offset() {
        for text in [
            "2026-11-25T10:00:00+0000",
            "2026-11-25T10:00:00Z",
            "2026-11-25T12:30:00+02:30",
            "2026-11-25T02:00:00-0800",
        ] {
            assert_eq!(parse_timestamp(text), Some(datetime!(2026-11-25 10:00 UTC)), "{text}");
        }
    }

    #[test]
    fn there_is_a_next_page_only_if_meta_links_to_it() {
        let cursors = r#""cursors":{"before":"A","after":"B"}"#;
        for (paging, after) in [
            (format!(r#"{{{cursors},"next":"https://graph.instagram.com/?access_token=IGAA"}}"#), Some("B")),
            (format!("{{{cursors}}}"), None),
            (format!(r#"{{{cursors},"next":null}}"#), None),
            (r#"{"next":"https://graph.instagram.com/"}"#.to_owned(), None),
            ("null".to_owned(), None),
        ] {
            let page = media_page(&response(StatusCode::OK, &format!(r#"{{"data":[],"paging":{paging}}}"#))).unwrap();
            assert_eq!(page.after.as_deref(), after, "{paging}");
        }
    }

    #[test]
    fn an_error_is_never_taken_for_an_empty_list() {
        let expired = r#"{"error":{"message":"x","type":"OAuthException","code":190,"error_subcode":463}}"#;
        let table = [
            (StatusCode::OK, expired, ProviderErrorKind::Expired),
            (StatusCode::BAD_REQUEST, expired, ProviderErrorKind::Expired),
            (StatusCode::BAD_GATEWAY, r#"{"data":[]}"#, ProviderErrorKind::Unavailable),
            (StatusCode::FOUND, r#"{"data":[]}"#, ProviderErrorKind::Unreadable),
            (StatusCode::OK, "{}", ProviderErrorKind::Unreadable),
            (StatusCode::OK, r#"{"data":{}}"#, ProviderErrorKind::Unreadable),
            (StatusCode::OK, "<html>", ProviderErrorKind::Unreadable),
            (StatusCode::OK, r#"{"data":[],"paging":5}"#, ProviderErrorKind::Unreadable),
        ];
        for (status, body, kind) in table {
            assert_eq!(media_page(&response(status, body)).unwrap_err().kind, kind, "{body}");
        }
    }

    proptest! {
        #[test]
        fn arbitrary_values_cause_no_panic(id in ".{0,40}", time in "[0-9T:+Z.-]{0,30}", link in ".{0,60}", count in any::<i64>()) {
            let media = json!({"id": id, "timestamp": time, "media_url": link, "permalink": link, "like_count": count});
            let page = page(&json!([media, post(json!({"caption": link, "permalink": link}))]));
            prop_assert_eq!(page.posts.len() + page.unreadable, 2);
            prop_assert!(page.posts.iter().flat_map(|post| &post.permalink).all(|link| link.scheme() == "https"));
        }
    }
}
