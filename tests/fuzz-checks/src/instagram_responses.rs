//! Responses of Instagram, or of something between Instagram and us. An error is never taken for a token, no message
//! contains a token, no lifetime overflows a date, and no list of posts exceeds its limit or links to anything but the web.

use std::collections::HashSet;
use std::sync::{LazyLock, Mutex};

use evertoken_core::app::App;
use evertoken_core::media::MediaList;
use evertoken_core::provider::{Profile, Provider};
use evertoken_core::provider_error::ProviderError;
use evertoken_core::secrets::{AccessToken, AuthorizationCode};
use evertoken_core::token::LongLivedToken;
use evertoken_core::visible_text::is_hidden;
use evertoken_instagram::{Endpoints, HttpResponse, InstagramLogin, Transport};
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use reqwest::{Request, StatusCode};
use serde_json::Value;
use time::Duration;
use tokio::runtime::Runtime;
use url::Url;

use crate::planted_token::{assert_absent, plant};

/// How many posts a list may have. More than one response may contain, so that paging ends by itself.
const LIMIT: usize = 100;

/// Answers every request with one response.
#[derive(Clone, Copy, Debug)]
struct FixedTransport;

static RESPONSE: Mutex<Option<(StatusCode, HeaderMap, Vec<u8>)>> = Mutex::new(None);

impl Transport for FixedTransport {
    async fn send(&self, _: Request, _: usize) -> Result<HttpResponse, ProviderError> {
        let response = RESPONSE.lock().expect("one thread").clone();
        let (status, headers, body) = response.expect("a response");
        Ok(HttpResponse { status, headers, body: body.into() })
    }
}

static RUNTIME: LazyLock<Runtime> =
    LazyLock::new(|| tokio::runtime::Builder::new_current_thread().build().expect("a runtime"));

static INSTAGRAM: LazyLock<InstagramLogin<FixedTransport>> = LazyLock::new(|| {
    let origin = Url::parse("https://graph.instagram.com").expect("a URL");
    InstagramLogin::with_transport(FixedTransport, Endpoints::on_one_origin(&origin)).expect("a client")
});

/// Checks a response: the status on the first line, then headers, then an empty line and the body. `{token}` stands for a
/// token.
pub fn check(data: &[u8]) -> bool {
    let Some(response) = parse(data) else { return false };
    let (status, is_error) = (response.0, names_an_error(&response.2));
    *RESPONSE.lock().expect("one thread") = Some(response);
    let app = App::new("1", "test-app-secret", &[]).expect("an app");
    let (code, token) = (AuthorizationCode::new("code"), AccessToken::new("IGAAearlier"));
    let redirect_uri = Url::parse("https://login.example.com/callback").expect("a URL");
    let (short_lived, extended, refreshed, profile, media) = RUNTIME.block_on(async {
        (
            INSTAGRAM.exchange_code(&app, &code, &redirect_uri).await,
            INSTAGRAM.extend(&app, &token).await,
            INSTAGRAM.renew(&token).await,
            INSTAGRAM.profile(&token).await,
            INSTAGRAM.list_posts(&token, LIMIT).await,
        )
    });
    let accepted = [
        ok(short_lived, |short_lived| assert_is_token(&short_lived.token)),
        ok(extended, |extended| {
            assert!(extended.expires_in.is_positive());
            assert_is_plausible(extended);
        }),
        ok(refreshed, assert_is_plausible),
        ok(profile, assert_is_visible),
        ok(media, assert_is_bounded),
    ];
    let accepted = accepted.contains(&true);
    assert!(!accepted || (status.is_success() && !is_error), "an error was taken for a success");
    accepted
}

fn parse(data: &[u8]) -> Option<(StatusCode, HeaderMap, Vec<u8>)> {
    let end = data.windows(2).position(|pair| pair == b"\n\n")?;
    let mut lines = std::str::from_utf8(&data[..end]).ok()?.lines();
    let status = StatusCode::from_u16(lines.next()?.parse().ok()?).ok()?;
    let header = |line: &str| {
        let (name, value) = line.split_once(": ")?;
        Some((name.parse::<HeaderName>().ok()?, HeaderValue::from_str(value).ok()?))
    };
    let body = &data[end + 2..];
    Some((status, lines.filter_map(header).collect(), plant(body).map_or_else(|| body.to_vec(), String::into_bytes)))
}

/// Whether the body is an error in the Graph API's form, with no other key that might make it unreadable.
fn names_an_error(body: &[u8]) -> bool {
    let body: Option<Value> = serde_json::from_slice(body).ok();
    let error = body.as_ref().and_then(|body| body.get("error")?.as_object());
    error.is_some_and(|error| error.len() == 1 && error.get("code").is_some_and(Value::is_i64))
}

fn ok<T>(answer: Result<T, ProviderError>, check: impl FnOnce(&T)) -> bool {
    match answer {
        Ok(answer) => {
            check(&answer);
            true
        }
        Err(error) => {
            assert_absent(&format!("{error} {error:?} {}", error.message()));
            assert!(error.retry_after.is_none_or(|wait| !wait.is_negative()), "{error:?}");
            false
        }
    }
}

fn assert_is_token(token: &AccessToken) {
    assert!(!token.is_empty() && token.expose().trim() == token.expose());
}

fn assert_is_plausible(token: &LongLivedToken) {
    assert_is_token(&token.token);
    assert!((Duration::ZERO..=Duration::days(3650)).contains(&token.expires_in), "{:?}", token.expires_in);
}

fn assert_is_visible(profile: &Profile) {
    assert!(!profile.username.contains(is_hidden) && !profile.account_type.contains(is_hidden), "{profile:?}");
}

fn assert_is_bounded(list: &MediaList) {
    assert!(list.posts.len() <= LIMIT);
    assert!(list.posts.is_sorted_by(|newer, older| newer.published_at >= older.published_at));
    let ids: HashSet<_> = list.posts.iter().map(|post| &post.id).collect();
    assert_eq!(ids.len(), list.posts.len(), "a post is listed twice");
    for post in &list.posts {
        assert!(post.published_at.offset().is_utc());
        assert!(post.permalink.iter().all(|link| link.scheme() == "https"), "{:?}", post.permalink);
        assert!(!post.username.iter().any(|name| name.contains(is_hidden)), "{:?}", post.username);
        let files = std::iter::once(&post.files).chain(post.children.iter().map(|child| &child.files));
        for link in files.flat_map(|files| files.media_url.iter().chain(&files.thumbnail_url)) {
            assert!(["https", "http"].contains(&link.scheme()), "{link}");
        }
    }
}
