//! Invalid requests: each gets an error page, calls no other service and stores nothing.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use axum::Router;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use evertoken_aws::secret_names::{app_secret, signing_secret};
use evertoken_aws::settings::VaultSettings;
use evertoken_aws::{SecretsManagerApp, SecretsManagerSigningKeys, SecretsManagerVault};
use evertoken_callback::{Environment, Service, Settings, routes};
use evertoken_core::clock::SystemClock;
use evertoken_core::entropy::SystemEntropy;
use evertoken_core::events::MemoryEvents;
use evertoken_core::invite::Invite;
use evertoken_core::login_state::LoginState;
use evertoken_core::metrics::MemoryMetrics;
use evertoken_core::provider::Logins;
use evertoken_core::signing::SigningKeys;
use evertoken_core::variables::Variables;
use evertoken_core::vault::{AccountStore, DocumentLocator};
use evertoken_instagram::{Endpoints, InstagramLogin};
use evertoken_tests::browser_client::BrowserClient;
use evertoken_tests::log_lines::LogLines;
use evertoken_tests::moto;
use evertoken_tests::test_app::{SIGNING_KEY, TestApp};
use futures_util::StreamExt;
use reqwest::redirect;
use serde_json::json;
use time::macros::datetime;
use tokio::net::TcpListener;
use tokio_util::task::TaskTracker;
use url::Url;

/// Returns invalid paths, each with the statuses that may result.
fn invalid_paths() -> Vec<(String, &'static [u16])> {
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
async fn invalid_requests_get_an_error_page_and_store_nothing() {
    let app = TestApp::start().await;
    for (path, statuses) in invalid_paths() {
        let mut url = app.base_url.to_string();
        url.truncate(url.len() - 1);
        let request = app.client.get(format!("{url}{path}")).header("host", "evil.example");
        let response = BrowserClient::new().send(request).await;
        assert!(statuses.contains(&response.status.as_u16()), "{path}: {}", response.status);
        assert!(!response.heading().is_empty(), "{path}");
        assert!(!response.text.contains("evil.example") && response.headers.get("set-cookie").is_none(), "{path}");
    }
    assert_eq!(app.instagram_request_count().await, 0);
    assert!(app.vault.list().next().await.is_none());
}

#[tokio::test]
async fn an_invalid_invite_is_rejected_even_if_logins_are_open() {
    let app = TestApp::with_variables(&[("EVERTOKEN_LOGIN", "open")]).await;
    for path in [
        "/login?invite=x&invite=y",
        "/login?invite=",
        "/login?invite=x",
        "/login?return_to=x",
        "/login?return_to=https://evil.example",
    ] {
        assert_eq!(BrowserClient::new().open(&app, &app.url(path)).await.status, 403, "{path}");
    }
}

#[tokio::test]
async fn forged_login_cookies_are_rejected() {
    let (app, browser) = (TestApp::start().await, BrowserClient::new());
    let callback = browser.consent(&app, &app.link(&app.invite("shop-de")), "blue_bottle").await;
    let cookie = browser.cookie_header();
    let (name, value) = cookie.split_once('=').unwrap();
    let requests = app.instagram_request_count().await;
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
        let response = app.client.get(callback.clone()).header("cookie", &cookie).send().await.unwrap();
        assert!([403, 431].contains(&response.status().as_u16()), "{cookie}");
    }
    assert_eq!(app.instagram_request_count().await, requests);
    assert_eq!(browser.open(&app, &callback).await.status, 303, "the forged cookies broke the login");
}

/// Starts a server that counts its requests and serves the two secrets that the service reads. Returns the server's URL.
async fn start_counting_server(count: Arc<AtomicUsize>) -> Url {
    async fn respond(State(count): State<Arc<AtomicUsize>>, headers: HeaderMap, body: String) -> (StatusCode, String) {
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
    tokio::spawn(async move { axum::serve(listener, Router::new().fallback(respond).with_state(count)).await });
    url
}

fn variables(all: &[(&str, &str)]) -> Variables {
    all.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

/// Uses the Lambda's adapters, and counts the requests to AWS and Instagram.
#[tokio::test]
async fn ten_thousand_invalid_requests_make_no_calls_and_log_one_line_each() {
    let (aws, instagram) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let client = moto::client(start_counting_server(Arc::clone(&aws)).await.as_str());
    let endpoints = Endpoints::on_one_origin(&start_counting_server(Arc::clone(&instagram)).await);
    let variables = variables(&[
        ("EVERTOKEN_PUBLIC_URL", "https://connect.example.com"),
        ("EVERTOKEN_VAULT_PREFIX", "e"),
        ("EVERTOKEN_APP_SECRET_NAME", "e/app"),
        ("EVERTOKEN_SIGNING_SECRET_NAME", "e/signing"),
    ]);
    let metrics = MemoryMetrics::default();
    let service = Service {
        logins: Logins::one(InstagramLogin::new(endpoints).unwrap()),
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
            removals: None,
            background: TaskTracker::new(),
        },
    };
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let origin = format!("http://{}", listener.local_addr().unwrap());
    let router = routes(Arc::new(service));
    tokio::spawn(async move { axum::serve(listener, router).await });
    let browser = reqwest::Client::builder().redirect(redirect::Policy::none()).no_proxy().build().unwrap();

    // An authentic but expired invite and an authentic state without its cookie take the most work to reject.
    let keys = SigningKeys::parse(SIGNING_KEY).unwrap();
    let old = keys.sign(&Invite::new(datetime!(2020-01-01 0:00 UTC)));
    let state = keys.sign(&LoginState::start(None, datetime!(2090-01-01 0:00 UTC), &SystemEntropy).unwrap());
    let mut paths: Vec<String> =
        invalid_paths().into_iter().map(|(path, _)| path).filter(|path| path.len() < 500).collect();
    paths.extend([format!("/login?invite={old}"), format!("/callback?code=x&state={state}")]);

    // A text that cannot be signed is rejected without the keys.
    let [longest_code, longer_code] = [100, 101].map(|length| format!("/data-deletion/{}", "a".repeat(length)));
    for path in
        ["/login?invite=x", "/callback?code=x&state=x", "/connected?receipt=x", "/data-deletion/a.b", &longer_code]
    {
        browser.get(format!("{origin}{path}")).send().await.unwrap();
        assert_eq!(aws.load(Ordering::SeqCst), 0, "{path}");
    }
    browser.get(format!("{origin}{longest_code}")).send().await.unwrap();
    assert_eq!(aws.load(Ordering::SeqCst), 1, "{longest_code}");
    // The service reads the signing keys that detect a forged link once every five minutes.
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
    // A metric would add a second line to the log.
    assert_eq!(metrics.take(), []);
    let longest = lines.text().lines().map(str::len).max().unwrap();
    assert!(longest < 600, "a line of {longest} bytes");
}

#[tokio::test]
async fn methods_that_no_route_has_are_refused() {
    let app = TestApp::start().await;
    for method in ["TRACE", "OPTIONS", "PUT", "PATCH", "DELETE", "CONNECTED"] {
        for path in ["/", "/login", "/callback", "/connected", "/deauthorize", "/data-deletion", "/healthz"] {
            let request = app.client.request(method.parse().unwrap(), app.url(path));
            assert_eq!(BrowserClient::new().send(request).await.status, 405, "{method} {path}");
        }
    }
}
