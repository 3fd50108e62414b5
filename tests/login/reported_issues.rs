//! Real problems with Instagram that people have reported, one row per report, and the message that Evertoken shows.
//!
//! For a problem during a login, the message is the page's heading. For a problem during a refresh, it is the reason in the
//! event; if the event has a reconnect link, the test also logs in with it.

use std::collections::BTreeSet;
use std::pin::Pin;
use std::sync::Arc;

use evertoken_core::entropy::SystemEntropy;
use evertoken_core::events::WithReconnect;
use evertoken_core::policy::Policy;
use evertoken_core::refresh::{Limits, Refresher, Request};
use evertoken_instagram::{Endpoints, InstagramLogin};
use evertoken_sandbox::Endpoint;
use evertoken_tests::browser_client::{BrowserClient, PageResponse};
use evertoken_tests::faults::{self, TRACE_ID, code_exchange_error, graph_error};
use evertoken_tests::http;
use evertoken_tests::test_app::TestApp;
use serde_json::{Value, json};
use time::Duration;

const CONNECTED: &str = "@blue_bottle is connected";

type Outcome = Pin<Box<dyn Future<Output = String> + Send>>;

/// The reported problem, a function that reproduces it and returns the message, and the expected start of the message.
type Row = (&'static str, Outcome, &'static str);

fn row(problem: &'static str, outcome: impl Future<Output = String> + Send + 'static, expected: &'static str) -> Row {
    (problem, Box::pin(outcome), expected)
}

#[expect(clippy::too_many_lines, reason = "a table with one row per issue")]
fn rows() -> Vec<Row> {
    let tester = "This account does not have access yet";
    let set_up = "This service is not set up correctly";
    let address = "Instagram does not know this service yet";
    let used = "This login has already been used";
    let unsupported = || graph_error(100, 0, "Unsupported request - method type: get");
    vec![
        row("Unsupported request at ig_exchange_token", login_error(Endpoint::Exchange, 400, unsupported()), tester),
        row("Unsupported request at /me", login_error(Endpoint::Me, 400, unsupported()), tester),
        row(
            "Unsupported request at a refresh",
            refresh_event(400, unsupported()),
            "Token Refresh Failed: This account has not accepted the tester invitation, or the app lacks Advanced Access.",
        ),
        row("Unsupported request: a line break in the app secret", login_with_line_break_in_secret(), CONNECTED),
        row("Unsupported request: the secret of another app", login_with_wrong_secret(), set_up),
        row(
            "Matching code was not found or was already used",
            login_error(Endpoint::Code, 400, code_exchange_error("Matching code was not found or was already used")),
            used,
        ),
        row(
            "This authorization code has been used",
            login_error(Endpoint::Code, 400, code_exchange_error("This authorization code has been used")),
            used,
        ),
        row("This authorization code has been used, after a reload", reload_after_login(), CONNECTED),
        row("a prefetch consumes the code", login_after_prefetch(), CONNECTED),
        row("Invalid state, after opening the link twice", login_started_twice(), CONNECTED),
        row(
            "Invalid state, in a browser without the cookie",
            login_in_another_browser(),
            "This login was not started in this browser",
        ),
        row("Invalid redirect_uri, in the redirect", oauth_error_page("server_error", "Invalid redirect_uri"), address),
        row(
            "Invalid redirect_uri, at the exchange",
            login_error(Endpoint::Code, 400, code_exchange_error("Invalid redirect_uri")),
            address,
        ),
        row(
            "Redirect URI doesn't match original redirect URI",
            login_error(Endpoint::Code, 400, code_exchange_error("Redirect URI doesn't match original redirect URI")),
            address,
        ),
        row(
            "Error validating verification code: the exchange accepts multipart forms only",
            login_with_multipart_only(),
            CONNECTED,
        ),
        row(
            "another redirect_uri at the exchange, because of a forged Host header",
            login_with_forged_host(),
            CONNECTED,
        ),
        row(
            "Invalid platform app, in the redirect",
            oauth_error_page("unauthorized_client", "Invalid platform app"),
            set_up,
        ),
        row(
            "Invalid platform app, at the exchange",
            login_error(Endpoint::Code, 400, code_exchange_error("Invalid platform app")),
            set_up,
        ),
        row(
            "Insufficient developer role",
            oauth_error_page("access_denied", "Insufficient developer role"),
            "This account has not been invited on Instagram",
        ),
        row(
            "Invalid scope: user_profile",
            oauth_error_page("invalid_scope", "Invalid scope: user_profile"),
            "This service asks for an unknown permission",
        ),
        row("no token_type in the response", login_without_token_type(), CONNECTED),
        row(
            "status 400 for credentials in a Basic authentication header",
            login_after_basic_authentication_fails(),
            CONNECTED,
        ),
        row(
            "a short-lived token is stored because the long-lived exchange failed",
            login_error(Endpoint::Exchange, 500, json!("down")),
            "Instagram is currently unavailable",
        ),
        row(
            "Session has expired",
            refresh_event(400, graph_error(190, 463, "Error validating access token: Session has expired")),
            "Login Required: The token has expired.",
        ),
        row("one invalid token stops the batch", refresh_beside_a_revoked_account(), "Token Refreshed: corner_bakery"),
        row(
            "the session has been invalidated: password",
            refresh_event(400, graph_error(190, 460, "The session has been invalidated")),
            "Login Required: The password was changed, or Instagram ended the session for security reasons.",
        ),
        row(
            "Cannot parse access token",
            login_error(
                Endpoint::Me,
                400,
                graph_error(190, 0, "Invalid OAuth access token - Cannot parse access token"),
            ),
            "The connection test failed",
        ),
        row("an id above 2^53 as a number", stored_app_scoped_id("integer"), "27640875392278831"),
        row("an id above 2^53 as text", stored_app_scoped_id("string"), "27640875392278831"),
        row("the app-scoped id instead of the account id", stored_account_id(), "17841405793187218"),
        row(
            "failed to get user id, without the cause",
            login_error(Endpoint::Me, 403, graph_error(4, 0, "Application request limit reached")),
            "Too many requests to Instagram",
        ),
        row(
            "every token is invalid after the app was restored",
            refresh_event(400, graph_error(190, 0, "Error validating access token: the token is invalid")),
            "Login Required: Instagram no longer accepts the token.",
        ),
    ]
}

