//! The options of invites.

use std::sync::Arc;

use evertoken_core::entropy::SystemEntropy;
use evertoken_core::invite::{Invite, InviteId};
use evertoken_tests::browser_client::BrowserClient;
use evertoken_tests::test_app::{SIGNING_KEY, TestApp};
use time::Duration;

const BLUE_BOTTLE: &str = "17841405793187218";
const CORNER_BAKERY: &str = "17841405793187219";

#[tokio::test]
async fn an_invite_note_is_shown_as_escaped_text() {
    let (app, browser) = (TestApp::start().await, BrowserClient::new());
    let note = Some("For <b>Anna</b> & the shop".to_owned());
    let link = app.link(&Invite { note, ..app.invite("shop-de") });
    let page = browser.open(&app, &link).await;
    assert_eq!(page.status, 200);
    assert!(page.text.contains("For &#60;b&#62;Anna&#60;/b&#62; &#38; the shop"), "{}", page.text);
    assert_eq!(browser.log_in(&app, &page.button().unwrap(), "blue_bottle").await.status, 303);
}

#[tokio::test]
async fn a_single_use_invite_connects_one_account() {
    let (app, browser) = (TestApp::start().await, BrowserClient::new());
    let once = Some(InviteId::generate(&SystemEntropy).unwrap());
    let link = app.link(&Invite { name: None, once, ..app.invite("any") });
    assert_eq!(browser.log_in(&app, &link, "blue_bottle").await.status, 303);
    let second = browser.open(&app, &link).await;
    assert_eq!((second.status.as_u16(), second.heading()), (410, "This invite link has already been used"));
    assert!(app.document("17841405793187219").await.is_none());
}

#[tokio::test]
async fn a_failed_login_does_not_consume_a_single_use_invite() {
    let (app, browser) = (TestApp::start().await, BrowserClient::new());
    browser.log_in(&app, &app.link(&app.invite("taken")), "corner_bakery").await;
    let once = Some(InviteId::generate(&SystemEntropy).unwrap());
    let link = app.link(&Invite { once, ..app.invite("taken") });
    // Another account has this name, so the service releases its claim of the invite.
    assert_eq!(browser.log_in(&app, &link, "blue_bottle").await.heading(), "This link is for a different account");
    assert_eq!(browser.log_in(&app, &link, "corner_bakery").await.status, 303);
}

#[tokio::test]
async fn concurrent_logins_with_a_single_use_invite_connect_one_account() {
    let app = Arc::new(TestApp::start().await);
    let once = Some(InviteId::generate(&SystemEntropy).unwrap());
    let link = app.link(&Invite { name: None, once, ..app.invite("any") });
    let logins = ["blue_bottle", "corner_bakery"].map(|account| {
        let (app, link) = (Arc::clone(&app), link.clone());
        tokio::spawn(async move { BrowserClient::new().log_in(&app, &link, account).await })
    });
    let mut responses = Vec::new();
    for login in logins {
        responses.push(login.await.unwrap());
    }
    responses.sort_unstable_by_key(|response| response.status);
    assert_eq!(responses.iter().map(|response| response.status.as_u16()).collect::<Vec<_>>(), [303, 410]);
    assert_eq!(responses[1].button(), None, "a used invite cannot start another login");
}

#[tokio::test]
async fn a_reconnect_invite_accepts_only_its_own_account() {
    let (app, browser) = (TestApp::start().await, BrowserClient::new());
    browser.log_in(&app, &app.link(&app.invite("shop-de")), "blue_bottle").await;
    let account = Some(BLUE_BOTTLE.parse().unwrap());
    let reconnect = Invite { account, ..app.invite("shop-de") };
    let other = browser.log_in(&app, &app.link(&reconnect), "corner_bakery").await;
    assert_eq!((other.status.as_u16(), other.heading()), (403, "This link is for a different account"));
    assert!(other.text.contains("@corner_bakery") && other.text.contains("@blue_bottle"), "{}", other.text);
    assert_eq!(app.document("shop-de").await.unwrap().username, "blue_bottle");

    // If no account with the expected id is known, the page shows the id.
    let unknown = Invite { account: Some("17841400000000009".parse().unwrap()), ..app.invite("new") };
    let other = browser.log_in(&app, &app.link(&unknown), "corner_bakery").await;
    assert!(other.text.contains("@corner_bakery") && other.text.contains("17841400000000009"), "{}", other.text);

    // Another account may replace the stored one, but only the expected account.
    let replace = Invite { replace: true, ..reconnect };
    assert_eq!(browser.log_in(&app, &app.link(&replace), "corner_bakery").await.status, 403);
    assert_eq!(app.document("shop-de").await.unwrap().username, "blue_bottle");
    let replace_by_expected = Invite { account: Some(CORNER_BAKERY.parse().unwrap()), ..replace.clone() };
    assert_eq!(browser.log_in(&app, &app.link(&replace_by_expected), "corner_bakery").await.status, 303);
    assert_eq!(app.document("shop-de").await.unwrap().username, "corner_bakery");

    let replace_by_any = Invite { account: None, ..replace };
    assert_eq!(browser.log_in(&app, &app.link(&replace_by_any), "blue_bottle").await.status, 303);
    assert_eq!(app.document("shop-de").await.unwrap().username, "blue_bottle");
}

