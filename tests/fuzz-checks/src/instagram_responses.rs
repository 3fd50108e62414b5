//! Responses of Instagram, or of something between Instagram and us. An error is never taken for a token, no message
//! contains a token, no lifetime overflows a date, and no list of posts exceeds its limit or links to anything but the web.

use std::sync::LazyLock;

use evertoken_core::app::App;
use evertoken_core::provider::Provider;
use evertoken_core::secrets::{AccessToken, AuthorizationCode};
use evertoken_instagram::{Endpoints, InstagramLogin};
use tokio::runtime::Runtime;
use url::Url;

use crate::checked_answers::{LIMIT, assert_is_bounded, assert_is_plausible, assert_is_token, assert_is_visible, ok};
use crate::fixed_response::{FixedResponse, FixedTransport, answer_with};

static RUNTIME: LazyLock<Runtime> =
    LazyLock::new(|| tokio::runtime::Builder::new_current_thread().build().expect("a runtime"));

static INSTAGRAM: LazyLock<InstagramLogin<FixedTransport>> = LazyLock::new(|| {
    let origin = Url::parse("https://graph.instagram.com").expect("a URL");
    InstagramLogin::with_transport(FixedTransport, Endpoints::on_one_origin(&origin)).expect("a client")
});

/// Checks a response, as [`FixedResponse::parse`] reads it.
pub fn check(data: &[u8]) -> bool {
    let Some(response) = FixedResponse::parse(data) else { return false };
    let (status, is_error) = (response.status, response.names_an_error());
    answer_with(&[response]);
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