#[test]
fn every_row_is_another_problem() {
    let problems: BTreeSet<_> = rows().iter().map(|(problem, ..)| *problem).collect();
    assert_eq!(problems.len(), rows().len());
}

#[tokio::test]
async fn every_reported_issue_ends_with_a_helpful_message() {
    let mut checks = tokio::task::JoinSet::new();
    for (problem, outcome, expected) in rows() {
        checks.spawn(async move {
            let message = outcome.await;
            (!message.starts_with(expected)).then(|| format!("{problem}: {message}"))
        });
    }
    let failed: Vec<String> = checks.join_all().await.into_iter().flatten().collect();
    assert!(failed.is_empty(), "{failed:#?}");
}

/// Follows a redirect if there is one, and returns the heading of the page.
async fn final_heading(app: &TestApp, browser: &BrowserClient, response: PageResponse) -> String {
    let page = if response.status == 303 { browser.open(app, &response.location()).await } else { response };
    page.heading().to_owned()
}

async fn log_in(app: &TestApp) -> String {
    let browser = BrowserClient::new();
    let response = browser.log_in(app, &app.link(&app.invite("shop-de")), "blue_bottle").await;
    final_heading(app, &browser, response).await
}

async fn login_error(endpoint: Endpoint, status: u16, body: Value) -> String {
    let app = TestApp::start().await;
    app.inject_fault(faults::response(endpoint, status, body)).await;
    let heading = log_in(&app).await;
    assert!(app.document("shop-de").await.is_none(), "{heading}");
    heading
}

async fn oauth_error_page(error: &'static str, description: &'static str) -> String {
    let app = TestApp::start().await;
    let mut url = app.url("/callback");
    url.query_pairs_mut().append_pair("error", error).append_pair("error_description", description);
    BrowserClient::new().open(&app, &url).await.heading().to_owned()
}

async fn login_with_line_break_in_secret() -> String {
    let app = TestApp::start().await;
    app.set_app_secrets(&format!("{}\r\n", evertoken_sandbox::Settings::default().app_secret), &[]);
    log_in(&app).await
}

async fn login_with_wrong_secret() -> String {
    let app = TestApp::start().await;
    app.set_app_secrets("fedcba9876543210fedcba9876543210", &[]);
    log_in(&app).await
}

async fn reload_after_login() -> String {
    let (app, browser) = (TestApp::start().await, BrowserClient::new());
    let callback = browser.consent(&app, &app.link(&app.invite("shop-de")), "blue_bottle").await;
    browser.open(&app, &callback).await;
    let again = browser.open(&app, &callback).await;
    final_heading(&app, &browser, again).await
}

async fn login_after_prefetch() -> String {
    let (app, browser) = (TestApp::start().await, BrowserClient::new());
    let callback = browser.consent(&app, &app.link(&app.invite("shop-de")), "blue_bottle").await;
    browser.send(app.client.get(callback.clone()).header("sec-purpose", "prefetch")).await;
    browser.send(app.client.head(callback.clone())).await;
    let response = browser.open(&app, &callback).await;
    final_heading(&app, &browser, response).await
}

async fn login_started_twice() -> String {
    let (app, browser) = (TestApp::start().await, BrowserClient::new());
    let link = app.link(&app.invite("shop-de"));
    let first = browser.consent(&app, &link, "blue_bottle").await;
    browser.start(&app, &link).await;
    let response = browser.open(&app, &first).await;
    final_heading(&app, &browser, response).await
}

async fn login_in_another_browser() -> String {
    let app = TestApp::start().await;
    let callback = BrowserClient::new().consent(&app, &app.link(&app.invite("shop-de")), "blue_bottle").await;
    BrowserClient::new().open(&app, &callback).await.heading().to_owned()
}

