//! Choosing among several accounts.

use evertoken_core::entropy::SystemEntropy;
use evertoken_core::events::EventKind;
use evertoken_core::invite::{Invite, InviteId};
use evertoken_core::metrics::Metric;
use evertoken_tests::browser_client::BrowserClient;
use evertoken_tests::test_app::TestApp;
use serde_json::json;
use url::Url;

use crate::facebook_app::{
    ACCOUNTS, THREE_PAGES, choose, connect_one, form, leave_next_token_short_lived, open_choice, start,
};

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
    let mut cookies = done.headers.get_all("set-cookie").iter().map(|cookie| cookie.to_str().unwrap());
    assert!(cookies.any(|it| it.starts_with("evertoken-choice-") && it.contains("Max-Age=0")), "{done:?}");
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
    let replacing = Invite { replace: true, ..bound.clone() };
    for invite in [bound, replacing, app.invite("shop-de")] {
        let browser = BrowserClient::new();
        let done = browser.log_in_with_facebook(&app, &app.link(&invite), "three_pages", &THREE_PAGES).await;
        assert_eq!((done.status.as_u16(), done.location().path()), (303, "/connected"), "{done:?}");
        assert_eq!(app.document("shop-de").await.unwrap().account_id.as_str(), ACCOUNTS[2]);
    }
}

#[tokio::test]
async fn a_link_that_replaces_an_account_or_connects_several_asks_which() {
    let app = start().await;
    connect_one(&app).await;
    let many = Invite { many_accounts: true, ..app.invite("shop-de") };
    let page = open_choice(&app, &BrowserClient::new(), &many).await;
    assert!(page.text.contains("type=\"checkbox\""), "{}", page.text);
    let browser = BrowserClient::new();
    let page = open_choice(&app, &browser, &Invite { replace: true, ..app.invite("shop-de") }).await;
    assert_eq!(choose(&app, &browser, &form(&page, &[ACCOUNTS[1]])).await.status, 303);
    assert_eq!(app.document("shop-de").await.unwrap().account_id.as_str(), ACCOUNTS[1]);
}

/// A name has a hyphen where a username has a dot or an underscore.
#[tokio::test]
async fn accounts_with_similar_usernames_get_different_names() {
    let app = start().await;
    let invite = Invite { many_accounts: true, ..app.invite("agency") };
    let connect = async |accounts: &[&str]| {
        let browser = BrowserClient::new();
        let page = open_choice(&app, &browser, &invite).await;
        choose(&app, &browser, &form(&page, accounts)).await.status
    };
    app.sandbox.update_account("corner_bakery", |account| account.username = "maya_makes".to_owned()).unwrap();
    assert_eq!(connect(&ACCOUNTS[1..]).await, 303);
    // The name belongs to an account of an earlier login.
    app.sandbox.update_account("blue_bottle", |account| account.username = "Maya_Makes".to_owned()).unwrap();
    assert_eq!(connect(&ACCOUNTS[..2]).await, 303);
    for (name, id) in [
        ("agency-17841405793187218", ACCOUNTS[0]),
        ("agency-maya-makes", ACCOUNTS[1]),
        ("agency-17841405793187220", ACCOUNTS[2]),
    ] {
        assert_eq!(app.document(name).await.unwrap().account_id.as_str(), id, "{name}");
    }
}

/// The only account of a login, one that was chosen, and then several, by the same link.
#[tokio::test]
async fn a_link_for_several_accounts_names_a_single_one_like_the_others() {
    let app = start().await;
    let link = app.link(&Invite { many_accounts: true, ..app.invite("agency") });
    let browser = BrowserClient::new();
    let only = browser.log_in_with_facebook(&app, &link, "three_pages", &THREE_PAGES[..1]).await;
    assert_eq!(only.location().path(), "/connected", "{only:?}");
    for accounts in [&ACCOUNTS[1..2], &ACCOUNTS] {
        let browser = BrowserClient::new();
        let callback = browser.log_in_with_facebook(&app, &link, "three_pages", &THREE_PAGES).await;
        let page = browser.open(&app, &callback.location()).await;
        let done = choose(&app, &browser, &form(&page, accounts)).await;
        assert_eq!(done.location().path(), "/connected", "{done:?}");
    }
    for (name, id) in ["agency-blue-bottle", "agency-corner-bakery", "agency-maya-makes"].into_iter().zip(ACCOUNTS) {
        assert_eq!(app.document(name).await.unwrap().account_id.as_str(), id, "{name}");
    }
    assert!(app.document("agency").await.is_none());
}

