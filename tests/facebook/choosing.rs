//! Choosing among several accounts.

use evertoken_core::events::EventKind;
use evertoken_core::invite::Invite;
use evertoken_tests::browser_client::BrowserClient;
use serde_json::json;

use crate::facebook_app::{ACCOUNTS, THREE_PAGES, choose, form, open_choice, start};

#[tokio::test]
async fn one_of_three_accounts_is_chosen_and_connected() {
    let app = start().await;
    let browser = BrowserClient::new();
    let page = open_choice(&app, &browser, &app.invite("shop-de")).await;
    for text in ["@blue_bottle", "@corner_bakery", "@maya.makes", "青い瓶", "type=\"radio\""] {
        assert!(page.text.contains(text), "{text}: {}", page.text);
    }
    assert!(!page.text.contains("EAA") && !page.text.contains("<script"), "{}", page.text);

    let done = choose(&app, &browser, &form(&page, &[ACCOUNTS[1]])).await;
    assert_eq!((done.status.as_u16(), done.location().path()), (303, "/connected"), "{done:?}");
    let connected = browser.open(&app, &done.location()).await;
    assert!(connected.text.contains("@corner_bakery"), "{}", connected.text);
    let document = app.document("shop-de").await.unwrap();
    assert_eq!(document.account_id.as_str(), ACCOUNTS[1]);
    assert_eq!(document.page_id.unwrap().as_str(), THREE_PAGES[1]);
    let events: Vec<_> = app.take_events().await.into_iter().map(|event| (event.kind, event.name)).collect();
    assert_eq!(events, [(EventKind::AccountConnected, "shop-de".to_owned())]);
}

#[tokio::test]
async fn three_accounts_are_connected_at_once_each_under_its_own_name() {
    let app = start().await;
    let browser = BrowserClient::new();
    let invite = Invite { many_accounts: true, ..app.invite("agency") };
    let page = open_choice(&app, &browser, &invite).await;
    assert!(page.text.contains("type=\"checkbox\""), "{}", page.text);
    let done = choose(&app, &browser, &form(&page, &ACCOUNTS)).await;
    assert_eq!(done.status, 303, "{done:?}");
    let connected = browser.open(&app, &done.location()).await;
    for name in ["@blue_bottle", "@corner_bakery", "@maya.makes"] {
        assert!(connected.text.contains(name), "{name}: {}", connected.text);
    }
    for (name, id) in ["agency-blue-bottle", "agency-corner-bakery", "agency-maya-makes"].into_iter().zip(ACCOUNTS) {
        assert_eq!(app.document(name).await.unwrap().account_id.as_str(), id, "{name}");
    }
    assert_eq!(app.take_events().await.len(), 3);

    // A second login finds the same names again.
    let browser = BrowserClient::new();
    let page = open_choice(&app, &browser, &invite).await;
    assert_eq!(choose(&app, &browser, &form(&page, &ACCOUNTS)).await.status, 303);
    let kinds: Vec<_> = app.take_events().await.into_iter().map(|event| event.kind).collect();
    assert_eq!(kinds, [EventKind::AccountReconnected; 3]);
}

#[tokio::test]
async fn a_reconnect_link_picks_its_account_by_itself() {
    let app = start().await;
    let browser = BrowserClient::new();
    let page = open_choice(&app, &browser, &app.invite("shop-de")).await;
    choose(&app, &browser, &form(&page, &[ACCOUNTS[2]])).await;
    let bound = Invite { account: Some(ACCOUNTS[2].parse().unwrap()), ..app.invite("shop-de") };
    for invite in [bound, app.invite("shop-de")] {
        let browser = BrowserClient::new();
        let done = browser.log_in_with_facebook(&app, &app.link(&invite), "three_pages", &THREE_PAGES).await;
        assert_eq!((done.status.as_u16(), done.location().path()), (303, "/connected"), "{done:?}");
        assert_eq!(app.document("shop-de").await.unwrap().account_id.as_str(), ACCOUNTS[2]);
    }
}