async fn login_with_forged_host() -> String {
    let (app, browser) = (TestApp::start().await, BrowserClient::new());
    let callback = browser.consent(&app, &app.link(&app.invite("shop-de")), "blue_bottle").await;
    let response = browser.send(app.client.get(callback).header("host", "elsewhere.example")).await;
    final_heading(&app, &browser, response).await
}

/// The form that exchanges a new code, and the app's credentials.
async fn code_exchange(app: &TestApp) -> ([(&'static str, String); 3], [(&'static str, String); 2]) {
    let callback = BrowserClient::new().consent(app, &app.link(&app.invite("shop-fr")), "corner_bakery").await;
    let code = http::parameter(&callback, "code");
    let redirect_uri = app.url("/callback").to_string();
    let settings = evertoken_sandbox::Settings::default();
    (
        [("grant_type", "authorization_code".to_owned()), ("code", code), ("redirect_uri", redirect_uri)],
        [("client_id", settings.app_id), ("client_secret", settings.app_secret)],
    )
}

async fn login_with_multipart_only() -> String {
    let app = TestApp::start().await;
    app.control("PATCH", "shapes", json!({ "code_request": "multipart" })).await;
    log_in(&app).await
}

/// Asserts that Instagram's response to a code has no `token_type`, and logs in.
async fn login_without_token_type() -> String {
    let app = TestApp::start().await;
    let (form, credentials) = code_exchange(&app).await;
    let exchange = app.client.post(app.instagram_url.join("/oauth/access_token").unwrap());
    let response = exchange.form(&[&form[..], &credentials].concat()).send().await.unwrap();
    let response: Value = response.json().await.unwrap();
    assert!(response["access_token"].is_string() && response.get("token_type").is_none());
    log_in(&app).await
}

/// Asserts that Instagram rejects credentials outside of the body, and logs in.
async fn login_after_basic_authentication_fails() -> String {
    let app = TestApp::start().await;
    let (form, [(_, id), (_, secret)]) = code_exchange(&app).await;
    let exchange = app.client.post(app.instagram_url.join("/oauth/access_token").unwrap());
    let response = exchange.basic_auth(id, Some(secret)).form(&form).send().await.unwrap();
    assert_eq!(response.status(), 400);
    log_in(&app).await
}

async fn stored_app_scoped_id(format: &str) -> String {
    let app = TestApp::start().await;
    app.control("PATCH", "shapes", json!({ "user_id": format })).await;
    log_in(&app).await;
    app.document("shop-de").await.unwrap().app_scoped_id.to_string()
}

async fn stored_account_id() -> String {
    let app = TestApp::start().await;
    log_in(&app).await;
    app.document("shop-de").await.unwrap().account_id.to_string()
}

/// Runs the refresh for all accounts, three weeks after their logins.
async fn refresh(app: &TestApp) {
    app.sandbox.advance(Duration::days(21));
    let refresher = Refresher {
        provider: InstagramLogin::new(Endpoints::on_one_origin(&app.instagram_url)).unwrap(),
        vault: app.vault.clone(),
        clock: Arc::new(app.clock()),
        entropy: Arc::new(SystemEntropy),
        events: WithReconnect { events: app.events.clone(), pages: Some((app.public_url.clone(), app.credentials())) },
        policy: Policy::default(),
        limits: Limits::default(),
    };
    Arc::new(refresher).run(&Request::default(), None).await.unwrap();
}

/// Refreshes an account while Instagram sends this response, and returns the kind and the reason of the event. If the
/// event has a reconnect link, logs in with it.
async fn refresh_event(status: u16, body: Value) -> String {
    let app = TestApp::start().await;
    log_in(&app).await;
    app.take_events().await;
    app.inject_fault(faults::response(Endpoint::Refresh, status, body)).await;
    refresh(&app).await;
    let [event] = <[_; 1]>::try_from(app.take_events().await).unwrap();
    let reason = event.reason.clone().unwrap_or_default();
    assert!(!reason.contains(TRACE_ID) && !reason.contains("Error validating"), "Instagram's own message: {reason}");
    if let Some(link) = &event.reconnect_url {
        let browser = BrowserClient::new();
        let response = browser.log_in(&app, &link.parse().unwrap(), "blue_bottle").await;
        assert_eq!(final_heading(&app, &browser, response).await, CONNECTED);
        assert_eq!(app.take_events().await[0].kind.as_str(), "Account Reconnected");
    }
    format!("{}: {reason}", event.kind.as_str())
}

async fn refresh_beside_a_revoked_account() -> String {
    let app = TestApp::start().await;
    log_in(&app).await;
    BrowserClient::new().log_in(&app, &app.link(&app.invite("zebra")), "corner_bakery").await;
    app.take_events().await;
    app.control("PATCH", "accounts/blue_bottle", json!({"revoked": true})).await;
    refresh(&app).await;
    let events: Vec<_> =
        app.take_events().await.iter().map(|event| format!("{}: {}", event.kind.as_str(), event.username)).collect();
    events.into_iter().find(|event| event.starts_with("Token Refreshed")).unwrap_or_default()
}