#[tokio::test]
async fn up_to_25_accounts_are_connected_at_once() {
    let app = start().await;
    let person = app.sandbox.add_linked_pages("one_page", 25).unwrap();
    let pages: Vec<String> = person.pages.iter().map(|page| page.id.0.to_string()).collect();
    let pages: Vec<&str> = pages.iter().map(String::as_str).collect();
    let accounts: Vec<String> = person.pages.iter().map(|page| page.instagram_account.unwrap().to_string()).collect();
    let accounts: Vec<&str> = accounts.iter().map(String::as_str).collect();
    assert_eq!(accounts.len(), 26);

    let browser = BrowserClient::new();
    let link = app.link(&Invite { many_accounts: true, ..app.invite("agency") });
    let callback = browser.log_in_with_facebook(&app, &link, "one_page", &pages).await;
    let page = browser.open(&app, &callback.location()).await;
    assert_eq!(choose(&app, &browser, &form(&page, &accounts)).await.status, 403);
    assert!(app.take_events().await.is_empty());
    assert_eq!(choose(&app, &browser, &form(&page, &accounts[..25])).await.status, 303);
    assert_eq!(app.take_events().await.len(), 25);
}

#[tokio::test]
async fn a_choice_leads_to_the_return_address() {
    let variables = [("EVERTOKEN_PROVIDER", "facebook"), ("EVERTOKEN_RETURN_URLS", "https://shop.example.com")];
    let app = TestApp::with_variables(&variables).await;
    let browser = BrowserClient::new();
    let return_to: Url = "https://shop.example.com/settings".parse().unwrap();
    let invite = Invite { return_to: Some(return_to.clone()), ..app.invite("shop-de") };
    let page = open_choice(&app, &browser, &invite).await;
    // Browsers also apply the policy to the redirect that answers the form.
    let policy = page.headers["content-security-policy"].to_str().unwrap();
    assert!(policy.contains("form-action 'self' https://shop.example.com;"), "{policy}");
    let done = choose(&app, &browser, &form(&page, &[ACCOUNTS[0]])).await;
    assert_eq!((done.status.as_u16(), done.location()), (303, return_to));
}

#[tokio::test]
async fn a_token_can_be_copied_only_if_one_account_was_chosen() {
    for (accounts, is_offered) in [(&ACCOUNTS[..1], true), (&ACCOUNTS[..], false)] {
        let app = start().await;
        let browser = BrowserClient::new();
        let invite = Invite { reveal: true, many_accounts: true, ..app.invite("agency") };
        let page = open_choice(&app, &browser, &invite).await;
        let done = choose(&app, &browser, &form(&page, accounts)).await;
        let connected = browser.open(&app, &done.location()).await;
        assert_eq!(connected.status, 200, "{connected:?}");
        assert_eq!(connected.text.contains("name=\"receipt\""), is_offered, "{}", connected.text);
    }
}