#[tokio::test]
async fn an_expected_account_that_was_not_granted_is_named() {
    let app = start().await;
    let invite = Invite { account: Some(ACCOUNTS[2].parse().unwrap()), ..app.invite("shop-de") };
    let browser = BrowserClient::new();
    let page = browser.log_in_with_facebook(&app, &app.link(&invite), "three_pages", &THREE_PAGES[..2]).await;
    assert_eq!(page.status, 403, "{page:?}");
    assert!(page.text.contains("@corner_bakery") && page.text.contains(ACCOUNTS[2]), "{}", page.text);
    assert!(app.document("shop-de").await.is_none());
}

#[tokio::test]
async fn a_form_may_leave_out_the_state_while_one_choice_waits() {
    let app = start().await;
    let browser = BrowserClient::new();
    open_choice(&app, &browser, &app.invite("shop-de")).await;
    let form = [("account".to_owned(), ACCOUNTS[1].to_owned())];
    let post = || app.client.post(app.url("/choose")).header("cookie", browser.cookie_header()).form(&form);

    // Another site could have forged it.
    let foreign = post().header("origin", "https://attacker.example.com").send().await.unwrap();
    assert_eq!(foreign.status(), 400);
    assert!(app.document("shop-de").await.is_none());

    // Two logins wait, and it is not known which one is meant.
    let two = BrowserClient::new();
    open_choice(&app, &two, &app.invite("shop-de")).await;
    let both = format!("{}; {}", browser.cookie_header(), two.cookie_header());
    let unclear = app.client.post(app.url("/choose")).header("cookie", both).form(&form).send().await.unwrap();
    assert_eq!(unclear.status(), 400);
    assert!(app.document("shop-de").await.is_none());

    let own = app.url("/choose").origin().ascii_serialization();
    let done = post().header("origin", own).send().await.unwrap();
    assert_eq!(done.status(), 303);
    assert_eq!(app.document("shop-de").await.unwrap().account_id.as_str(), ACCOUNTS[1]);
}

#[tokio::test]
async fn nothing_selected_shows_the_choice_again() {
    let app = start().await;
    let browser = BrowserClient::new();
    let page = open_choice(&app, &browser, &app.invite("shop-de")).await;
    let again = choose(&app, &browser, &form(&page, &[])).await;
    assert_eq!((again.status.as_u16(), again.location().path()), (303, "/choose"), "{again:?}");
    let page = browser.open(&app, &again.location()).await;
    assert_eq!(choose(&app, &browser, &form(&page, &[ACCOUNTS[0]])).await.status, 303);
}

#[tokio::test]
async fn a_double_click_and_a_reload_show_the_same_result() {
    let app = start().await;
    let browser = BrowserClient::new();
    let once = evertoken_core::invite::InviteId::generate(&evertoken_core::entropy::SystemEntropy).unwrap();
    let page = open_choice(&app, &browser, &Invite { once: Some(once), ..app.invite("shop-de") }).await;
    let form = form(&page, &[ACCOUNTS[0]]);
    let cookies = browser.cookie_header();
    let post = || app.client.post(app.url("/choose")).header("cookie", &cookies).form(&form).send();
    let (first, second) = tokio::join!(post(), post());
    for response in [first.unwrap(), second.unwrap()] {
        assert_eq!(response.status(), 303);
        assert!(response.headers()["location"].to_str().unwrap().contains("/connected?"), "{response:?}");
    }
    let after = choose(&app, &browser, &form).await;
    assert_eq!(after.location().path(), "/connected", "{after:?}");
    assert_eq!(app.take_events().await.len(), 1);
}

#[tokio::test]
async fn an_account_whose_access_ends_before_the_choice_is_not_stored() {
    let app = start().await;
    let browser = BrowserClient::new();
    let page = open_choice(&app, &browser, &app.invite("shop-de")).await;
    app.control("PATCH", "facebook/persons/three_pages", json!({"password_changed": true})).await;
    let failed = choose(&app, &browser, &form(&page, &[ACCOUNTS[0]])).await;
    assert_eq!(failed.status, 403, "{failed:?}");
    assert!(failed.text.contains("Start again") && app.document("shop-de").await.is_none());
}
