//! Ways through a login: straight, twice, back, late, elsewhere.

use evertoken_core::vault::AccountIndex;
use std::sync::Arc;

use evertoken_core::invite::Invite;
use evertoken_tests::login_house::House;
use evertoken_tests::visitor::Visitor;
use serde_json::json;
use time::Duration;
use url::Url;

const BLUE_BOTTLE: &str = "17841405793187218";

#[tokio::test]
async fn an_invite_leads_to_a_stored_account_and_a_page_without_the_token() {
    let (house, visitor) = (House::start().await, Visitor::new());
    let link = house.link(&house.invite("shop-de"));
    let done = visitor.log_in(&house, &link, "blue_bottle").await;
    assert_eq!(done.status, 303);
    let connected = visitor.open(&house, &done.location()).await;
    assert_eq!((connected.status.as_u16(), connected.heading()), (200, "@blue_bottle is connected"));
    let document = house.document("shop-de").await.unwrap();
    assert_eq!(document.account_id.as_str(), BLUE_BOTTLE);
    assert!(!connected.text.contains(document.access_token.expose()) && !connected.text.contains("IGAA"));
}

#[tokio::test]
async fn several_tabs_at_once_each_come_to_their_end() {
    let (house, visitor) = (House::start().await, Visitor::new());
    let links = ["one", "two", "three"].map(|name| house.link(&house.invite(name)));
    let mut callbacks = Vec::new();
    for (link, account) in links.iter().zip(["blue_bottle", "corner_bakery", "maya.makes"]) {
        callbacks.push(visitor.consent(&house, link, account).await);
    }
    for callback in callbacks.iter().rev() {
        assert_eq!(visitor.open(&house, callback).await.status, 303);
    }
    for name in ["one", "two", "three"] {
        assert!(house.document(name).await.is_some(), "{name}");
    }
}

#[tokio::test]
async fn reload_and_back_button_lead_to_what_was_connected_and_ask_instagram_nothing() {
    let (house, visitor) = (House::start().await, Visitor::new());
    let callback = visitor.consent(&house, &house.link(&house.invite("shop-de")), "blue_bottle").await;
    visitor.open(&house, &callback).await;
    let asked = house.requests_at_instagram().await;
    // Within the login's ten minutes, and after them.
    for _ in 0..2 {
        let again = visitor.open(&house, &callback).await;
        assert_eq!(again.status, 303);
        assert_eq!(visitor.open(&house, &again.location()).await.heading(), "@blue_bottle is connected");
        house.sandbox.advance(Duration::minutes(15));
    }
    assert_eq!(house.requests_at_instagram().await, asked);
}

#[tokio::test]
async fn head_and_prefetch_burn_no_code() {
    let (house, visitor) = (House::start().await, Visitor::new());
    let callback = visitor.consent(&house, &house.link(&house.invite("shop-de")), "blue_bottle").await;
    let asked = house.requests_at_instagram().await;
    assert_eq!(visitor.send(house.client.head(callback.clone())).await.status, 204);
    for (name, value) in [("sec-purpose", "prefetch;prerender"), ("purpose", "prefetch"), ("x-moz", "prefetch")] {
        assert_eq!(visitor.send(house.client.get(callback.clone()).header(name, value)).await.status, 204);
    }
    assert_eq!(house.requests_at_instagram().await, asked);
    assert_eq!(visitor.open(&house, &callback).await.status, 303);
}

/// The second of two clicks arrives while the first is at Instagram.
async fn double_click(link: impl Fn(&House) -> Url) {
    let house = Arc::new(House::with(&[("EVERTOKEN_LOGIN", "open")]).await);
    let visitor = Arc::new(Visitor::new());
    let callback = visitor.consent(&house, &link(&house), "blue_bottle").await;
    house.fault(json!({"endpoint": "exchange", "latency_ms": 500})).await;
    let first = tokio::spawn({
        let (house, visitor, callback) = (Arc::clone(&house), Arc::clone(&visitor), callback.clone());
        async move { visitor.open(&house, &callback).await }
    });
    while house.control("GET", "counters", json!({})).await["code"]["requests"].as_u64() != Some(1) {
        tokio::task::yield_now().await;
    }
    let second = visitor.open(&house, &callback).await;
    assert_eq!(second.status, 303, "{second:?}");
    assert_eq!(visitor.open(&house, &second.location()).await.heading(), "@blue_bottle is connected");
    assert_eq!(first.await.unwrap().status, 303);
    let counters = house.control("GET", "counters", json!({})).await;
    assert_eq!(counters["code"]["requests"], 2, "the second was refused: {counters}");
}

