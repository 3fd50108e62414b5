//! Invalid, foreign and repeated callbacks, and invalid invites.

use evertoken_core::invite::Invite;
use evertoken_tests::browser::{Browser, Consent};
use evertoken_tests::deployment::Deployment;
use evertoken_tests::http::{Request, Response, parameter};
use evertoken_tests::lambda_emulator::Lambda;
use reqwest::Method;
use serde_json::Value;
use time::{Duration, OffsetDateTime};
use url::Url;

/// Starts a login up to the consent page, grants everything, and returns the URL that Instagram redirects to.
async fn start_login<'a>(stack: &Deployment, callback: &'a Lambda) -> (Browser<'a>, Url) {
    let mut browser = stack.browser(callback);
    let page = browser.open(&stack.invite_link("shop-de")).await;
    let callback_url = browser.consent(&page, Consent::allow("blue_bottle")).await;
    (browser, callback_url)
}

/// Asserts that the response is a page with this title, a cause, a fix, and a reference that the log contains too.
async fn assert_page(callback: &Lambda, response: &Response, status: u16, title: &str) {
    let body = &response.body;
    assert_eq!(response.status, status, "{body}");
    assert!(response.header("content-type").starts_with("text/html"), "{:?}", response.headers);
    assert_eq!(response.header("cache-control"), "no-store");
    assert!(body.contains(&format!("<h1>{title}</h1>")), "{body}");
    let sentences = body.matches("<p>").count();
    assert!(sentences >= 2, "no cause and no fix in {body}");
    let reference = body.split("<code>").nth(1).and_then(|rest| rest.split("</code>").next()).unwrap();
    let line: Value = serde_json::from_str(&callback.wait_for_log(reference).await).unwrap();
    assert_eq!(line["reference"], reference);
}

/// Asserts that the response is a JSON error with this code, and that the log contains its reference.
async fn assert_json(callback: &Lambda, response: &Response, status: u16, code: &str) {
    assert_eq!(response.status, status, "{}", response.body);
    assert!(response.header("content-type").starts_with("application/json"), "{:?}", response.headers);
    let body: Value = serde_json::from_str(&response.body).unwrap();
    let error = &body["error"];
    assert_eq!(error["code"], code);
    for member in ["message", "remedy"] {
        assert!(error[member].as_str().is_some_and(|text| text.ends_with('.')), "{member} in {error}");
    }
    callback.wait_for_log(error["reference"].as_str().unwrap()).await;
}

async fn get_json(browser: &mut Browser<'_>, url: &Url) -> Response {
    browser.send(&Request::get(url).header("Accept", "application/json")).await
}

fn with_state(callback_url: &Url, state: &str) -> Url {
    let mut url = callback_url.clone();
    url.query_pairs_mut().clear().append_pair("code", &parameter(callback_url, "code")).append_pair("state", state);
    url
}

/// Changes one letter of a signed text.
fn forged(signed: &str) -> String {
    let (first, rest) = signed.split_at(1);
    format!("{}{rest}", if first == "A" { "B" } else { "A" })
}

#[tokio::test]
async fn a_cancelled_login_shows_an_error_page_with_a_retry_link() {
    let stack = Deployment::new().await;
    let callback = stack.callback().await;
    let mut browser = stack.browser(&callback);
    let consent = Consent { decision: "cancel", ..Consent::allow("blue_bottle") };
    let page = browser.log_in(&stack.invite_link("shop-de"), consent).await;
    assert_page(&callback, &page, 403, "The account was not connected").await;
    assert!(!browser.cookies.has_name_containing("evertoken-login"));
    let again = page.body.split("href=\"").nth(1).and_then(|rest| rest.split('"').next()).unwrap();
    let page = browser.log_in(&again.parse().unwrap(), Consent::allow("blue_bottle")).await;
    assert_eq!(page.status, 200, "{}", page.body);
    assert_eq!(stack.accounts().await, ["shop-de"]);
}

