//! A transport that answers with the responses that an input describes.

use std::cell::RefCell;

use evertoken_core::provider_error::ProviderError;
use evertoken_instagram::{HttpResponse, Transport};
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use reqwest::{Request, StatusCode};
use serde_json::Value;

use crate::planted_token::plant;

/// Answers the requests of a thread with the responses of [`answer_with`] in turn, the last one again and again.
#[derive(Clone, Copy, Debug)]
pub(crate) struct FixedTransport;

/// A response.
#[derive(Clone, Debug)]
pub(crate) struct FixedResponse {
    pub(crate) status: StatusCode,
    headers: HeaderMap,
    body: Vec<u8>,
}

thread_local! {
    /// The responses that are left, the last one first.
    static RESPONSES: RefCell<Vec<FixedResponse>> = const { RefCell::new(Vec::new()) };
}

/// Sets the responses to the next requests of this thread.
pub(crate) fn answer_with(responses: &[FixedResponse]) {
    RESPONSES.with_borrow_mut(|left| *left = responses.iter().rev().cloned().collect());
}

fn next_response() -> FixedResponse {
    let next = RESPONSES.with_borrow_mut(|left| if left.len() > 1 { left.pop() } else { left.last().cloned() });
    next.expect("a response")
}

impl Transport for FixedTransport {
    async fn send(&self, _: Request, _: usize) -> Result<HttpResponse, ProviderError> {
        let FixedResponse { status, headers, body } = next_response();
        Ok(HttpResponse { status, headers, body: body.into() })
    }
}

/// What stands between two responses of an input.
const NEXT: &str = "\n----\n";

impl FixedResponse {
    /// Parses an input of several responses; empty if one of them is not valid.
    pub(crate) fn parse_all(data: &[u8]) -> Vec<Self> {
        let Ok(text) = std::str::from_utf8(data) else { return Vec::new() };
        let responses: Option<Vec<Self>> = text.split(NEXT).map(|response| Self::parse(response.as_bytes())).collect();
        responses.unwrap_or_default()
    }

    /// Parses one response: the status on the first line, then headers, then an empty line and the body. `{token}` stands for a
    /// token.
    pub(crate) fn parse(data: &[u8]) -> Option<Self> {
        let end = data.windows(2).position(|pair| pair == b"\n\n")?;
        let mut lines = std::str::from_utf8(&data[..end]).ok()?.lines();
        let status = StatusCode::from_u16(lines.next()?.parse().ok()?).ok()?;
        let header = |line: &str| {
            let (name, value) = line.split_once(": ")?;
            Some((name.parse::<HeaderName>().ok()?, HeaderValue::from_str(value).ok()?))
        };
        let body = &data[end + 2..];
        let body = plant(body).map_or_else(|| body.to_vec(), String::into_bytes);
        Some(Self { status, headers: lines.filter_map(header).collect(), body })
    }

    /// Whether the body is an error in the Graph API's form, with no other key that might make it unreadable.
    pub(crate) fn names_an_error(&self) -> bool {
        let body: Option<Value> = serde_json::from_slice(&self.body).ok();
        let error = body.as_ref().and_then(|body| body.get("error")?.as_object());
        error.is_some_and(|error| error.len() == 1 && error.get("code").is_some_and(Value::is_i64))
    }
}
