//! Failures of Instagram, the vault and the event bus.

use evertoken_sandbox::{Endpoint, FaultResponse, GraphError, InjectedFault};
use evertoken_tests::aws_proxy::AwsProxy;
use evertoken_tests::browser::Consent;
use evertoken_tests::deployment::Deployment;
use evertoken_tests::faults;
use evertoken_tests::reserved_port::ReservedPort;
use reqwest::StatusCode;
use serde_json::json;
use time::Duration;

/// Logs in while this fault is active, and returns the status and body of the final page.
async fn failed_login(stack: &Deployment, fault: InjectedFault) -> (u16, String) {
    let callback = stack.callback().await;
    stack.instagram.inject_fault(fault).await;
    let mut browser = stack.browser(&callback);
    let page = browser.log_in(&stack.invite_link("shop-de"), Consent::allow("blue_bottle")).await;
    assert!(!browser.cookies.has_name_containing("evertoken-login-"), "the cookie of the failed login still exists");
    (page.status, page.body)
}

#[tokio::test]
async fn a_short_lived_token_is_never_stored() {
    let stack = Deployment::new().await;
    let fault = faults::service_unavailable(Endpoint::Exchange).always();
    let (status, page) = failed_login(&stack, fault).await;
    assert_eq!(status, 502);
    assert!(page.contains("Instagram is currently unavailable") && page.contains("Start again"), "{page}");
    assert_eq!(stack.instagram.request_count("code").await, 1, "the code was not exchanged for a short-lived token");
    assert_eq!(stack.accounts().await, [""; 0]);
}

#[tokio::test]
async fn a_failed_login_stores_nothing_and_returns_the_matching_status() {
    let echo = GraphError::invalid_token(463, "IGAA-a-token-that-instagram-repeats-in-its-answer");
    let rate_limit = FaultResponse::RateLimit { status: StatusCode::TOO_MANY_REQUESTS, retry_after_seconds: None };
    let cases = [
        (InjectedFault::new(Endpoint::Code, FaultResponse::Truncated), 502),
        (InjectedFault::new(Endpoint::Code, FaultResponse::InvalidJson), 502),
        (InjectedFault::new(Endpoint::Exchange, FaultResponse::InvalidJson), 502),
        (InjectedFault::new(Endpoint::Exchange, rate_limit), 503),
        (InjectedFault::new(Endpoint::Me, FaultResponse::Truncated).always(), 502),
        (InjectedFault::new(Endpoint::Me, FaultResponse::with_body(StatusCode::BAD_REQUEST, echo)), 403),
    ];
    let logins = cases.map(|(fault, expected)| async move {
        let stack = Deployment::new().await;
        let (status, page) = failed_login(&stack, fault.clone()).await;
        assert_eq!(status, expected, "{fault:?}: {page}");
        assert_eq!(stack.accounts().await, [""; 0], "{fault:?}");
    });
    futures_util::future::join_all(logins).await;
}

#[tokio::test]
async fn a_login_without_a_required_permission_fails() {
    let stack = Deployment::new().await;
    let callback = stack.callback().await;
    let consent = Consent { grants: Some(&[]), ..Consent::allow("blue_bottle") };
    let page = stack.browser(&callback).log_in(&stack.invite_link("shop-de"), consent).await;
    assert_eq!(page.status, 403);
    assert!(page.body.contains("instagram_business_basic"), "{}", page.body);
    assert_eq!(stack.accounts().await, [""; 0]);
}

#[tokio::test]
async fn an_unreachable_vault_fails_the_run_and_the_login_page() {
    let nobody = ReservedPort::new();
    let endpoint = format!("http://{}", nobody.address());
    let stack = Deployment::new().await.with_variables(&[("AWS_ENDPOINT_URL", &endpoint)]);
    let (callback, refresh) = tokio::join!(stack.callback(), stack.refresh());
    let response = refresh.invoke(&json!({})).await;
    assert_eq!(response["errorType"], "RunFailed", "{response}");
    let page = stack.browser(&callback).get(&stack.invite_link("shop-de")).await;
    assert_eq!(page.status, 503, "{}", page.body);
}

#[tokio::test]
async fn an_undeliverable_event_does_not_fail_the_refresh() {
    let nobody = ReservedPort::new();
    let endpoint = format!("http://{}", nobody.address());
    let stack = Deployment::new().await.with_variables(&[("AWS_ENDPOINT_URL_EVENTBRIDGE", &endpoint)]);
    stack.add_account("shop-de", Duration::days(21)).await;
    let refresh = stack.refresh().await;
    let report = refresh.invoke(&json!({})).await;
    assert_eq!((&report["refreshed"], &report["failures"]), (&json!(1), &json!([])), "{report}");
    refresh.wait_for_log("cannot publish the event").await;
}

/// AWS answers `PutEvents` with status 200 even if it rejects the entry.
#[tokio::test]
async fn an_event_that_eventbridge_rejects_is_not_lost_and_the_next_run_sends_it() {
    let aws = AwsProxy::start().await;
    let stack = Deployment::new().await.with_variables(&[("AWS_ENDPOINT_URL", aws.endpoint())]);
    stack.add_account("shop-de", Duration::days(21)).await;
    stack.instagram.inject_fault(faults::invalid_token(Endpoint::Refresh, 460)).await;
    aws.reject_event_entries(1);
    let refresh = stack.refresh().await;
    assert_eq!(refresh.invoke(&json!({})).await["login_required"], 1);
    refresh.wait_for_log("cannot publish the event (ThrottlingException)").await;
    assert_eq!(stack.current_document("shop-de").await.1["health"].get("announced_at"), None);
    assert_eq!(refresh.invoke(&json!({})).await["login_required"], 1);
    assert!(stack.current_document("shop-de").await.1["health"]["announced_at"].is_string());
    let sent: Vec<_> = aws.events().iter().map(|event| event["DetailType"].clone()).collect();
    assert_eq!(sent, ["Login Required"]);
}
