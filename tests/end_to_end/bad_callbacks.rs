//! Callbacks that are none, or not this browser's, or come twice.

use evertoken_core::invite::Invite;
use evertoken_tests::browser::{Browser, Consent};
use evertoken_tests::deployment::Deployment;
use evertoken_tests::rie::Lambda;
use evertoken_tests::web::{Answer, Request, parameter};
use reqwest::Method;
use serde_json::Value;
use time::{Duration, OffsetDateTime};
use url::Url;

/// A stack, its pages, and a person who has just allowed everything: the address that Instagram sends them back to.
async fn sent_back<'a>(stack: &Deployment, callback: &'a Lambda) -> (Browser<'a>, Url) {
    let mut browser = stack.browser(callback);
    let page = browser.open(&stack.invite("shop-de")).await;
    let back = browser.consent(&page, Consent::allow("blue_bottle")).await;
    (browser, back)
}

/// A page with title, cause, remedy and a reference that is in the log too. Gives the text between the tags.
async fn assert_page(callback: &Lambda, answer: &Answer, status: u16, title: &str) {
    let body = &answer.body;
    assert_eq!(answer.status, status, "{body}");
    assert!(answer.header("content-type").starts_with("text/html"), "{:?}", answer.headers);
    assert_eq!(answer.header("cache-control"), "no-store");
    assert!(body.contains(&format!("<h1>{title}</h1>")), "{body}");
    let sentences = body.matches("<p>").count();
    assert!(sentences >= 2, "no cause and remedy in {body}");
    let reference = body.split("<code>").nth(1).and_then(|rest| rest.split("</code>").next()).unwrap();
    let line: Value = serde_json::from_str(&callback.logged(reference).await).unwrap();
    assert_eq!(line["reference"], reference);
}

/// The same for a machine, with this code.
async fn assert_json(callback: &Lambda, answer: &Answer, status: u16, code: &str) {
    assert_eq!(answer.status, status, "{}", answer.body);
    assert!(answer.header("content-type").starts_with("application/json"), "{:?}", answer.headers);
    let body: Value = serde_json::from_str(&answer.body).unwrap();
    let error = &body["error"];
    assert_eq!(error["code"], code);
    for member in ["message", "remedy"] {
        assert!(error[member].as_str().is_some_and(|text| text.ends_with('.')), "{member} in {error}");
    }
    callback.logged(error["reference"].as_str().unwrap()).await;
}

async fn get_json(browser: &mut Browser<'_>, url: &Url) -> Answer {
    browser.send(&Request::get(url).header("Accept", "application/json")).await
}

fn with_state(back: &Url, state: &str) -> Url {
    let mut url = back.clone();
    url.query_pairs_mut().clear().append_pair("code", &parameter(back, "code")).append_pair("state", state);
    url
}

/// The same with one letter changed.
fn forged(signed: &str) -> String {
    let (first, rest) = signed.split_at(1);
    format!("{}{rest}", if first == "A" { "B" } else { "A" })
}

#[tokio::test]
async fn a_cancelled_login_says_so_and_offers_another_start() {
    let stack = Deployment::new().await;
    let callback = stack.callback().await;
    let mut browser = stack.browser(&callback);
    let consent = Consent { decision: "cancel", ..Consent::allow("blue_bottle") };
    let page = browser.log_in(&stack.invite("shop-de"), consent).await;
    assert_page(&callback, &page, 403, "The account was not connected").await;
    assert!(browser.cookies.is_empty());
    let again = page.body.split("href=\"").nth(1).and_then(|rest| rest.split('"').next()).unwrap();
    let page = browser.log_in(&again.parse().unwrap(), Consent::allow("blue_bottle")).await;
    assert_eq!(page.status, 200, "{}", page.body);
    assert_eq!(stack.accounts().await, ["shop-de"]);
}

