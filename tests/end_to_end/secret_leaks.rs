//! Secrets in places where they are most likely to leak. All other end-to-end tests also search for secrets.

use evertoken_tests::browser::Consent;
use evertoken_tests::deployment::Deployment;

use serde_json::json;
use time::Duration;

#[tokio::test]
async fn text_logs_at_trace_level_contain_no_secret() {
    let loud = [("AWS_LAMBDA_LOG_FORMAT", "Text"), ("AWS_LAMBDA_LOG_LEVEL", "TRACE"), ("RUST_LOG", "trace")];
    let stack = Deployment::new().await.with_variables(&loud);
    let callback = stack.callback().await;
    let page = stack.browser(&callback).log_in(&stack.invite_link("shop-de"), Consent::allow("blue_bottle")).await;
    assert_eq!(page.status, 200);
    stack.add_account("due", Duration::days(21)).await;
    let report = stack.refresh().await.invoke(&json!({})).await;
    assert_eq!(report["refreshed"], 1, "{report}");
    let line = callback.wait_for_log("account connected").await;
    assert!(!line.starts_with('{') && line.contains("shop-de"), "{line}");
}

#[tokio::test]
async fn tokens_echoed_by_instagram_are_not_leaked() {
    let stack = Deployment::new().await;
    stack.add_account("shop-de", Duration::days(21)).await;
    let refresh = stack.refresh().await;
    let echo = "IGAA-a-token-that-instagram-repeats-in-its-answer";
    let error =
        |code: u16, kind: &str| json!({"error": {"message": echo, "type": kind, "code": code, "fbtrace_id": "Atrace"}});
    let answers = [
        json!({"kind": "status", "status": 400, "body": error(190, "OAuthException")}),
        json!({"kind": "status", "status": 400, "body": error(100, "IGApiException")}),
        json!({"kind": "status", "status": 500, "body": echo}),
        json!({"kind": "status", "status": 302, "headers": {"Location": format!("/me?access_token={echo}")}}),
        json!({"kind": "status", "status": 200, "body": {"access_token": echo, "expires_in": "never"}}),
        json!({"kind": "status", "status": 400, "headers": {"WWW-Authenticate": echo}, "body": error(9999, echo)}),
        json!({"kind": "huge", "bytes": 50_000_000}),
        json!({"kind": "cut"}),
    ];
    for answer in answers {
        stack.instagram.inject_fault(json!({"endpoint": "refresh", "times": "always", "answer": answer})).await;
        let by_name = json!({"version": 1, "accounts": ["shop-de"], "force": true});
        let report = refresh.invoke(&by_name).await;
        stack.instagram.clear_faults().await;
        assert_eq!(report["failures"][0]["name"], "shop-de", "{answer}: {report}");
        let (_, document) = stack.current_document("shop-de").await;
        assert!(!document.to_string().contains(echo), "{answer}");
    }
}

#[tokio::test]
async fn invalid_events_are_rejected_without_being_echoed() {
    let stack = Deployment::new().await;
    let (callback, refresh) = tokio::join!(stack.callback(), stack.refresh());
    let planted = "IGAA-a-token-in-the-wrong-place";
    let foreign = [
        json!({"access_token": planted}),
        json!({"version": 1, "accounts": [planted]}),
        json!({"version": 1, "accounts": planted}),
        json!([planted]),
        json!(planted),
    ];
    for event in &foreign {
        let response = refresh.invoke(event).await;
        assert_eq!(response["errorType"], "InvalidRequest", "{response}");
        assert!(callback.invoke(event).await["errorType"].is_string(), "{event}");
    }
    let refused = refresh.invoke(&json!({"version": 2})).await;
    assert!(refused["errorMessage"].as_str().unwrap().contains("version is 2"), "{refused}");
}
