//! Secrets in places where they are most likely to leak. All other end-to-end tests also search for secrets.

use evertoken_sandbox::{Endpoint, FaultResponse, InjectedFault};
use evertoken_tests::browser::Consent;
use evertoken_tests::deployment::Deployment;
use reqwest::StatusCode;

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
    let with_header = |status, body, name: &str, value: String| FaultResponse::Status {
        status,
        body,
        headers: [(name.to_owned(), value)].into(),
    };
    let redirect = format!("/me?access_token={echo}");
    let responses = [
        FaultResponse::with_body(StatusCode::BAD_REQUEST, error(190, "OAuthException")),
        FaultResponse::with_body(StatusCode::BAD_REQUEST, error(100, "IGApiException")),
        FaultResponse::with_body(StatusCode::INTERNAL_SERVER_ERROR, echo),
        with_header(StatusCode::FOUND, None, "Location", redirect),
        FaultResponse::with_body(StatusCode::OK, json!({"access_token": echo, "expires_in": "never"})),
        with_header(StatusCode::BAD_REQUEST, Some(error(9999, echo)), "WWW-Authenticate", echo.to_owned()),
        FaultResponse::Oversized { bytes: 50_000_000 },
        FaultResponse::Truncated,
    ];
    for response in responses {
        stack.instagram.inject_fault(InjectedFault::new(Endpoint::Refresh, response.clone()).always()).await;
        let by_name = json!({"version": 1, "accounts": ["shop-de"], "force": true});
        let report = refresh.invoke(&by_name).await;
        stack.instagram.clear_faults().await;
        assert_eq!(report["failures"][0]["name"], "shop-de", "{response:?}: {report}");
        let (_, document) = stack.current_document("shop-de").await;
        assert!(!document.to_string().contains(echo), "{response:?}");
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
    assert!(refused["errorMessage"].as_str().unwrap().contains("unsupported version 2"), "{refused}");
}
