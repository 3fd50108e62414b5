//! Who is told of a login and of a removal.

use evertoken_core::vault::AccountStore;
use evertoken_tests::login_house::House;
use evertoken_tests::sample;
use evertoken_tests::visitor::Visitor;
use serde_json::{Value, json};

/// What was told since the last look: kind, name, user, health.
fn told(house: &House) -> Vec<(&'static str, String, String, Value)> {
    let events = house.events.take();
    events
        .iter()
        .map(|event| {
            (event.kind.as_str(), event.name.clone(), event.username.clone(), event.detail()["health"].clone())
        })
        .collect()
}

async fn post(house: &House, path: &str, account: &str) {
    let signed = house.control("POST", "signed_request", json!({ "account": account })).await;
    let form = [("signed_request", signed["signed_request"].as_str().unwrap())];
    let answer = Visitor::new().send(house.client.post(house.url(path)).form(&form)).await;
    assert_eq!(answer.status, 200);
}

#[tokio::test]
async fn a_login_a_second_one_and_both_removals_are_told_without_a_token() {
    let house = House::start().await;
    let link = house.link(&house.invite("shop-de"));
    let event = |kind, user: &str, health| (kind, "shop-de".to_owned(), user.to_owned(), health);

    Visitor::new().log_in(&house, &link, "blue_bottle").await;
    let token = house.vault.get(&sample::name("shop-de")).await.unwrap().unwrap().document.access_token;
    let events = house.events.take();
    assert!(!format!("{events:?} {}", events[0].detail()).contains(token.expose()));
    assert_eq!((events.len(), events[0].kind.as_str()), (1, "Account Connected"));

    Visitor::new().log_in(&house, &link, "blue_bottle").await;
    assert_eq!(told(&house), [event("Account Reconnected", "blue_bottle", json!("healthy"))]);

    post(&house, "/deauthorize", "blue_bottle").await;
    assert_eq!(told(&house), [event("Account Disconnected", "blue_bottle", Value::Null)]);

    Visitor::new().log_in(&house, &link, "blue_bottle").await;
    house.events.take();
    post(&house, "/data-deletion", "blue_bottle").await;
    assert_eq!(told(&house), [event("Data Deleted", "blue_bottle", Value::Null)]);
}

#[tokio::test]
async fn a_login_that_fails_is_told_to_nobody() {
    let house = House::start().await;
    house.control("PATCH", "accounts/blue_bottle", json!({ "role": "none" })).await;
    Visitor::new().log_in(&house, &house.link(&house.invite("shop-de")), "blue_bottle").await;
    assert_eq!(told(&house), []);
}
