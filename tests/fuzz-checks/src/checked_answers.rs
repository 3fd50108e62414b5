//! What must hold of everything that a provider makes of a response.

use std::collections::HashSet;

use evertoken_core::media::MediaList;
use evertoken_core::provider::Profile;
use evertoken_core::provider_error::ProviderError;
use evertoken_core::secrets::AccessToken;
use evertoken_core::token::LongLivedToken;
use evertoken_core::visible_text::is_hidden;
use time::Duration;

use crate::planted_token::assert_absent;

/// How many posts a list may have. More than one response may contain, so that paging ends by itself.
pub(crate) const LIMIT: usize = 100;

/// Whether the answer is a success, checked; an error must not show the token.
pub(crate) fn ok<T>(answer: Result<T, ProviderError>, check: impl FnOnce(&T)) -> bool {
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

pub(crate) fn assert_is_token(token: &AccessToken) {
    assert!(!token.is_empty() && token.expose().trim() == token.expose());
}

pub(crate) fn assert_is_plausible(token: &LongLivedToken) {
    assert_is_token(&token.token);
    assert!((Duration::ZERO..=Duration::days(3650)).contains(&token.expires_in), "{:?}", token.expires_in);
}

pub(crate) fn assert_is_visible(profile: &Profile) {
    assert!(!profile.username.contains(is_hidden) && !profile.account_type.contains(is_hidden), "{profile:?}");
}

pub(crate) fn assert_is_bounded(list: &MediaList) {
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