#[tokio::test]
async fn an_account_without_a_role_gets_a_setup_error_rather_than_a_cancellation() {
    let stack = Deployment::with_sandbox(without_roles()).await;
    let callback = stack.callback().await;
    let page = stack.browser(&callback).log_in(&stack.invite_link("shop-de"), Consent::allow("blue_bottle")).await;
    assert_page(&callback, &page, 403, "This account has not been invited on Instagram").await;
    assert_eq!(stack.accounts().await, [""; 0]);
}

fn without_roles() -> evertoken_sandbox::Settings {
    let mut settings = evertoken_sandbox::Settings::default();
    for account in &mut settings.accounts {
        account.role = evertoken_sandbox::Role::None;
    }
    settings
}

#[tokio::test]
async fn a_callback_without_a_valid_state_and_cookie_is_rejected_before_the_code_is_exchanged() {
    let stack = Deployment::new().await;
    let callback = stack.callback().await;
    let (mut browser, callback_url) = start_login(&stack, &callback).await;
    let state = parameter(&callback_url, "state");
    let (_, foreign) = start_login(&stack, &callback).await;

    let bare = stack.page_url("/callback");
    assert_page(&callback, &browser.get(&bare).await, 400, "This page cannot be opened directly").await;
    assert_json(&callback, &get_json(&mut browser, &bare).await, 400, "state_missing").await;

    let forged = forged(&state);
    for forged in [forged.as_str(), "nonsense", state.split_at(state.len() - 1).0, ""] {
        let response = browser.get(&with_state(&callback_url, forged)).await;
        assert_page(&callback, &response, 400, "This login cannot be continued").await;
        assert_json(&callback, &get_json(&mut browser, &with_state(&callback_url, forged)).await, 400, "state_invalid")
            .await;
    }
    // An invite is signed with the same key but is not a state.
    let invite = parameter(&stack.invite_link("shop-de"), "invite");
    let response = browser.get(&with_state(&callback_url, &invite)).await;
    assert_page(&callback, &response, 400, "This login cannot be continued").await;

    // An authentic state of another login, and the login's own state in another browser.
    let response = browser.get(&with_state(&callback_url, &parameter(&foreign, "state"))).await;
    assert_page(&callback, &response, 403, "This login was not started in this browser").await;
    let mut other = stack.browser(&callback);
    assert_page(&callback, &other.get(&callback_url).await, 403, "This login was not started in this browser").await;
    assert_json(&callback, &get_json(&mut other, &callback_url).await, 403, "other_browser").await;

    assert_eq!(stack.instagram.request_count("code").await, 0);
    assert_eq!(stack.accounts().await, [""; 0]);
    // The login still works after all these attempts.
    assert_eq!(browser.open(&callback_url).await.status, 200);
    assert_eq!(stack.accounts().await, ["shop-de"]);
}

#[tokio::test]
async fn a_repeated_callback_shows_the_result_of_the_first_one() {
    let stack = Deployment::new().await;
    let callback = stack.callback().await;
    let (mut browser, callback_url) = start_login(&stack, &callback).await;
    let mut replayed = browser.clone();
    let first = browser.get(&callback_url).await;
    assert_eq!((first.status, first.location().unwrap().path()), (303, "/connected"));
    let stored = stack.current_document("shop-de").await;

    // The same browser again, which has a receipt by now.
    let reloaded = browser.get(&callback_url).await;
    assert_eq!((reloaded.status, reloaded.location()), (303, first.location()));
    assert_eq!(stack.instagram.request_count("code").await, 1);

    // The browser without the receipt, as after a double click. Instagram rejects the used code, and the vault has a record
    // of the login.
    let response = replayed.get(&callback_url).await;
    assert_eq!((response.status, response.location().unwrap().path()), (303, "/connected"));
    assert_eq!(stack.current_document("shop-de").await, stored);
}

