//! A service that offers Facebook Login, and what the sandbox's people have.

use std::sync::Arc;

use evertoken_core::entropy::SystemEntropy;
use evertoken_core::invite::Invite;
use evertoken_core::policy::Policy;
use evertoken_core::provider::Logins;
use evertoken_core::refresh::{Limits, Refresher, Report, Request};
use evertoken_https::Tls;
use evertoken_instagram::{AnyLogin, LoginSettings};
use evertoken_sandbox::{Endpoint, FacebookTokenKind, FacebookTokenRequest, FaultResponse, InjectedFault};
use evertoken_tests::browser_client::{BrowserClient, PageResponse};
use evertoken_tests::test_app::{TestApp, TestCredentials};
use reqwest::StatusCode;
use serde_json::{Value, json};

/// The page of `one_page`.
pub(crate) const ONE_PAGE: &str = "100641205793101";
/// The pages of `three_pages`.
pub(crate) const THREE_PAGES: [&str; 3] = ["100641205793102", "100641205793103", "100641205793104"];
/// The Instagram accounts of these pages, in this order.
pub(crate) const ACCOUNTS: [&str; 3] = ["17841405793187218", "17841405793187219", "17841405793187220"];

pub(crate) async fn start() -> TestApp {
    TestApp::with_variables(&[("EVERTOKEN_PROVIDER", "facebook")]).await
}

/// Changes one of the sandbox's people.
pub(crate) async fn change_person(app: &TestApp, person: &str, change: Value) {
    app.control("PATCH", &format!("facebook/persons/{person}"), change).await;
}

/// Changes how the sandbox answers.
pub(crate) async fn shape(app: &TestApp, shapes: Value) {
    app.control("PATCH", "facebook/shapes", shapes).await;
}

pub(crate) async fn advance_days(app: &TestApp, days: u64) {
    app.control("POST", "clock", json!({ "advance_seconds": days * 86_400 })).await;
}

/// Lets the exchange for a long-lived token, which follows the code exchange, return a short-lived one.
pub(crate) async fn leave_next_token_short_lived(app: &TestApp, person: &str) {
    let token = FacebookTokenRequest::new(person, FacebookTokenKind::ShortLivedUser);
    let token = app.sandbox.create_facebook_token(token).unwrap();
    let answer = FaultResponse::with_body(StatusCode::OK, json!({ "access_token": token }));
    app.inject_fault(InjectedFault::latency(Endpoint::FacebookToken, 1)).await;
    app.inject_fault(InjectedFault::new(Endpoint::FacebookToken, answer)).await;
}

/// Connects the one account of `one_page` as `shop-de`.
pub(crate) async fn connect_one(app: &TestApp) {
    let browser = BrowserClient::new();
    let page = browser.log_in_with_facebook(app, &app.link(&app.invite("shop-de")), "one_page", &[ONE_PAGE]).await;
    assert_eq!(page.status, 303, "{page:?}");
}

/// The page of choices after a login as `three_pages`.
pub(crate) async fn open_choice(app: &TestApp, browser: &BrowserClient, invite: &Invite) -> PageResponse {
    let callback = browser.log_in_with_facebook(app, &app.link(invite), "three_pages", &THREE_PAGES).await;
    assert_eq!((callback.status.as_u16(), callback.location().path()), (303, "/choose"), "{callback:?}");
    let page = browser.open(app, &callback.location()).await;
    assert_eq!(page.status, 200, "{page:?}");
    page
}

/// The form of the page of choices: its state, and these accounts.
pub(crate) fn form(page: &PageResponse, accounts: &[&str]) -> Vec<(String, String)> {
    let state = page.text.split("name=\"state\" value=\"").nth(1).unwrap().split('"').next().unwrap();
    let mut form = vec![("state".to_owned(), state.to_owned())];
    form.extend(accounts.iter().map(|account| ("account".to_owned(), (*account).to_owned())));
    form
}

/// Posts a choice.
pub(crate) async fn choose(app: &TestApp, browser: &BrowserClient, form: &[(String, String)]) -> PageResponse {
    browser.send(app.client.post(app.url("/choose")).form(form)).await
}

/// The logins that keep stored tokens, as a refresh has them.
pub(crate) fn keeping_logins(app: &TestApp) -> Logins<AnyLogin<TestCredentials>> {
    let variables = [("EVERTOKEN_PROVIDER".to_owned(), "both".to_owned())].into_iter().collect();
    let logins = LoginSettings::read(&variables).unwrap().on_one_origin(&app.instagram_url);
    logins.keeping(&Tls::with_system_roots(), Some(app.credentials()), Arc::new(app.clock())).unwrap()
}

/// Runs the refresh once, with checks.
pub(crate) async fn refresh(app: &TestApp) -> Report {
    let refresher = Arc::new(Refresher {
        provider: keeping_logins(app),
        vault: app.vault.clone(),
        clock: Arc::new(app.clock()),
        entropy: Arc::new(SystemEntropy),
        events: app.events.clone(),
        policy: Policy::default(),
        limits: Limits::default(),
    });
    refresher.run(&Request { check_missed: true, ..Request::default() }, None).await.unwrap()
}
