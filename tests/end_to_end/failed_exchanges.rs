//! Instagram fails between the consent and the document: a page says so, and nothing is stored.

use evertoken_tests::browser::Consent;
use evertoken_tests::deployment::Deployment;
use serde_json::{Value, json};

/// A login with this fault in its way: the page's status and text.
async fn failed_login(stack: &Deployment, fault: Value) -> (u16, String) {
    let callback = stack.callback().await;
    stack.instagram.fault(fault).await;
    let mut browser = stack.browser(&callback);
    let page = browser.log_in(&stack.invite("shop-de"), Consent::allow("blue_bottle")).await;
    assert!(!browser.cookies.has("evertoken-login-"), "the login is used up, and its cookie still there");
    (page.status, page.body)
}

#[tokio::test]
async fn a_one_hour_token_is_never_stored() {
    let stack = Deployment::new().await;
    let down = json!({"kind": "status", "status": 503});
    let (status, page) = failed_login(&stack, json!({"endpoint": "exchange", "times": "always", "answer": down})).await;
    assert_eq!(status, 502);
    assert!(page.contains("Instagram is currently unavailable") && page.contains("Start again"), "{page}");
    assert_eq!(stack.instagram.requests("code").await, 1, "the short-lived token was there");
    assert_eq!(stack.accounts().await, [""; 0]);
}

#[tokio::test]
async fn whatever_fails_on_the_way_nothing_is_stored_and_the_page_tells_the_truth() {
    let body = |error: Value| json!({"kind": "status", "status": 400, "body": {"error": error}});
    let echo = "IGAA-a-token-that-instagram-repeats-in-its-answer";
    let not_ours =
        json!({"message": echo, "type": "OAuthException", "code": 190, "error_subcode": 463, "fbtrace_id": "Atrace"});
    let cases = [
        (json!({"endpoint": "code", "answer": {"kind": "cut"}}), 502),
        (json!({"endpoint": "code", "answer": {"kind": "wrong_json"}}), 502),
        (json!({"endpoint": "exchange", "answer": {"kind": "wrong_json"}}), 502),
        (json!({"endpoint": "exchange", "answer": {"kind": "rate_limit", "status": 429}}), 503),
        (json!({"endpoint": "me", "times": "always", "answer": {"kind": "cut"}}), 502),
        (json!({"endpoint": "me", "answer": body(not_ours)}), 403),
    ];
    let logins = cases.map(|(fault, expected)| async move {
        let stack = Deployment::new().await;
        let (status, page) = failed_login(&stack, fault.clone()).await;
        assert_eq!(status, expected, "{fault}: {page}");
        assert_eq!(stack.accounts().await, [""; 0], "{fault}");
    });
    futures_util::future::join_all(logins).await;
}

#[tokio::test]
async fn a_permission_that_was_unticked_fails_the_login() {
    let stack = Deployment::new().await;
    let callback = stack.callback().await;
    let consent = Consent { grants: Some(&[]), ..Consent::allow("blue_bottle") };
    let page = stack.browser(&callback).log_in(&stack.invite("shop-de"), consent).await;
    assert_eq!(page.status, 403);
    assert!(page.body.contains("instagram_business_basic"), "{}", page.body);
    assert_eq!(stack.accounts().await, [""; 0]);
}
