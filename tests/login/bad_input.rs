//! What strangers send: refused with a page, at no cost, and nothing is stored.

use evertoken_core::vault::AccountStore;
use evertoken_core::vault::DocumentLocator;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use axum::Router;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use evertoken_aws::settings::{VaultSettings, app_secret, signing_secret};
use evertoken_aws::{SecretsManagerApp, SecretsManagerSigningKeys, SecretsManagerVault};
use evertoken_callback::{Environment, Service, Settings, routes};
use evertoken_core::clock::SystemClock;
use evertoken_core::entropy::SystemEntropy;
use evertoken_core::events::MemoryEvents;
use evertoken_core::invite::Invite;
use evertoken_core::login_state::LoginState;
use evertoken_core::metrics::MemoryMetrics;
use evertoken_core::signing::SigningKeys;
use evertoken_core::variables::Variables;
use evertoken_instagram::{Endpoints, InstagramLogin};
use evertoken_tests::log_lines::LogLines;
use evertoken_tests::login_house::{House, SIGNING_KEY};
use evertoken_tests::moto;
use evertoken_tests::visitor::Visitor;
use futures_util::StreamExt;
use reqwest::redirect;
use serde_json::json;
use time::macros::datetime;
use tokio::net::TcpListener;
use url::Url;

/// Addresses that lead to nothing good, and the statuses that they have.
fn bad_addresses() -> Vec<(String, &'static [u16])> {
    let long = "a".repeat(20_000);
    let forged = format!("{}.{}", "eyJleHAiOjF9", "A".repeat(43));
    let mut all: Vec<(String, &[u16])> = Vec::new();
    for value in ["", "x", ".", "%00", "%ff%fe", "%F0%9F%98%80", "a.b", "..%2f..%2f", "%0d%0aSet-Cookie:x=y", &forged] {
        all.push((format!("/login?invite={value}"), &[403]));
        all.push((format!("/callback?code=AQB-code&state={value}"), &[400]));
        all.push((format!("/connected?receipt={value}"), &[400]));
        all.push((format!("/data-deletion/{}", value.replace('/', "")), &[404, 405]));
    }
    for path in ["/login?invite=", "/callback?code=x&state=", "/callback?state=x&code=", "/connected?receipt="] {
        all.push((format!("{path}{long}"), &[400, 403]));
    }
    for twice in ["/login?invite=x&invite=y", "/callback?code=x&code=y&state=z", "/callback?state=x&state=y&code=c"] {
        all.push((twice.to_owned(), &[400, 403]));
    }
    for path in [
        "/callback",
        "/callback?code=x",
        "/connected",
        "/login",
        "/login?",
        "/callback?&&&===",
        "/connected?receipt=x&receipt=y",
    ] {
        all.push((path.to_owned(), &[400, 403]));
    }
    for trick in [
        "//login",
        "/login/",
        "/Login",
        "/login/..%2fcallback",
        "/%2e%2e/app",
        "/.git/config",
        "/callback/x",
        "/accounts/shop-de",
    ] {
        all.push((trick.to_owned(), &[404]));
    }
    all
}

#[tokio::test]
async fn each_has_its_page_and_stores_nothing() {
    let house = House::start().await;
    for (path, statuses) in bad_addresses() {
        let mut url = house.listening.to_string();
        url.truncate(url.len() - 1);
        let request = house.client.get(format!("{url}{path}")).header("host", "evil.example");
        let seen = Visitor::new().send(request).await;
        assert!(statuses.contains(&seen.status.as_u16()), "{path}: {}", seen.status);
        assert!(!seen.heading().is_empty(), "{path}");
        assert!(!seen.text.contains("evil.example") && seen.headers.get("set-cookie").is_none(), "{path}");
    }
    assert_eq!(house.requests_at_instagram().await, 0);
    assert!(house.vault.list().next().await.is_none());
}

#[tokio::test]
async fn where_logins_are_open_a_broken_link_starts_none() {
    let house = House::with(&[("EVERTOKEN_LOGIN", "open")]).await;
    for path in [
        "/login?invite=x&invite=y",
        "/login?invite=",
        "/login?invite=x",
        "/login?return_to=x",
        "/login?return_to=https://evil.example",
    ] {
        assert_eq!(Visitor::new().open(&house, &house.url(path)).await.status, 403, "{path}");
    }
}

#[tokio::test]
async fn cookies_that_are_not_ours_open_nothing() {
    let (house, visitor) = (House::start().await, Visitor::new());
    let callback = visitor.consent(&house, &house.link(&house.invite("shop-de")), "blue_bottle").await;
    let cookie = visitor.cookie_header();
    let (name, value) = cookie.split_once('=').unwrap();
    let asked = house.requests_at_instagram().await;
    let (first, rest) = value.split_at(1);
    let changed = format!("{name}={}{rest}", if first == "A" { "B" } else { "A" });
    for cookie in [
        String::new(),
        changed,
        format!("{name}="),
        format!("{name}=\"{value}"),
        format!("{name}x={value}"),
        ";;;=".to_owned(),
        "a".repeat(30_000),
    ] {
        let seen = house.client.get(callback.clone()).header("cookie", &cookie).send().await.unwrap();
        assert!([403, 431].contains(&seen.status().as_u16()), "{cookie}");
    }
    assert_eq!(house.requests_at_instagram().await, asked);
    assert_eq!(visitor.open(&house, &callback).await.status, 303, "the login itself was not harmed");
}

