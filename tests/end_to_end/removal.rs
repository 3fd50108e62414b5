//! Meta's callbacks when an owner removes the app or requests the deletion of their data.

use evertoken_tests::browser::Consent;
use evertoken_tests::deployment::{Deployment, SecretState};
use evertoken_tests::http::Request;
use reqwest::Method;
use time::Duration;

/// Meta sends both requests to an owner who removes the app and then asks for the deletion of their data.
#[tokio::test]
async fn a_deletion_request_after_a_removal_deletes_the_recoverable_secret_too() {
    let stack = Deployment::new().await;
    let callback = stack.callback().await;
    let mut browser = stack.browser(&callback);
    for (name, account) in [("shop-de", "blue_bottle"), ("bakery", "corner_bakery")] {
        let page = browser.log_in(&stack.invite_link(name), Consent::allow(account)).await;
        assert_eq!(page.status, 200, "{}", page.body);
    }
    let signed = stack.instagram.signed_request("blue_bottle").await;
    for (path, left) in [
        ("/deauthorize", SecretState::Recoverable),
        ("/deauthorize", SecretState::Recoverable),
        ("/data-deletion", SecretState::Gone),
        ("/data-deletion", SecretState::Gone),
    ] {
        let form = vec![("signed_request".to_owned(), signed.clone())];
        let request = Request { form, ..Request::get(&stack.page_url(path)).method(Method::POST) };
        let response = browser.send(&request).await;
        assert_eq!(response.status, 200, "{path}: {}", response.body);
        assert_eq!(stack.secret_state("shop-de").await, left, "{path}");
    }
    assert_eq!(stack.secret_state("bakery").await, SecretState::Current);
}

#[tokio::test]
async fn a_login_after_a_removal_restores_the_account_with_a_new_token() {
    let stack = Deployment::new().await;
    stack.add_account("shop-de", Duration::days(2)).await;
    let (_, before) = stack.current_document("shop-de").await;
    stack.remove_recoverably("shop-de").await;
    let callback = stack.callback().await;
    let page = stack.browser(&callback).log_in(&stack.invite_link("shop-de"), Consent::allow("blue_bottle")).await;
    assert_eq!(page.status, 200, "{}", page.body);
    assert_eq!(stack.secret_state("shop-de").await, SecretState::Current);
    assert_ne!(stack.current_document("shop-de").await.1["access_token"], before["access_token"]);
    let tags = stack.tags("shop-de").await;
    assert!(tags.contains(&("evertoken:account-id".to_owned(), "17841405793187218".to_owned())), "{tags:?}");
}