#[tokio::test]
async fn two_tabs_can_log_in_at_the_same_time() {
    let stack = Deployment::new().await;
    let callback = stack.callback().await;
    let mut browser = stack.browser(&callback);
    let [one, other] = [browser.open(&stack.invite_link("one")).await, browser.open(&stack.invite_link("other")).await];
    for (page, account) in [(&other, "corner_bakery"), (&one, "blue_bottle")] {
        let callback_url = browser.consent(page, Consent::allow(account)).await;
        assert_eq!(browser.open(&callback_url).await.url.path(), "/connected");
    }
    assert_eq!(stack.current_document("one").await.1["username"], "blue_bottle");
    assert_eq!(stack.current_document("other").await.1["username"], "corner_bakery");
}

#[tokio::test]
async fn head_and_prefetch_requests_neither_start_a_login_nor_consume_a_code() {
    let stack = Deployment::new().await;
    let callback = stack.callback().await;
    let (mut browser, callback_url) = start_login(&stack, &callback).await;
    let cookies = browser.cookies.clone();
    for url in [&stack.invite_link("shop-de"), &callback_url] {
        let get = Request::get(url);
        let requests = [
            get.clone().method(Method::HEAD),
            get.clone().header("Sec-Purpose", "prefetch;prerender"),
            get.clone().header("Purpose", "prefetch"),
            get.clone().header("X-Moz", "prefetch"),
        ];
        for request in requests {
            let response = browser.send(&request).await;
            assert_eq!((response.status, response.body.as_str(), response.cookies.len()), (204, "", 0), "{request:?}");
        }
    }
    assert_eq!(stack.instagram.request_count("code").await, 0);
    browser.cookies = cookies;
    assert_eq!(browser.open(&callback_url).await.url.path(), "/connected");
}

#[tokio::test]
async fn a_login_requires_an_authentic_unexpired_invite() {
    let stack = Deployment::new().await;
    let callback = stack.callback().await;
    let mut browser = stack.browser(&callback);
    assert_page(&callback, &browser.get(&stack.page_url("/login")).await, 403, "You need an invite link").await;

    let mut forged_invite = stack.invite_link("shop-de");
    let signed = parameter(&forged_invite, "invite");
    forged_invite.query_pairs_mut().clear().append_pair("invite", &forged(&signed));
    assert_page(&callback, &browser.get(&forged_invite).await, 403, "This invite link is not valid").await;

    let expired = stack.invite_link_for(&Invite::new(OffsetDateTime::now_utc() - Duration::seconds(1)));
    assert_page(&callback, &browser.get(&expired).await, 410, "This invite link has expired").await;
    assert_json(&callback, &get_json(&mut browser, &expired).await, 410, "invite_expired").await;
    assert!(browser.cookies.is_empty());
}

#[tokio::test]
async fn an_invite_redirects_to_its_return_url_only_if_the_url_is_allowed() {
    let stack = Deployment::new().await;
    let callback = stack.callback().await;
    let mut browser = stack.browser(&callback);
    let in_a_week = OffsetDateTime::now_utc() + Duration::days(7);
    let leading_to =
        |url: &str| stack.invite_link_for(&Invite { return_to: Some(url.parse().unwrap()), ..Invite::new(in_a_week) });
    let page = browser.open(&leading_to("https://shop.example.test/settings/instagram")).await;
    let callback_url = browser.consent(&page, Consent::allow("blue_bottle")).await;
    let response = browser.get(&callback_url).await;
    assert_eq!((response.status, response.header("location")), (303, "https://shop.example.test/settings/instagram"));
    // Without a name in the invite, the account's id is its name.
    assert_eq!(stack.accounts().await, ["17841405793187218"]);

    let response = browser.get(&leading_to("https://evil.example.test/")).await;
    assert_page(&callback, &response, 403, "This link leads to an address that is not allowed").await;
}
