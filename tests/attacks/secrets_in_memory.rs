//! Somebody reads the memory of a process, for example from a crash dump or swap space, after the process has used a secret.

use std::fs::Permissions;
use std::os::unix::fs::PermissionsExt;
use std::sync::Arc;

use evertoken_core::app::App;
use evertoken_core::document::Document;
use evertoken_core::provider::Provider;
use evertoken_core::provider_error::ProviderError;
use evertoken_core::secrets::{AccessToken, AuthorizationCode};
use evertoken_core::signing::SigningKeys;
use evertoken_import::pasted_input::PastedInput;
use evertoken_instagram::{Endpoints, HttpResponse, InstagramLogin, Transport};
use evertoken_sandbox::Settings;
use evertoken_tests::browser::{Browser, Consent};
use evertoken_tests::http::parameter;
use evertoken_tests::process_memory::MaskedSecret;
use evertoken_tests::sample;
use evertoken_tests::serve_process::ServeProcess;
use evertoken_tests::test_cli::TestCli;
use reqwest::header::HeaderMap;
use reqwest::{Request, StatusCode};
use secrecy::zeroize::Zeroizing;
use serde_json::json;
use time::OffsetDateTime;
use url::Url;

/// Asserts that a secret is in this process's memory while the value exists, and not afterwards.
fn assert_overwritten<T>(what: &str, create: impl FnOnce(&MaskedSecret) -> T) {
    let secret = MaskedSecret::random();
    let value = create(&secret);
    assert!(secret.copies_in("self") > 0, "{what}: the search finds nothing");
    drop(value);
    assert_eq!(secret.copies_in("self"), 0, "{what}: copies remain");
}

#[test]
fn the_memory_of_secrets_is_overwritten() {
    let app = r#"{"app_id":"1","app_secret":"{secret}"}"#;
    assert_overwritten("the app secret", |secret| App::parse(&secret.within(app)).unwrap());
    for previous in [r#""{secret}""#, r#"{"secret":"{secret}","until":"2026-11-22T05:00:00Z"}"#] {
        let app = format!(r#"{{"app_id":"1","app_secret":"new","previous_app_secrets":[{previous}]}}"#);
        assert_overwritten("a previous app secret", |secret| App::parse(&secret.within(&app)).unwrap());
    }
    for keys in ["{secret}", r#"{"keys":["{secret}"]}"#] {
        assert_overwritten("a signing key", |secret| SigningKeys::parse(&secret.within(keys)).unwrap());
    }
    assert_overwritten("a pasted token", |secret| PastedInput::clean(&secret.within(" \"IGAA{secret}\"\n")));
    let document = sample::document_json("shop-de", "IGAA{secret}", OffsetDateTime::now_utc()).to_string();
    assert_overwritten("a document", |secret| {
        let document = Document::decode(&sample::name("shop-de"), &secret.within(&document)).unwrap();
        (document.clone().encode(), document)
    });
}

/// Drops each request and answers with a token.
struct FixedTransport(Arc<MaskedSecret>);

impl Transport for FixedTransport {
    async fn send(&self, _: Request, _: usize) -> Result<HttpResponse, ProviderError> {
        let body = self.0.within(r#"{"access_token":"IGAA{secret}","user_id":17841405793187218}"#);
        let body = Zeroizing::new(body.as_bytes().to_vec());
        Ok(HttpResponse { status: StatusCode::OK, headers: HeaderMap::new(), body })
    }
}

#[tokio::test]
async fn the_memory_of_requests_and_responses_is_overwritten() {
    let [app_secret, code, token] = [(); 3].map(|()| Arc::new(MaskedSecret::random()));
    let origin = Url::parse("https://api.instagram.com").unwrap();
    let transport = FixedTransport(Arc::clone(&token));
    let instagram = InstagramLogin::with_transport(transport, Endpoints::on_one_origin(&origin)).unwrap();
    {
        let app = App::new("1", &app_secret.within("{secret}"), &[]).unwrap();
        let code = AuthorizationCode::from_query(&code.within("AQ{secret}#_"));
        let short_lived = instagram.exchange_code(&app, &code, &origin).await.unwrap().token;
        assert!(token.copies_in("self") > 0, "the search finds nothing");
        // The answer is not a profile. The request carries the token in a header.
        instagram.profile(&short_lived).await.unwrap_err();
    }
    for (what, secret) in [("the app secret", app_secret), ("the code", code), ("the token", token)] {
        assert_eq!(secret.copies_in("self"), 0, "{what}");
    }
}

/// Drops each request and answers with a list of posts whose link to the next page contains the token.
struct PostsTransport(Arc<MaskedSecret>);

impl Transport for PostsTransport {
    async fn send(&self, _: Request, _: usize) -> Result<HttpResponse, ProviderError> {
        let body = self.0.within(
            r#"{"data":[{"id":"1","timestamp":"2026-11-25T10:00:00+0000"}],"paging":{"cursors":{"after":"A"},
                "next":"https:\/\/graph.instagram.com\/v26.0\/me\/media?access_token=IGAA{secret}"}}"#,
        );
        let body = Zeroizing::new(body.as_bytes().to_vec());
        Ok(HttpResponse { status: StatusCode::OK, headers: HeaderMap::new(), body })
    }
}