#[tokio::test]
async fn an_account_without_a_role_is_a_matter_of_set_up_and_not_of_cancelling() {
    let stack = Deployment::with_instagram(without_roles()).await;
    let callback = stack.callback().await;
    let page = stack.browser(&callback).log_in(&stack.invite("shop-de"), Consent::allow("blue_bottle")).await;
    assert_page(&callback, &page, 403, "This account has no role in the app").await;
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
async fn a_callback_without_its_state_or_its_cookie_is_refused_before_the_code_is_touched() {
    let stack = Deployment::new().await;
    let callback = stack.callback().await;
    let (mut browser, back) = sent_back(&stack, &callback).await;
    let state = parameter(&back, "state");
    let (_, foreign) = sent_back(&stack, &callback).await;

    let bare = stack.page("/callback");
    assert_page(&callback, &browser.get(&bare).await, 400, "This page cannot be opened directly").await;
    assert_json(&callback, &get_json(&mut browser, &bare).await, 400, "state_missing").await;

    let forged = forged(&state);
    for forged in [forged.as_str(), "nonsense", state.split_at(state.len() - 1).0, ""] {
        let answer = browser.get(&with_state(&back, forged)).await;
        assert_page(&callback, &answer, 400, "This login cannot be continued").await;
        assert_json(&callback, &get_json(&mut browser, &with_state(&back, forged)).await, 400, "state_invalid").await;
    }
    // An invite is signed with the same key, and is no state.
    let invite = parameter(&stack.invite("shop-de"), "invite");
    let answer = browser.get(&with_state(&back, &invite)).await;
    assert_page(&callback, &answer, 400, "This login cannot be continued").await;

    // A genuine state of somebody else's, and one's own in another browser.
    let answer = browser.get(&with_state(&back, &parameter(&foreign, "state"))).await;
    assert_page(&callback, &answer, 403, "This login was not started in this browser").await;
    let mut other = stack.browser(&callback);
    assert_page(&callback, &other.get(&back).await, 403, "This login was not started in this browser").await;
    assert_json(&callback, &get_json(&mut other, &back).await, 403, "other_browser").await;

    assert_eq!(stack.instagram.requests("code").await, 0);
    assert_eq!(stack.accounts().await, [""; 0]);
    // None of this has cost the person their login.
    assert_eq!(browser.open(&back).await.status, 200);
    assert_eq!(stack.accounts().await, ["shop-de"]);
}

#[tokio::test]
async fn a_code_works_once_and_a_reload_shows_the_result_again() {
    let stack = Deployment::new().await;
    let callback = stack.callback().await;
    let (mut browser, back) = sent_back(&stack, &callback).await;
    let mut replayed = browser.clone();
    let first = browser.get(&back).await;
    assert_eq!((first.status, first.location().unwrap().path()), (303, "/connected"));
    let stored = stack.current("shop-de").await;

    // The same browser once more: it has a receipt by now.
    let reloaded = browser.get(&back).await;
    assert_eq!((reloaded.status, reloaded.location()), (303, first.location()));
    assert_eq!(stack.instagram.requests("code").await, 1);

    // The browser as it was before, after a double click for example: Instagram knows that the code is used, and the
    // document which login has stored it.
    let answer = replayed.get(&back).await;
    assert_eq!((answer.status, answer.location().unwrap().path()), (303, "/connected"));
    assert_eq!(stack.current("shop-de").await, stored);
}

#[tokio::test]
async fn two_tabs_can_log_in_at_once() {
    let stack = Deployment::new().await;
    let callback = stack.callback().await;
    let mut browser = stack.browser(&callback);
    let [one, other] = [browser.open(&stack.invite("one")).await, browser.open(&stack.invite("other")).await];
    for (page, account) in [(&other, "corner_bakery"), (&one, "blue_bottle")] {
        let back = browser.consent(page, Consent::allow(account)).await;
        assert_eq!(browser.open(&back).await.url.path(), "/connected");
    }
    assert_eq!(stack.current("one").await.1["username"], "blue_bottle");
    assert_eq!(stack.current("other").await.1["username"], "corner_bakery");
}

#[tokio::test]
async fn a_look_ahead_starts_no_login_and_burns_no_code() {
    let stack = Deployment::new().await;
    let callback = stack.callback().await;
    let (mut browser, back) = sent_back(&stack, &callback).await;
    let cookies = browser.cookies.clone();
    for url in [&stack.invite("shop-de"), &back] {
        let get = Request::get(url);
        let looks = [
            get.clone().method(Method::HEAD),
            get.clone().header("Sec-Purpose", "prefetch;prerender"),
            get.clone().header("Purpose", "prefetch"),
            get.clone().header("X-Moz", "prefetch"),
        ];
        for look in looks {
            let answer = browser.send(&look).await;
            assert_eq!((answer.status, answer.body.as_str(), answer.cookies.len()), (204, "", 0), "{look:?}");
        }
    }
    assert_eq!(stack.instagram.requests("code").await, 0);
    browser.cookies = cookies;
    assert_eq!(browser.open(&back).await.url.path(), "/connected");
}

#[tokio::test]
async fn a_login_needs_a_genuine_invite_that_has_not_expired() {
    let stack = Deployment::new().await;
    let callback = stack.callback().await;
    let mut browser = stack.browser(&callback);
    assert_page(&callback, &browser.get(&stack.page("/login")).await, 403, "You need an invite link").await;

    let mut forged_invite = stack.invite("shop-de");
    let signed = parameter(&forged_invite, "invite");
    forged_invite.query_pairs_mut().clear().append_pair("invite", &forged(&signed));
    assert_page(&callback, &browser.get(&forged_invite).await, 403, "This invite link is not valid").await;

    let expired = stack.invite_of(&Invite::new(OffsetDateTime::now_utc() - Duration::seconds(1)));
    assert_page(&callback, &browser.get(&expired).await, 410, "This invite link has expired").await;
    assert_json(&callback, &get_json(&mut browser, &expired).await, 410, "invite_expired").await;
    assert!(browser.cookies.is_empty());
}

#[tokio::test]
async fn an_invite_leads_back_to_where_it_says_and_not_to_foreign_places() {
    let stack = Deployment::new().await;
    let callback = stack.callback().await;
    let mut browser = stack.browser(&callback);
    let in_a_week = OffsetDateTime::now_utc() + Duration::days(7);
    let leading_to =
        |url: &str| stack.invite_of(&Invite { return_to: Some(url.parse().unwrap()), ..Invite::new(in_a_week) });
    let page = browser.open(&leading_to("https://shop.example.test/settings/instagram")).await;
    let back = browser.consent(&page, Consent::allow("blue_bottle")).await;
    let answer = browser.get(&back).await;
    assert_eq!((answer.status, answer.header("location")), (303, "https://shop.example.test/settings/instagram"));
    // Without a name in the invite, the account's id is its name.
    assert_eq!(stack.accounts().await, ["17841405793187218"]);

    let answer = browser.get(&leading_to("https://evil.example.test/")).await;
    assert_page(&callback, &answer, 403, "This link leads to an address that is not allowed").await;
}
