//! Logins that find no account: one page for each reason that a person can act on.

use evertoken_sandbox::{Endpoint, FaultResponse, InjectedFault};
use evertoken_tests::browser_client::BrowserClient;
use reqwest::StatusCode;
use serde_json::json;

use crate::facebook_app::{ACCOUNTS, ONE_PAGE, start};

#[tokio::test]
async fn each_reason_has_its_page_with_a_remedy() {
    for (person, pages, heading) in [
        ("no_pages", vec![], "No Facebook Page was found"),
        ("unlinked", vec!["100641205793105", "100641205793106"], "No Instagram account is linked to your page"),
        ("one_page", vec![], "No Facebook Page was found"),
        ("lost_role", vec![], "No Facebook Page was found"),
    ] {
        let app = start().await;
        let browser = BrowserClient::new();
        let page = browser.log_in_with_facebook(&app, &app.link(&app.invite("shop-de")), person, &pages).await;
        assert_eq!(page.heading(), heading, "{person}: {}", page.text);
        assert!(page.text.contains("Start again"), "{person}: {}", page.text);
        assert!(app.document("shop-de").await.is_none());
    }
}

#[tokio::test]
async fn a_page_whose_token_is_withheld_was_not_granted() {
    let app = start().await;
    let account = json!({"id": ACCOUNTS[0], "username": "blue_bottle"});
    let page = json!({"id": ONE_PAGE, "name": "Blue Bottle", "instagram_business_account": account});
    for (endpoint, body) in
        [(Endpoint::FacebookAccounts, json!({"data": [page]})), (Endpoint::FacebookBusinesses, json!({"data": []}))]
    {
        app.inject_fault(InjectedFault::new(endpoint, FaultResponse::with_body(StatusCode::OK, body)).always()).await;
    }
    let browser = BrowserClient::new();
    let page = browser.log_in_with_facebook(&app, &app.link(&app.invite("shop-de")), "one_page", &[ONE_PAGE]).await;
    assert_eq!(page.heading(), "Access to your page was not granted", "{}", page.text);
}

#[tokio::test]
async fn a_failure_of_facebook_is_told_apart_from_missing_access() {
    for (status, heading) in [
        (StatusCode::SERVICE_UNAVAILABLE, "Instagram is currently unavailable"),
        (StatusCode::FORBIDDEN, "Facebook did not list your pages"),
    ] {
        let app = start().await;
        let no_permission = json!({"error": {"code": 10, "type": "OAuthException", "message": "No permission"}});
        let answer = match status {
            StatusCode::FORBIDDEN => FaultResponse::with_body(status, no_permission),
            _ => FaultResponse::status(status),
        };
        app.inject_fault(InjectedFault::new(Endpoint::FacebookAccounts, answer.clone()).always()).await;
        app.inject_fault(InjectedFault::new(Endpoint::FacebookPage, answer).always()).await;
        let browser = BrowserClient::new();
        let page = browser.log_in_with_facebook(&app, &app.link(&app.invite("shop-de")), "no_pages", &[]).await;
        assert_eq!(page.heading(), heading, "{}", page.text);
    }
}

/// The page that the person selected is not in the list of pages. It is read by its id, or found through a business.
#[tokio::test]
async fn throttling_is_told_apart_from_missing_access() {
    let error = |status, code| {
        FaultResponse::with_body(status, json!({"error": {"code": code, "type": "OAuthException", "message": "No"}}))
    };
    let throttled = error(StatusCode::BAD_REQUEST, 4);
    let denied = error(StatusCode::FORBIDDEN, 10);
    for (page, businesses) in [(throttled.clone(), denied.clone()), (denied, throttled)] {
        let app = start().await;
        for (endpoint, answer) in [(Endpoint::FacebookPage, page), (Endpoint::FacebookBusinesses, businesses)] {
            app.inject_fault(InjectedFault::new(endpoint, answer).always()).await;
        }
        let link = app.link(&app.invite("shop-de"));
        let page = BrowserClient::new().log_in_with_facebook(&app, &link, "portfolio", &["100641205793107"]).await;
        assert_eq!(page.heading(), "Too many requests to Instagram", "{}", page.text);
    }
}

#[tokio::test]
async fn a_page_that_the_list_hides_is_found() {
    let app = start().await;
    let browser = BrowserClient::new();
    let page =
        browser.log_in_with_facebook(&app, &app.link(&app.invite("shop-de")), "portfolio", &["100641205793107"]).await;
    assert_eq!(page.status, 303, "{page:?}");
    assert_eq!(app.document("shop-de").await.unwrap().account_id.as_str(), ACCOUNTS[1]);
}

#[tokio::test]
async fn an_account_on_two_pages_is_one_account() {
    let app = start().await;
    let browser = BrowserClient::new();
    let pages = ["100641205793108", "100641205793109"];
    let page = browser.log_in_with_facebook(&app, &app.link(&app.invite("shop-de")), "same_account", &pages).await;
    assert_eq!((page.status.as_u16(), page.location().path()), (303, "/connected"), "{page:?}");
    assert_eq!(app.document("shop-de").await.unwrap().account_id.as_str(), ACCOUNTS[2]);
}

#[tokio::test]
async fn five_hundred_pages_are_all_offered() {
    let app = start().await;
    app.sandbox.add_linked_pages("one_page", 500).unwrap();
    let person = app.sandbox.person("one_page").unwrap();
    let pages: Vec<String> = person.pages.iter().map(|page| page.id.0.to_string()).collect();
    let pages: Vec<&str> = pages.iter().map(String::as_str).collect();
    let browser = BrowserClient::new();
    let callback = browser.log_in_with_facebook(&app, &app.link(&app.invite("shop-de")), "one_page", &pages).await;
    assert_eq!(callback.location().path(), "/choose", "{callback:?}");
    let page = browser.open(&app, &callback.location()).await;
    assert!(page.text.matches("name=\"account\"").count() >= 500, "{}", page.text.len());
    assert!(page.text.contains(ONE_PAGE) || page.text.contains(ACCOUNTS[0]));
}

#[tokio::test]
async fn a_declined_dialog_is_a_canceled_login() {
    let app = start().await;
    let browser = BrowserClient::new();
    let dialog = browser.start(&app, &app.link(&app.invite("shop-de"))).await.location();
    let mut callback = app.url("/callback");
    let state = dialog.query_pairs().find(|(name, _)| name == "state").unwrap().1.into_owned();
    callback
        .query_pairs_mut()
        .append_pair("error", "access_denied")
        .append_pair("error_code", "200")
        .append_pair("error_description", "Permissions error")
        .append_pair("error_reason", "user_denied")
        .append_pair("state", &state);
    let page = browser.open(&app, &callback).await;
    assert_eq!(page.status, 403, "{page:?}");
    assert_eq!(page.heading(), "The account was not connected");
}
