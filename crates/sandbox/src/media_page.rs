//! Pages of a list of posts: `limit`, and a cursor in `after` or `before`.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use time::OffsetDateTime;

use crate::account::InstagramId;
use crate::graph_rejection::GraphRejection;
use crate::params::Params;
use crate::post::Post;

/// Instagram's default is not documented; assumed.
const DEFAULT_LIMIT: usize = 25;

/// Instagram's documented maximum.
const MAX_LIMIT: usize = 100;

type Key = (OffsetDateTime, InstagramId);

enum Start {
    Newest,
    After(Key),
    Before(Key),
}

pub(crate) struct PageRequest {
    limit: usize,
    start: Start,
}

pub(crate) struct Page<'a> {
    pub(crate) posts: &'a [Post],
    pub(crate) has_previous: bool,
    pub(crate) has_next: bool,
}

impl PageRequest {
    pub(crate) fn parse(params: &Params) -> Result<Self, GraphRejection> {
        let limit = match params.get("limit").map(str::parse) {
            None => DEFAULT_LIMIT,
            Some(Ok(limit)) if (1..=MAX_LIMIT).contains(&limit) => limit,
            Some(_) => return Err(GraphRejection::InvalidParameter("limit")),
        };
        let start = match (params.get("after"), params.get("before")) {
            (None, None) => Start::Newest,
            (Some(after), _) => Start::After(parse_cursor(after).ok_or(GraphRejection::InvalidParameter("after"))?),
            (None, Some(before)) => {
                Start::Before(parse_cursor(before).ok_or(GraphRejection::InvalidParameter("before"))?)
            }
        };
        Ok(Self { limit, start })
    }

    /// The page of a list that is sorted by descending key. A cursor stays valid if its post is deleted.
    pub(crate) fn of<'a>(&self, posts: &'a [Post]) -> Page<'a> {
        let (start, end) = match self.start {
            Start::Newest => (0, self.limit),
            Start::After(key) => {
                let start = posts.partition_point(|post| post.key() >= key);
                (start, start.saturating_add(self.limit))
            }
            Start::Before(key) => {
                let end = posts.partition_point(|post| post.key() > key);
                (end.saturating_sub(self.limit), end)
            }
        };
        let end = end.min(posts.len());
        Page { posts: posts.get(start..end).unwrap_or_default(), has_previous: start > 0, has_next: end < posts.len() }
    }
}

/// The cursor of a post. Like Instagram's, it is an opaque text.
pub(crate) fn cursor(post: &Post) -> String {
    URL_SAFE_NO_PAD.encode(format!("{}:{}", post.timestamp.unix_timestamp_nanos(), post.id))
}

fn parse_cursor(cursor: &str) -> Option<Key> {
    let text = String::from_utf8(URL_SAFE_NO_PAD.decode(cursor).ok()?).ok()?;
    let (timestamp, id) = text.split_once(':')?;
    Some((OffsetDateTime::from_unix_timestamp_nanos(timestamp.parse().ok()?).ok()?, id.parse().ok()?))
}