#[tokio::test]
async fn a_double_click_shows_no_fault() {
    double_click(|house| house.link(&house.invite("shop-de"))).await;
}

#[tokio::test]
async fn a_double_click_shows_no_fault_where_nobody_named_the_account() {
    double_click(|house| house.url("/login")).await;
}

#[tokio::test]
async fn used_foreign_late_tampered_and_absent_each_have_their_page() {
    let (house, visitor) = (House::start().await, Visitor::new());
    let link = house.link(&house.invite("shop-de"));

    house.fault(json!({"endpoint": "me", "answer": {"kind": "status", "status": 503}})).await;
    let callback = visitor.consent(&house, &link, "blue_bottle").await;
    assert_eq!(visitor.open(&house, &callback).await.status, 502);
    let used = visitor.open(&house, &callback).await;
    assert_eq!((used.status.as_u16(), used.heading()), (410, "This login has already ended"));
    assert!(used.text.contains("/login?invite="), "{}", used.text);

    let callback = visitor.consent(&house, &link, "blue_bottle").await;
    let asked = house.requests_at_instagram().await;
    let foreign = Visitor::new().open(&house, &callback).await;
    assert_eq!((foreign.status.as_u16(), foreign.heading()), (403, "This login was not started in this browser"));

    let absent = visitor.open(&house, &house.url("/callback?code=x")).await;
    assert_eq!((absent.status.as_u16(), absent.heading()), (400, "This page cannot be opened directly"));

    let tampered: Url = callback.as_str().replacen("state=", "state=A", 1).parse().unwrap();
    let tampered = visitor.open(&house, &tampered).await;
    assert_eq!((tampered.status.as_u16(), tampered.heading()), (400, "This login cannot be continued"));

    house.sandbox.advance(Duration::minutes(10));
    let late = visitor.open(&house, &callback).await;
    assert_eq!((late.status.as_u16(), late.heading()), (410, "This login took too long"));
    assert_eq!(house.requests_at_instagram().await, asked);
    assert!(house.document("shop-de").await.is_none());
}

#[tokio::test]
async fn a_receipt_of_one_login_opens_no_other() {
    let (house, visitor) = (House::start().await, Visitor::new());
    let link = house.link(&house.invite("shop-de"));
    visitor.log_in(&house, &link, "blue_bottle").await;
    let receipt = visitor.cookie_header().split_once('=').unwrap().1.to_owned();
    let stranger = Visitor::new();
    let callback = stranger.consent(&house, &link, "corner_bakery").await;
    let name = stranger.cookie_header().split_once('=').unwrap().0.to_owned();
    let planted = house.client.get(callback).header("cookie", format!("{name}={receipt}")).send().await.unwrap();
    assert_eq!(planted.status(), 403);
}

#[tokio::test]
async fn somebody_who_comes_again_without_a_name_keeps_the_one_they_have() {
    let (house, visitor) = (House::with(&[("EVERTOKEN_LOGIN", "open")]).await, Visitor::new());
    visitor.log_in(&house, &house.link(&house.invite("shop-de")), "blue_bottle").await;
    house.sandbox.advance(Duration::days(1));
    visitor.log_in(&house, &house.url("/login"), "blue_bottle").await;
    let nameless = Invite::new(house.now() + Duration::days(1));
    visitor.log_in(&house, &house.link(&nameless), "blue_bottle").await;
    let found = house.vault.find(&BLUE_BOTTLE.parse().unwrap()).await.unwrap().accounts;
    let names: Vec<_> = found.iter().map(|account| account.document.name.as_str()).collect();
    assert_eq!(names, ["shop-de"]);
    assert_eq!(found[0].document.connected_at, house.now());
}