/// A server that counts, and gives the two secrets that a login needs.
async fn counting(count: Arc<AtomicUsize>) -> Url {
    async fn answer(State(count): State<Arc<AtomicUsize>>, headers: HeaderMap, body: String) -> (StatusCode, String) {
        count.fetch_add(1, Ordering::SeqCst);
        let target = headers.get("x-amz-target").and_then(|target| target.to_str().ok()).unwrap_or_default();
        let value = if body.contains("e/app") { r#"{"app_id":"1","app_secret":"s"}"# } else { SIGNING_KEY };
        if target == "secretsmanager.GetSecretValue" && !body.contains("accounts") {
            return (
                StatusCode::OK,
                json!({"ARN": "a", "Name": "n", "VersionId": "v", "SecretString": value}).to_string(),
            );
        }
        (StatusCode::BAD_REQUEST, json!({"__type": "ResourceNotFoundException"}).to_string())
    }
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap()).parse().unwrap();
    tokio::spawn(async move { axum::serve(listener, Router::new().fallback(answer).with_state(count)).await });
    url
}

fn variables(all: &[(&str, &str)]) -> Variables {
    all.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

/// The adapters of the Lambda, and what is asked of AWS and of Instagram.
#[tokio::test]
async fn ten_thousand_bad_requests_cost_no_call_and_one_log_line_each() {
    let (aws, instagram) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let client = moto::client(counting(Arc::clone(&aws)).await.as_str());
    let endpoints = Endpoints::on_one_origin(&counting(Arc::clone(&instagram)).await);
    let variables = variables(&[
        ("EVERTOKEN_PUBLIC_URL", "https://connect.example.com"),
        ("EVERTOKEN_VAULT_PREFIX", "e"),
        ("EVERTOKEN_APP_SECRET", "e/app"),
        ("EVERTOKEN_SIGNING_SECRET", "e/signing"),
    ]);
    let metrics = MemoryMetrics::default();
    let service = Service {
        provider: InstagramLogin::new(endpoints).unwrap(),
        vault: SecretsManagerVault::new(client.clone(), &VaultSettings::read(&variables).unwrap()),
        app_credentials: SecretsManagerApp::new(client.clone(), app_secret(&variables).unwrap(), SystemClock),
        signing_keys: SecretsManagerSigningKeys::new(client, signing_secret(&variables).unwrap(), SystemClock),
        events: None::<MemoryEvents>,
        environment: Environment {
            clock: Arc::new(SystemClock),
            entropy: Arc::new(SystemEntropy),
            metrics: Arc::new(metrics.clone()),
            locator: DocumentLocator::Memory,
            settings: Settings::read(&variables).unwrap(),
        },
    };
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let origin = format!("http://{}", listener.local_addr().unwrap());
    let router = routes(Arc::new(service));
    tokio::spawn(async move { axum::serve(listener, router).await });
    let browser = reqwest::Client::builder().redirect(redirect::Policy::none()).no_proxy().build().unwrap();

    // Genuine, but long expired; genuine, but without its cookie: what costs most to look at.
    let keys = SigningKeys::parse(SIGNING_KEY).unwrap();
    let old = keys.sign(&Invite::new(datetime!(2020-01-01 0:00 UTC)));
    let state = keys.sign(&LoginState::start(None, datetime!(2090-01-01 0:00 UTC), &SystemEntropy).unwrap());
    let mut paths: Vec<String> =
        bad_addresses().into_iter().map(|(path, _)| path).filter(|path| path.len() < 500).collect();
    paths.extend([format!("/login?invite={old}"), format!("/callback?code=x&state={state}")]);

    // What a forged link needs to be known as such is read once in five minutes.
    for path in &paths {
        browser.get(format!("{origin}{path}")).send().await.unwrap();
    }
    browser.post(format!("{origin}/deauthorize")).body("signed_request=a.b").send().await.unwrap();
    assert!(aws.load(Ordering::SeqCst) <= 2, "{} calls", aws.load(Ordering::SeqCst));
    aws.store(0, Ordering::SeqCst);

    let (lines, _guard) = LogLines::collect();
    for number in 0..10_000 {
        let request = if number % 10 == 0 {
            browser.post(format!("{origin}/data-deletion")).body("signed_request=a.b")
        } else {
            browser.get(format!("{origin}{}", paths[number % paths.len()]))
        };
        let status = request.send().await.unwrap().status();
        assert!(status.is_client_error(), "{number}: {status}");
    }
    assert_eq!((aws.load(Ordering::SeqCst), instagram.load(Ordering::SeqCst)), (0, 0));
    assert_eq!(lines.count(), 10_000);
    // A metric would be a second line.
    assert_eq!(metrics.take(), []);
    let longest = lines.text().lines().map(str::len).max().unwrap();
    assert!(longest < 600, "a line of {longest} bytes");
}