#[tokio::test]
async fn an_expected_account_that_was_not_granted_is_named() {
    let app = start().await;
    for replace in [false, true] {
        let invite = Invite { account: Some(ACCOUNTS[2].parse().unwrap()), replace, ..app.invite("shop-de") };
        let browser = BrowserClient::new();
        let page = browser.log_in_with_facebook(&app, &app.link(&invite), "three_pages", &THREE_PAGES[..2]).await;
        assert_eq!(page.status, 403, "{page:?}");
        assert!(page.text.contains("@corner_bakery") && page.text.contains(ACCOUNTS[2]), "{}", page.text);
        assert!(app.document("shop-de").await.is_none());
    }
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
    let once = Some(InviteId::generate(&SystemEntropy).unwrap());
    let page = open_choice(&app, &browser, &Invite { once, ..app.invite("shop-de") }).await;
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

/// Two processes of a service have the signing key in common, and the second one cannot use the code.
#[tokio::test]
async fn a_callback_that_reaches_another_process_again_shows_the_same_choice() {
    let (app, other_process) = (start().await, start().await);
    let browser = BrowserClient::new();
    let link = app.link(&app.invite("shop-de"));
    let callback = browser.consent_on_facebook(&app, &link, "three_pages", &THREE_PAGES).await;
    let first = browser.open(&app, &callback).await;
    let mut repeated = other_process.url("/callback");
    repeated.set_query(callback.query());
    let again = browser.open(&other_process, &repeated).await;
    assert_eq!((again.status.as_u16(), again.location().path()), (303, "/choose"), "{again:?}");
    assert_eq!(again.location().query(), first.location().query());

    let page = browser.open(&app, &first.location()).await;
    assert_eq!(choose(&app, &browser, &form(&page, &[ACCOUNTS[1]])).await.status, 303);
    assert_eq!(app.document("shop-de").await.unwrap().account_id.as_str(), ACCOUNTS[1]);
}

#[tokio::test]
async fn a_choice_whose_invite_another_person_used_counts_as_a_failed_login() {
    let app = start().await;
    let invite = Invite { once: Some(InviteId::generate(&SystemEntropy).unwrap()), ..app.invite("shop-de") };
    let (browser, other) = (BrowserClient::new(), BrowserClient::new());
    let page = open_choice(&app, &browser, &invite).await;
    let page_of_other = open_choice(&app, &other, &invite).await;
    assert_eq!(choose(&app, &other, &form(&page_of_other, &[ACCOUNTS[1]])).await.status, 303);
    app.metrics.take();
    let refused = choose(&app, &browser, &form(&page, &[ACCOUNTS[0]])).await;
    assert_eq!((refused.status.as_u16(), refused.heading()), (410, "This invite link has already been used"));
    let counted: Vec<_> = app.metrics.take().iter().map(|one| one.metric).collect();
    assert_eq!(counted, [Metric::LoginsFailed]);
    assert_eq!(app.document("shop-de").await.unwrap().account_id.as_str(), ACCOUNTS[1]);
}

#[tokio::test]
async fn an_account_whose_access_ends_before_the_choice_is_not_stored() {
    let app = start().await;
    let browser = BrowserClient::new();
    let page = open_choice(&app, &browser, &app.invite("shop-de")).await;
    app.control("PATCH", "facebook/persons/three_pages", json!({"password_changed": true})).await;
    app.metrics.take();
    let failed = choose(&app, &browser, &form(&page, &[ACCOUNTS[0]])).await;
    assert_eq!(failed.status, 403, "{failed:?}");
    assert!(failed.text.contains("Start again") && app.document("shop-de").await.is_none());
    let counted: Vec<_> = app.metrics.take().iter().map(|one| one.metric).collect();
    assert_eq!(counted, [Metric::LoginsFailed]);
}

#[tokio::test]
async fn a_chosen_account_whose_page_token_ends_is_refused() {
    let app = start().await;
    let browser = BrowserClient::new();
    leave_next_token_short_lived(&app, "three_pages").await;
    let page = open_choice(&app, &browser, &app.invite("shop-de")).await;
    let refused = choose(&app, &browser, &form(&page, &[ACCOUNTS[0]])).await;
    assert_eq!(refused.status, 502, "{refused:?}");
    assert_eq!(refused.heading(), "The connection would end within hours");
    assert!(app.document("shop-de").await.is_none());
}
