//! The control API.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use evertoken_sandbox::{Endpoint, InjectedFault, Sandbox, Settings};
use reqwest::Method;
use serde_json::{Value, json};
use time::macros::datetime;
use time::{Duration, OffsetDateTime};
use tokio::net::TcpListener;
use tokio::sync::oneshot;

use crate::test_sandbox::{ACCOUNT, BASIC, REDIRECT_URI, TestSandbox};

async fn rejection(sandbox: &TestSandbox, method: Method, path: &str, body: Value) -> (u16, String) {
    let response = sandbox.client.request(method, sandbox.url(path)).json(&body).send().await.unwrap();
    let status = response.status().as_u16();
    let body: Value = response.json().await.unwrap();
    (status, body["error"].as_str().unwrap().to_owned())
}

#[tokio::test]
async fn the_index_and_the_readme_list_every_endpoint() {
    let sandbox = TestSandbox::start().await;
    let index = sandbox.control(Method::GET, "/_sandbox", json!({})).await;
    for endpoint in index["endpoints"].as_array().unwrap() {
        let (method, path) = (endpoint["method"].as_str().unwrap(), endpoint["path"].as_str().unwrap());
        let named = format!("`{method} {path}`");
        assert!(include_str!("../README.md").contains(&named), "{named}");
        let method: Method = method.parse().unwrap();
        let url = sandbox.url(&path.replace("{account}", ACCOUNT));
        let status = sandbox.client.request(method, url).body("{}").send().await.unwrap().status();
        assert!(status != 405 && status != 500, "{named}: {status}");
    }
}

#[tokio::test]
async fn the_clock_starts_at_the_configured_time_and_can_be_changed() {
    let start = datetime!(2026-11-22 05:00 UTC);
    let sandbox = Sandbox::new(Settings { start: Some(start), ..Settings::default() });
    assert!(sandbox.now() - start < Duration::minutes(1));
    sandbox.advance(Duration::days(400));
    assert!(sandbox.now() - start - Duration::days(400) < Duration::minutes(1));

    let sandbox = TestSandbox::start().await;
    let before = sandbox.handle.now();
    sandbox.control(Method::POST, "/_sandbox/clock", json!({"advance_seconds": 86_400})).await;
    assert!(sandbox.handle.now() - before >= Duration::days(1));
    let set = sandbox.control(Method::POST, "/_sandbox/clock", json!({"set": "2030-01-01T00:00:00Z"})).await;
    let shown = set["now"].as_str().unwrap();
    assert!(shown.starts_with("2030-01-01T00:0"), "{shown}");
    sandbox.control(Method::POST, "/_sandbox/clock", json!({"advance_seconds": i64::MAX})).await;
    let (status, _) = rejection(&sandbox, Method::POST, "/_sandbox/clock", json!({"forward": 1})).await;
    assert_eq!(status, 400);
}

#[tokio::test]
async fn changes_the_app_without_revealing_its_secret() {
    let sandbox = TestSandbox::start().await;
    let change = json!({"app_secret": "another-secret", "redirect_uris": [REDIRECT_URI, "https://example.com/cb"]});
    let app = sandbox.control(Method::PATCH, "/_sandbox/app", change).await;
    assert_eq!(app["redirect_uris"][1], "https://example.com/cb");
    assert!(!app.to_string().contains("secret"));
    let code = sandbox.code(&[BASIC]).await;
    assert_eq!(sandbox.post_exchange(&sandbox.exchange(&code)).await.status(), 400, "the former secret");

    let (status, error) = rejection(&sandbox, Method::PATCH, "/_sandbox/app", json!({"redirect_uris": ["/cb"]})).await;
    assert_eq!((status, error.as_str()), (400, "\"/cb\" is not an absolute URL"));
    assert!(!format!("{:?} {:?}", sandbox.handle, Settings::default()).contains(&sandbox.app_secret));
}

#[tokio::test]
async fn an_invalid_shape_changes_nothing() {
    let sandbox = TestSandbox::start().await;
    let before = sandbox.control(Method::GET, "/_sandbox/shapes", json!({})).await;
    for body in [json!({"profile": "round"}), json!({"profil": "flat"}), json!([])] {
        assert_eq!(rejection(&sandbox, Method::PATCH, "/_sandbox/shapes", body).await.0, 400);
    }
    assert_eq!(sandbox.control(Method::GET, "/_sandbox/shapes", json!({})).await, before);
}

#[tokio::test]
async fn accounts_can_be_added_found_changed_and_deleted() {
    let sandbox = TestSandbox::start().await;
    let first = sandbox.control(Method::POST, "/_sandbox/accounts", json!({"username": "new_one"})).await;
    let second = json!({"username": "new_two", "account_type": "MEDIA_CREATOR", "role": "invited"});
    let second = sandbox.control(Method::POST, "/_sandbox/accounts", second).await;
    assert_ne!(first["app_scoped_id"], second["app_scoped_id"]);
    assert_ne!(first["account_id"], second["account_id"]);
    assert_eq!(second["account_type"], "MEDIA_CREATOR");
    for name in ["username", "account_id", "app_scoped_id"] {
        let path = format!("/_sandbox/accounts/{}", second[name].as_str().unwrap());
        assert_eq!(sandbox.control(Method::GET, &path, json!({})).await, second);
    }

    let token = sandbox.create_token("long", 0).await;
    sandbox.change_account(json!({"app_scoped_id": 9_999_999_999_999_999_u64, "username": "renamed"})).await;
    let me: Value = sandbox.me(&token).await.json().await.unwrap();
    assert_eq!(me, json!({"id": "9999999999999999", "username": "renamed"}));

    sandbox.control(Method::DELETE, "/_sandbox/accounts/renamed", json!({})).await;
    assert_eq!(sandbox.me(&token).await.status(), 400);
    let all = sandbox.control(Method::GET, "/_sandbox/accounts", json!({})).await;
    let usernames: Vec<_> = all.as_array().unwrap().iter().map(|account| &account["username"]).collect();
    assert_eq!(usernames, ["corner_bakery", "maya.makes", "studio_north", "new_one", "new_two"]);
}

