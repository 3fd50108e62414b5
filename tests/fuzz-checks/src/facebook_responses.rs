//! Responses of Facebook, or of something between Facebook and us, one after the other. An error is never taken for a token or
//! an account, no message contains a token, no page is listed without end, and a page token that expires is never proven.

use std::future::Future;
use std::sync::{Arc, LazyLock};

use evertoken_core::app::App;
use evertoken_core::clock::Clock;
use evertoken_core::credentials::{AppCredentials, CredentialsError};
use evertoken_core::document::{Document, ProviderName, TokenKind};
use evertoken_core::login::new_document;
use evertoken_core::media::MediaSource;
use evertoken_core::provider::{FacebookAccess, GrantedAccount, Provider, TokenApi};
use evertoken_core::scopes::Scopes;
use evertoken_core::secrets::{AccessToken, AuthorizationCode};
use evertoken_core::visible_text::is_hidden;
use evertoken_instagram::{AdoptError, FacebookEndpoints, FacebookLogin};
use time::OffsetDateTime;
use tokio::runtime::Runtime;
use url::Url;

use crate::checked_answers::{LIMIT, assert_is_bounded, assert_is_plausible, assert_is_token, assert_is_visible, ok};
use crate::fixed_response::{FixedResponse, FixedTransport, answer_with};
use crate::provider::{profile, token};
use crate::signed_texts::NOW;

/// The page that the checked document came from.
const PAGE: &str = "100641205793102";

#[derive(Clone, Copy, Debug)]
struct FixedClock;

impl Clock for FixedClock {
    fn now(&self) -> OffsetDateTime {
        NOW
    }
}

#[derive(Clone, Copy, Debug)]
struct MetaPair;

impl AppCredentials for MetaPair {
    async fn app(&self) -> Result<Arc<App>, CredentialsError> {
        Ok(Arc::new(app().with_meta("2", "test-meta-secret").expect("an app")))
    }
}

fn app() -> App {
    App::new("2", "test-meta-secret", &[]).expect("an app")
}

static RUNTIME: LazyLock<Runtime> =
    LazyLock::new(|| tokio::runtime::Builder::new_current_thread().build().expect("a runtime"));

static FACEBOOK: LazyLock<FacebookLogin<MetaPair, FixedTransport>> = LazyLock::new(|| {
    let origin = Url::parse("https://graph.facebook.com").expect("a URL");
    let endpoints = FacebookEndpoints::on_one_origin(&origin);
    FacebookLogin::with_transport(FixedTransport, endpoints, MetaPair, Arc::new(FixedClock)).expect("a client")
});

fn granted() -> GrantedAccount {
    let access = FacebookAccess {
        token_kind: TokenKind::Page,
        page_id: Some(PAGE.parse().expect("an id")),
        page_name: None,
        account_name: None,
        picture_url: None,
        data_access_expires_at: None,
    };
    GrantedAccount { profile: profile(), token: token(), facebook: Some(access) }
}

fn document() -> Document {
    let scopes: Scopes = std::iter::once("instagram_basic").collect();
    new_document(ProviderName::Facebook, &"shop-de".parse().expect("a name"), scopes, granted(), NOW)
}

/// Runs one call, which gets the responses from the first one on.
fn call<T>(responses: &[FixedResponse], call: impl Future<Output = T>) -> T {
    answer_with(responses);
    RUNTIME.block_on(call)
}

/// Checks a sequence of responses, as [`FixedResponse::parse_all`] reads it.
pub fn check(data: &[u8]) -> bool {
    let responses = FixedResponse::parse_all(data);
    let Some(first) = responses.first() else { return false };
    let may_succeed = first.status.is_success() && !first.names_an_error();
    let (app, code, person) = (app(), AuthorizationCode::new("code"), token());
    let redirect_uri = Url::parse("https://login.example.com/callback").expect("a URL");
    let earlier = AccessToken::new("EAAearlier");
    let accepted = [
        ok(call(&responses, FACEBOOK.exchange_code(&app, &code, &redirect_uri)), |token| assert_is_token(&token.token)),
        ok(call(&responses, FACEBOOK.extend(&app, &earlier)), assert_is_plausible),
        ok(call(&responses, FACEBOOK.accounts(&app, &person)), |granted| {
            granted.accounts.iter().for_each(assert_is_account);
        }),
        ok(call(&responses, FACEBOOK.prove(&app, granted())), assert_is_proven),
        ok(call(&responses, FACEBOOK.check(&document())), |checked| {
            assert!(!checked.username.contains(is_hidden), "{checked:?}");
        }),
        ok(call(&responses, FACEBOOK.media(&document(), LIMIT)), assert_is_bounded),
        match call(&responses, FACEBOOK.adopt(&earlier)) {
            Ok(accounts) => ok(Ok(accounts), |accounts| accounts.iter().for_each(assert_is_proven)),
            Err(AdoptError::Provider(error)) => ok::<()>(Err(error), |()| ()),
            Err(AdoptError::PersonsToken | AdoptError::OtherKind) => false,
        },
    ];
    let accepted = accepted.contains(&true);
    assert!(!accepted || may_succeed, "an error was taken for a success");
    accepted
}

fn assert_is_account(account: &GrantedAccount) {
    assert_is_visible(&account.profile);
    assert_is_token(&account.token.token);
    let access = account.facebook.as_ref().expect("an account of Facebook Login");
    let names = [&access.page_name, &access.account_name];
    assert!(!names.into_iter().flatten().any(|name| name.contains(is_hidden)), "{access:?}");
}

/// A proven page token has no end.
fn assert_is_proven(account: &GrantedAccount) {
    assert_is_account(account);
    let access = account.facebook.as_ref().expect("an account of Facebook Login");
    assert!(access.token_kind != TokenKind::Page || account.token.expires_in.is_zero(), "a page token that expires");
}