#[tokio::test]
async fn a_login_cannot_take_over_the_name_of_another_account() {
    let (app, browser) = (TestApp::start().await, BrowserClient::new());
    let link = app.link(&app.invite("shop-de"));
    browser.log_in(&app, &link, "blue_bottle").await;
    let before = app.document("shop-de").await;
    let refused = browser.log_in(&app, &link, "corner_bakery").await;
    assert!(refused.text.contains("@corner_bakery") && refused.text.contains("@blue_bottle"), "{}", refused.text);
    assert_eq!(app.document("shop-de").await, before);
}

#[tokio::test]
async fn missing_tampered_and_expired_invites_each_have_an_error_page() {
    let (app, browser) = (TestApp::start().await, BrowserClient::new());
    let link = app.link(&app.invite("shop-de"));
    let missing = browser.open(&app, &app.url("/login")).await;
    assert_eq!((missing.status.as_u16(), missing.heading()), (403, "You need an invite link"));
    let changed = link.as_str().replacen("invite=", "invite=x", 1).parse().unwrap();
    let changed = browser.open(&app, &changed).await;
    assert_eq!((changed.status.as_u16(), changed.heading()), (403, "This invite link is not valid"));
    app.sandbox.advance(Duration::days(7));
    let expired = browser.open(&app, &link).await;
    assert_eq!((expired.status.as_u16(), expired.heading()), (410, "This invite link has expired"));
}

#[tokio::test]
async fn rotating_the_signing_key_keeps_existing_invites_and_logins_valid() {
    let (app, browser) = (TestApp::start().await, BrowserClient::new());
    let link = app.link(&app.invite("shop-de"));
    let callback = browser.consent(&app, &link, "blue_bottle").await;
    let newest = "the-newest-signing-key-0123456789-abcdef";
    app.set_signing_keys(&[newest, SIGNING_KEY]);
    assert_eq!(browser.open(&app, &callback).await.status, 303, "a login in progress failed");
    assert_eq!(browser.log_in(&app, &link, "blue_bottle").await.status, 303, "an existing invite failed");
    app.set_signing_keys(&[newest]);
    assert_eq!(browser.open(&app, &link).await.status, 403, "an invite of a removed key was accepted");
}

#[tokio::test]
async fn return_urls_outside_the_allowed_prefixes_are_rejected() {
    let prefix = "https://shop.example.com/settings";
    let app = TestApp::with_variables(&[("EVERTOKEN_LOGIN", "open"), ("EVERTOKEN_RETURN_URLS", prefix)]).await;
    let browser = BrowserClient::new();
    let mut link = app.url("/login");
    link.query_pairs_mut().append_pair("return_to", &format!("{prefix}/instagram?shop=7"));
    let done = browser.log_in(&app, &link, "blue_bottle").await;
    assert_eq!(done.location().as_str(), "https://shop.example.com/settings/instagram?shop=7");

    let return_to = Some(format!("{prefix}/x").parse().unwrap());
    let invited = app.link(&Invite { return_to, ..app.invite("17841405793187218") });
    assert_eq!(browser.log_in(&app, &invited, "blue_bottle").await.location().path(), "/settings/x");

    for evil in [
        "https://evil.example/",
        "https://shop.example.com.evil.example/settings",
        "https://shop.example.com@evil.example/settings",
        "https://shop.example.com/settings/../admin",
        "https://shop.example.com/settingsx",
        "http://shop.example.com/settings",
        "//evil.example",
        "/settings",
        "javascript:alert(1)",
        "https://shop.example.com\\@evil.example/settings",
    ] {
        let mut link = app.url("/login");
        link.query_pairs_mut().append_pair("return_to", evil);
        let refused = browser.open(&app, &link).await;
        assert_eq!(refused.status, 403, "{evil}");
        if let Ok(url) = evil.parse() {
            let invite = app.link(&Invite { return_to: Some(url), ..app.invite("shop-de") });
            assert_eq!(browser.open(&app, &invite).await.status, 403, "{evil}");
        }
    }
}

#[tokio::test]
async fn a_canceled_login_starts_again_even_with_the_longest_note() {
    let (app, browser) = (TestApp::start().await, BrowserClient::new());
    let link = app.link(&Invite { note: Some("ü".repeat(300)), ..app.invite("shop-de") });
    let redirect = browser.start(&app, &link).await;
    let canceled = browser.submit_consent(&app, &redirect.location(), "blue_bottle", "cancel", None).await;
    let page = browser.open(&app, &canceled).await;
    assert_eq!(page.heading(), "The account was not connected");
    assert!(page.button().is_some(), "{}", page.text);
}
