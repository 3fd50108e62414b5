//! Pages of a list: `limit`, and a cursor in `after` or `before`.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};
use url::form_urlencoded;

use crate::facebook::id::FacebookId;
use crate::facebook::rejection::FacebookRejection;
use crate::graph_request::GraphRequest;

const DEFAULT_LIMIT: usize = 25;

/// Facebook returns at most this many, whatever the request asks for. The number is assumed.
const MAX_LIMIT: usize = 100;

/// Part of a list.
pub(crate) struct Part<'a, T> {
    pub(crate) items: &'a [T],
    /// Left out of an empty list.
    pub(crate) paging: Option<Value>,
}

/// The requested part of a list.
pub(crate) fn part<'a, T>(
    items: &'a [T],
    id: impl Fn(&T) -> FacebookId,
    request: &GraphRequest,
) -> Result<Part<'a, T>, FacebookRejection> {
    let limit = match request.params.get("limit").map(str::parse::<usize>) {
        None => DEFAULT_LIMIT,
        Some(Ok(limit)) if limit > 0 => limit.min(MAX_LIMIT),
        Some(_) => return Err(FacebookRejection::InvalidParameter("limit")),
    };
    let position = |name: &'static str| {
        let cursor = request.params.get(name);
        let found = cursor.map(|cursor| items.iter().position(|item| Some(id(item)) == parse_cursor(cursor)));
        found.map(|position| position.ok_or(FacebookRejection::InvalidParameter(name))).transpose()
    };
    let (start, end) = match (position("after")?, position("before")?) {
        (Some(after), _) => (after.saturating_add(1), after.saturating_add(1).saturating_add(limit)),
        (None, Some(before)) => (before.saturating_sub(limit), before),
        (None, None) => (0, limit),
    };
    let end = end.min(items.len());
    let shown = items.get(start..end).unwrap_or_default();
    let cursors = shown.first().zip(shown.last()).map(|(first, last)| (cursor(id(first)), cursor(id(last))));
    let paging = cursors.map(|(first, last)| {
        let mut paging = json!({"cursors": {"before": first, "after": last}});
        let links = [("next", end < items.len(), "after", &last), ("previous", start > 0, "before", &first)];
        for (key, _, name, cursor) in links.into_iter().filter(|(_, exists, ..)| *exists) {
            if let Some(members) = paging.as_object_mut() {
                members.insert(key.to_owned(), link(request, name, cursor).into());
            }
        }
        paging
    });
    Ok(Part { items: shown, paging })
}

/// As on Facebook, the link contains the token. It does not contain the proof, because Facebook does not know that the
/// client can be trusted with it; assumed.
fn link(request: &GraphRequest, name: &str, cursor: &str) -> String {
    let params = ["access_token", "fields", "limit"].into_iter().filter_map(|name| {
        let value = if name == "access_token" { request.token() } else { request.params.get(name) };
        Some((name, value?))
    });
    let query: String =
        form_urlencoded::Serializer::new(String::new()).extend_pairs(params.chain([(name, cursor)])).finish();
    format!("{}{}?{query}", request.origin, request.path)
}

fn cursor(id: FacebookId) -> String {
    URL_SAFE_NO_PAD.encode(format!("QVFI:{id}"))
}

fn parse_cursor(cursor: &str) -> Option<FacebookId> {
    let text = String::from_utf8(URL_SAFE_NO_PAD.decode(cursor).ok()?).ok()?;
    text.strip_prefix("QVFI:")?.parse().ok()
}
