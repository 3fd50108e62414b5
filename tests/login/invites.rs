//! What an invite may say, and that it means it.

use std::sync::Arc;

use evertoken_core::entropy::SystemEntropy;
use evertoken_core::invite::{Invite, InviteId};
use evertoken_tests::login_house::{House, SIGNING_KEY};
use evertoken_tests::visitor::Visitor;
use time::Duration;

const BLUE_BOTTLE: &str = "17841405793187218";

#[tokio::test]
async fn a_note_is_shown_before_instagram_and_only_as_text() {
    let (house, visitor) = (House::start().await, Visitor::new());
    let note = Some("For <b>Anna</b> & the shop".to_owned());
    let link = house.link(&Invite { note, ..house.invite("shop-de") });
    let page = visitor.open(&house, &link).await;
    assert_eq!(page.status, 200);
    assert!(page.text.contains("For &#60;b&#62;Anna&#60;/b&#62; &#38; the shop"), "{}", page.text);
    let next = page.text.split("class=\"button\" href=\"").nth(1).unwrap().split('"').next().unwrap();
    let next = next.replace("&#38;", "&").parse().unwrap();
    assert_eq!(visitor.log_in(&house, &next, "blue_bottle").await.status, 303);
}

#[tokio::test]
async fn an_invite_that_holds_once_brings_one_account() {
    let (house, visitor) = (House::start().await, Visitor::new());
    let once = Some(InviteId::generate(&SystemEntropy).unwrap());
    let link = house.link(&Invite { name: None, once, ..house.invite("any") });
    assert_eq!(visitor.log_in(&house, &link, "blue_bottle").await.status, 303);
    let second = visitor.log_in(&house, &link, "corner_bakery").await;
    assert_eq!((second.status.as_u16(), second.heading()), (410, "This invite link has already been used"));
    assert!(house.document("17841405793187219").await.is_none());
}

#[tokio::test]
async fn a_login_that_fails_does_not_use_up_the_invite() {
    let (house, visitor) = (House::start().await, Visitor::new());
    visitor.log_in(&house, &house.link(&house.invite("taken")), "corner_bakery").await;
    let once = Some(InviteId::generate(&SystemEntropy).unwrap());
    let link = house.link(&Invite { once, ..house.invite("taken") });
    // The name belongs to somebody else: the claim is taken back.
    assert_eq!(visitor.log_in(&house, &link, "blue_bottle").await.heading(), "This link is for a different account");
    assert_eq!(visitor.log_in(&house, &link, "corner_bakery").await.status, 303);
}

#[tokio::test]
async fn of_two_at_once_with_an_invite_that_holds_once_one_comes_through() {
    let house = Arc::new(House::start().await);
    let once = Some(InviteId::generate(&SystemEntropy).unwrap());
    let link = house.link(&Invite { name: None, once, ..house.invite("any") });
    let logins = ["blue_bottle", "corner_bakery"].map(|account| {
        let (house, link) = (Arc::clone(&house), link.clone());
        tokio::spawn(async move { Visitor::new().log_in(&house, &link, account).await.status.as_u16() })
    });
    let mut statuses = Vec::new();
    for login in logins {
        statuses.push(login.await.unwrap());
    }
    statuses.sort_unstable();
    assert_eq!(statuses, [303, 410]);
}

#[tokio::test]
async fn a_reconnect_is_bound_to_its_account_and_names_both() {
    let (house, visitor) = (House::start().await, Visitor::new());
    visitor.log_in(&house, &house.link(&house.invite("shop-de")), "blue_bottle").await;
    let account = Some(BLUE_BOTTLE.parse().unwrap());
    let reconnect = Invite { account, ..house.invite("shop-de") };
    let other = visitor.log_in(&house, &house.link(&reconnect), "corner_bakery").await;
    assert_eq!((other.status.as_u16(), other.heading()), (403, "This link is for a different account"));
    assert!(other.text.contains("@corner_bakery") && other.text.contains("@blue_bottle"), "{}", other.text);
    assert_eq!(house.document("shop-de").await.unwrap().username, "blue_bottle");

    // Nobody of that number is known: then the number must do.
    let unknown = Invite { account: Some("17841400000000009".parse().unwrap()), ..house.invite("new") };
    let other = visitor.log_in(&house, &house.link(&unknown), "corner_bakery").await;
    assert!(other.text.contains("@corner_bakery") && other.text.contains("17841400000000009"), "{}", other.text);

    let replace = Invite { replace: true, ..reconnect };
    assert_eq!(visitor.log_in(&house, &house.link(&replace), "corner_bakery").await.status, 303);
    assert_eq!(house.document("shop-de").await.unwrap().username, "corner_bakery");
}