#[tokio::test]
async fn the_memory_of_a_list_of_posts_is_overwritten() {
    let token = Arc::new(MaskedSecret::random());
    let origin = Url::parse("https://graph.instagram.com").unwrap();
    let transport = PostsTransport(Arc::clone(&token));
    let instagram = InstagramLogin::with_transport(transport, Endpoints::on_one_origin(&origin)).unwrap();
    {
        let sent = AccessToken::new(token.within("IGAA{secret}"));
        assert_eq!(instagram.list_posts(&sent, 12).await.unwrap().posts.len(), 1);
        assert!(token.copies_in("self") > 0, "the search finds nothing");
    }
    assert_eq!(token.copies_in("self"), 0);
}

/// What docs/security.md says remains after a login: the secret, and at most this many copies.
const REMAINING: [(&str, usize); 3] = [("app secret", 8), ("authorization code", 4), ("long-lived token", 4)];

#[tokio::test]
async fn a_login_leaves_no_more_copies_of_secrets_than_documented() {
    let cli = TestCli::with_file_vault().await;
    let app = Settings::default();
    let file = json!({ "app_id": app.app_id, "app_secret": app.app_secret }).to_string();
    let path = cli.dir().join("app.json");
    std::fs::write(&path, file).unwrap();
    std::fs::set_permissions(&path, Permissions::from_mode(0o600)).unwrap();
    let service = ServeProcess::start(&["--local", cli.dir().to_str().unwrap()], &cli.environment()).await;
    cli.instagram().register_redirect_uri(service.url.join("/callback").unwrap().as_str());
    let invite = ["invite", "--public-url", service.url.as_str().trim_end_matches('/'), "--name", "shop-de"];
    let invite: Url = cli.run(&invite).await.expect_code(0).stdout.trim_end().parse().unwrap();

    let mut browser = Browser::new(cli.scanner());
    let page = browser.open(&invite).await;
    let callback = browser.consent(&page, Consent::allow("blue_bottle")).await;
    assert_eq!(browser.open(&callback).await.status, 200);
    let token = cli.document("shop-de").await.unwrap()["access_token"].as_str().unwrap().to_owned();
    let secrets = [app.app_secret, parameter(&callback, "code"), token];
    let found = secrets.map(|secret| MaskedSecret::of(&secret).copies_in(&service.id()));
    for ((what, limit), copies) in REMAINING.into_iter().zip(found) {
        assert!(copies <= limit, "{what}: {found:?} copies");
    }
    assert!(found[0] > 0, "the search finds nothing");
    service.shut_down().await;
}