#[tokio::test]
async fn rejects_an_invalid_account() {
    let sandbox = TestSandbox::start().await;
    let duplicate = json!({"username": "x", "app_scoped_id": "27640875392278831"});
    let rows = [
        (Method::POST, "/_sandbox/accounts", json!({}), 400, "an account needs a \"username\""),
        (Method::POST, "/_sandbox/accounts", json!({"username": ACCOUNT}), 409, "another account has the username"),
        (Method::POST, "/_sandbox/accounts", duplicate, 409, "another account has the app-scoped id"),
        (Method::POST, "/_sandbox/accounts", json!({"username": "x", "account_id": "x"}), 400, "invalid digit"),
        (
            Method::PATCH,
            "/_sandbox/accounts/maya.makes",
            json!({"username": ACCOUNT}),
            409,
            "another account has the username",
        ),
        (Method::PATCH, "/_sandbox/accounts/maya.makes", json!({"role": "owner"}), 400, "unknown variant `owner`"),
        (Method::PATCH, "/_sandbox/accounts/nobody", json!({}), 404, "there is no account \"nobody\""),
    ];
    for (method, path, body, status, message) in rows {
        let (got, error) = rejection(&sandbox, method, path, body).await;
        assert_eq!(got, status, "{error}");
        assert!(error.starts_with(message), "{error}");
    }
}

#[tokio::test]
async fn creates_a_token_with_a_given_text_and_issue_time() {
    let sandbox = TestSandbox::start().await;
    let issued_at = sandbox.handle.now().replace_nanosecond(0).unwrap() - Duration::days(30);
    let formatted = issued_at.format(&time::format_description::well_known::Rfc3339).unwrap();
    let request = json!({"account": ACCOUNT, "issued_at": formatted, "access_token": "IGAAplanted"});
    let created = sandbox.control(Method::POST, "/_sandbox/tokens", request).await;
    assert_eq!(created["access_token"], "IGAAplanted");
    let expires_at = created["expires_at"].as_str().unwrap();
    let expires_at = OffsetDateTime::parse(expires_at, &time::format_description::well_known::Rfc3339).unwrap();
    assert_eq!(expires_at - issued_at, Duration::days(60));
    assert_eq!(sandbox.me("IGAAplanted").await.status(), 200);

    let both = json!({"account": ACCOUNT, "issued_at": formatted, "age_seconds": 1});
    assert_eq!(rejection(&sandbox, Method::POST, "/_sandbox/tokens", both).await.0, 400);
    assert_eq!(rejection(&sandbox, Method::POST, "/_sandbox/tokens", json!({"account": "nobody"})).await.0, 404);
}

#[tokio::test]
async fn a_signed_request_contains_the_app_scoped_id() {
    let sandbox = TestSandbox::start().await;
    let body = sandbox.control(Method::POST, "/_sandbox/signed_request", json!({"account": ACCOUNT})).await;
    let (signature, payload) = body["signed_request"].as_str().unwrap().split_once('.').unwrap();
    assert_eq!(signature.len(), 43);
    let payload: Value = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(payload).unwrap()).unwrap();
    assert_eq!(payload["user_id"], "27640875392278831");
}

#[tokio::test]
async fn a_reset_restores_the_initial_state() {
    let sandbox = TestSandbox::start().await;
    let token = sandbox.create_token("long", 0).await;
    sandbox.shape(json!({"profile": "data"})).await;
    sandbox.change_account(json!({"username": "renamed"})).await;
    sandbox.inject(InjectedFault::latency(Endpoint::Refresh, 5)).await;
    sandbox.handle.advance(Duration::days(9));
    assert_eq!(sandbox.me(&token).await.status(), 200);
    sandbox.control(Method::POST, "/_sandbox/reset", json!({})).await;
    assert_eq!(sandbox.control(Method::GET, "/_sandbox/shapes", json!({})).await["profile"], "flat");
    assert_eq!(sandbox.control(Method::GET, "/_sandbox/faults", json!({})).await, json!([]));
    assert_eq!(sandbox.control(Method::GET, "/_sandbox/counters", json!({})).await, json!({}));
    assert_eq!(sandbox.me(&token).await.status(), 400);
    assert!(sandbox.handle.now() - OffsetDateTime::now_utc() < Duration::minutes(1));
    sandbox.change_account(json!({})).await;
}

#[tokio::test]
async fn shutdown_does_not_wait_for_a_slow_response() {
    let sandbox = Sandbox::new(Settings::default());
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let origin = format!("http://{}", listener.local_addr().unwrap());
    let (shutdown, stopped) = oneshot::channel::<()>();
    let server = tokio::spawn(evertoken_sandbox::serve(listener, sandbox.clone(), async {
        let _signaled = stopped.await;
    }));
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let fault = InjectedFault::latency(Endpoint::Me, 3_600_000);
    client.post(format!("{origin}/_sandbox/faults")).json(&fault).send().await.unwrap();
    let slow = tokio::spawn(client.get(format!("{origin}/me")).send());
    while client.get(format!("{origin}/_sandbox/faults")).send().await.unwrap().text().await.unwrap() != "[]" {}
    shutdown.send(()).unwrap();
    server.await.unwrap().unwrap();
    slow.abort();
}