#[tokio::test]
async fn a_name_that_is_taken_is_refused_and_what_is_there_stays() {
    let (house, visitor) = (House::start().await, Visitor::new());
    let link = house.link(&house.invite("shop-de"));
    visitor.log_in(&house, &link, "blue_bottle").await;
    let before = house.document("shop-de").await;
    let refused = visitor.log_in(&house, &link, "corner_bakery").await;
    assert!(refused.text.contains("@corner_bakery") && refused.text.contains("@blue_bottle"), "{}", refused.text);
    assert_eq!(house.document("shop-de").await, before);
}

#[tokio::test]
async fn missing_changed_and_expired_invites_each_have_their_page() {
    let (house, visitor) = (House::start().await, Visitor::new());
    let link = house.link(&house.invite("shop-de"));
    let missing = visitor.open(&house, &house.url("/login")).await;
    assert_eq!((missing.status.as_u16(), missing.heading()), (403, "You need an invite link"));
    let changed = link.as_str().replacen("invite=", "invite=x", 1).parse().unwrap();
    let changed = visitor.open(&house, &changed).await;
    assert_eq!((changed.status.as_u16(), changed.heading()), (403, "This invite link is not valid"));
    house.sandbox.advance(Duration::days(7));
    let expired = visitor.open(&house, &link).await;
    assert_eq!((expired.status.as_u16(), expired.heading()), (410, "This invite link has expired"));
}

#[tokio::test]
async fn a_key_can_be_replaced_without_cutting_off_what_is_out_there() {
    let (house, visitor) = (House::start().await, Visitor::new());
    let link = house.link(&house.invite("shop-de"));
    let callback = visitor.consent(&house, &link, "blue_bottle").await;
    let newest = "the-newest-signing-key-0123456789-abcdef";
    house.set_signing_keys(&[newest, SIGNING_KEY]);
    assert_eq!(visitor.open(&house, &callback).await.status, 303, "a login under way");
    assert_eq!(visitor.log_in(&house, &link, "blue_bottle").await.status, 303, "an invite from before");
    house.set_signing_keys(&[newest]);
    assert_eq!(visitor.open(&house, &link).await.status, 403, "the old key is gone");
}

#[tokio::test]
async fn people_go_back_only_to_where_they_may() {
    let prefix = "https://shop.example.com/settings";
    let house = House::with(&[("EVERTOKEN_LOGIN", "open"), ("EVERTOKEN_RETURN_URLS", prefix)]).await;
    let visitor = Visitor::new();
    let mut link = house.url("/login");
    link.query_pairs_mut().append_pair("return_to", &format!("{prefix}/instagram?shop=7"));
    let done = visitor.log_in(&house, &link, "blue_bottle").await;
    assert_eq!(done.location().as_str(), "https://shop.example.com/settings/instagram?shop=7");

    let return_to = Some(format!("{prefix}/x").parse().unwrap());
    let invited = house.link(&Invite { return_to, ..house.invite("17841405793187218") });
    assert_eq!(visitor.log_in(&house, &invited, "blue_bottle").await.location().path(), "/settings/x");

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
        let mut link = house.url("/login");
        link.query_pairs_mut().append_pair("return_to", evil);
        let refused = visitor.open(&house, &link).await;
        assert_eq!(refused.status, 403, "{evil}");
        if let Ok(url) = evil.parse() {
            let invite = house.link(&Invite { return_to: Some(url), ..house.invite("shop-de") });
            assert_eq!(visitor.open(&house, &invite).await.status, 403, "{evil}");
        }
    }
}
