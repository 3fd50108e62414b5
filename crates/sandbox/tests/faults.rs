//! Fault injection and counters.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use evertoken_sandbox::{CodeExchangeError, Endpoint, FaultResponse, GraphError, InjectedFault};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::test_sandbox::{ACCOUNT, BASIC, DAY, TestSandbox, assert_rejected};

fn status(endpoint: Endpoint, status: StatusCode) -> InjectedFault {
    InjectedFault::new(endpoint, FaultResponse::status(status))
}

#[tokio::test]
async fn a_fault_applies_to_the_given_number_of_requests() {
    let sandbox = TestSandbox::start().await;
    let token = sandbox.create_token("long", 0).await;
    sandbox.inject(status(Endpoint::Me, StatusCode::SERVICE_UNAVAILABLE).times(2)).await;
    for _ in 0..2 {
        assert_rejected(sandbox.me(&token).await, 503, 2, None, "An unexpected error has occurred.").await;
    }
    assert_eq!(sandbox.me(&token).await.status(), 200);
    assert_eq!(sandbox.control(Method::GET, "/_sandbox/faults", json!({})).await, json!([]));
    assert_eq!(sandbox.counted("me", "fault_status").await, 2);
    assert_eq!(sandbox.counted("me", "ok").await, 1);
}

#[tokio::test]
async fn a_fault_can_last_until_it_is_removed() {
    let sandbox = TestSandbox::start().await;
    let token = sandbox.create_token("long", 0).await;
    sandbox.inject(status(Endpoint::Me, StatusCode::INTERNAL_SERVER_ERROR).always()).await;
    for _ in 0..5 {
        assert_eq!(sandbox.me(&token).await.status(), 500);
    }
    sandbox.control(Method::DELETE, "/_sandbox/faults", json!({})).await;
    assert_eq!(sandbox.me(&token).await.status(), 200);
}

#[tokio::test]
async fn a_fault_can_apply_to_one_account() {
    let sandbox = TestSandbox::start().await;
    let mine = sandbox.create_token("long", 0).await;
    let other = sandbox.control(Method::POST, "/_sandbox/tokens", json!({"account": "corner_bakery"})).await;
    sandbox.inject(status(Endpoint::Me, StatusCode::INTERNAL_SERVER_ERROR).for_account("corner_bakery")).await;
    assert_eq!(sandbox.me(&mine).await.status(), 200);
    assert_eq!(sandbox.me(other["access_token"].as_str().unwrap()).await.status(), 500);
}

#[tokio::test]
async fn a_status_can_carry_any_body_and_headers() {
    let sandbox = TestSandbox::start().await;
    let response = FaultResponse::Status {
        status: StatusCode::BAD_GATEWAY,
        body: Some("<h1>Bad gateway</h1>".into()),
        headers: BTreeMap::from([("X-Served-By".to_owned(), "edge".to_owned())]),
    };
    sandbox.inject(InjectedFault::new(Endpoint::Me, response)).await;
    let response = sandbox.me("x").await;
    assert_eq!(response.status(), 502);
    assert_eq!(response.headers()["x-served-by"], "edge");
    assert_eq!(response.text().await.unwrap(), "<h1>Bad gateway</h1>");

    let response = FaultResponse::with_body(StatusCode::BAD_REQUEST, json!({"a": 1}));
    sandbox.inject(InjectedFault::new(Endpoint::Me, response)).await;
    assert_eq!(sandbox.me("x").await.json::<Value>().await.unwrap(), json!({"a": 1}));
}

#[tokio::test]
async fn a_status_can_carry_instagrams_error_bodies() {
    let sandbox = TestSandbox::start().await;
    let error = GraphError::invalid_token(463, "Session has expired");
    sandbox.inject(InjectedFault::new(Endpoint::Me, FaultResponse::with_body(StatusCode::BAD_REQUEST, error))).await;
    assert_rejected(sandbox.me("x").await, 400, 190, Some(463), "Session has expired").await;

    let error = CodeExchangeError::new(StatusCode::BAD_REQUEST, "Invalid platform app");
    sandbox.inject(InjectedFault::new(Endpoint::Code, FaultResponse::with_body(StatusCode::BAD_REQUEST, error))).await;
    let body: Value = sandbox.post_exchange(&[]).await.json().await.unwrap();
    let expected = json!({"error_type": "OAuthException", "code": 400, "error_message": "Invalid platform app"});
    assert_eq!(body, expected);
}

#[tokio::test]
async fn the_code_exchange_sends_flat_error_bodies() {
    let sandbox = TestSandbox::start().await;
    let rate_limit = FaultResponse::RateLimit { status: StatusCode::TOO_MANY_REQUESTS, retry_after_seconds: None };
    for (response, status, error_type) in [
        (FaultResponse::status(StatusCode::INTERNAL_SERVER_ERROR), 500, "OAuthException"),
        (rate_limit, 429, "OAuthRateLimitException"),
    ] {
        sandbox.inject(InjectedFault::new(Endpoint::Code, response)).await;
        let response = sandbox.post_exchange(&[]).await;
        assert_eq!(response.status(), status);
        let body: Value = response.json().await.unwrap();
        assert_eq!((&body["error_type"], &body["code"]), (&json!(error_type), &json!(status)));
    }
}

#[tokio::test]
async fn a_rate_limit_sends_code_four_and_retry_after() {
    let sandbox = TestSandbox::start().await;
    let fault = json!({"endpoint": "refresh", "answer": {"kind": "rate_limit", "retry_after_seconds": 60}});
    sandbox.control(Method::POST, "/_sandbox/faults", fault).await;
    let response = sandbox.refresh("x").await;
    assert_eq!(response.headers()["retry-after"], "60");
    assert!(response.headers()["x-app-usage"].to_str().unwrap().contains(r#""call_count":100"#));
    assert_rejected(response, 403, 4, None, "(#4) Application request limit reached").await;
}

#[tokio::test]
async fn a_truncated_response_ends_in_the_middle_of_its_body() {
    let sandbox = TestSandbox::start().await;
    let before = InjectedFault::new(Endpoint::Refresh, FaultResponse::Truncated);
    for fault in [before.clone(), before.after_processing()] {
        let timing = fault.timing;
        let token = sandbox.create_token("long", 2 * DAY).await;
        sandbox.inject(fault).await;
        let url = format!("{}?grant_type=ig_refresh_token&access_token={token}", sandbox.url("/refresh_access_token"));
        match sandbox.client.get(url).send().await {
            Ok(response) => assert!(response.bytes().await.is_err(), "{timing:?}"),
            Err(error) => assert!(error.is_request(), "{timing:?}: {error}"),
        }
    }
}

#[tokio::test]
async fn a_fault_after_processing_does_not_undo_the_request() {
    let sandbox = TestSandbox::start().await;
    let code = sandbox.code(&[BASIC]).await;
    let form = sandbox.exchange(&code);
    let fault = status(Endpoint::Code, StatusCode::BAD_GATEWAY);
    sandbox.inject(fault.clone()).await;
    assert_eq!(sandbox.post_exchange(&form).await.status(), 502);
    sandbox.inject(fault.after_processing()).await;
    assert_eq!(sandbox.post_exchange(&form).await.status(), 502);
    let rejected: Value = sandbox.post_exchange(&form).await.json().await.unwrap();
    assert_eq!(rejected["error_message"], "This authorization code has been used");
}

#[tokio::test]
async fn invalid_json_has_the_content_type_of_json() {
    let sandbox = TestSandbox::start().await;
    sandbox.inject(InjectedFault::new(Endpoint::Exchange, FaultResponse::InvalidJson)).await;
    let response = sandbox.extend("x").await;
    assert_eq!(response.status(), 200);
    assert!(response.headers()["content-type"].to_str().unwrap().starts_with("application/json"));
    let text = response.text().await.unwrap();
    assert!(serde_json::from_str::<Value>(&text).is_err());
}

#[tokio::test]
async fn an_oversized_response_has_the_requested_size() {
    let sandbox = TestSandbox::start().await;
    sandbox.inject(InjectedFault::new(Endpoint::Me, FaultResponse::Oversized { bytes: 3_000_000 })).await;
    let body = sandbox.me("x").await.bytes().await.unwrap();
    assert!(body.len() >= 3_000_000 && body.len() < 3_100_000, "{}", body.len());
    assert!(serde_json::from_slice::<Value>(&body).is_ok());
}

#[tokio::test]
async fn latency_delays_the_response_and_is_not_own_time() {
    let sandbox = TestSandbox::start().await;
    let token = sandbox.create_token("long", 0).await;
    sandbox.inject(InjectedFault::latency(Endpoint::Me, 300)).await;
    let start = Instant::now();
    assert_eq!(sandbox.me(&token).await.status(), 200);
    assert!(start.elapsed() >= Duration::from_millis(300));
    let counters = sandbox.control(Method::GET, "/_sandbox/counters", json!({})).await;
    assert!(counters["me"]["own_time_us"].as_u64().unwrap() < 250_000, "{counters}");
}

#[tokio::test]
async fn faults_apply_to_the_consent_page_and_its_form() {
    let sandbox = TestSandbox::start().await;
    sandbox.inject(status(Endpoint::Authorize, StatusCode::INTERNAL_SERVER_ERROR).times(2)).await;
    assert_eq!(sandbox.get("/oauth/authorize", &[]).await.status(), 500);
    let posted = sandbox.client.post(sandbox.url("/oauth/authorize")).form(&sandbox.consent(BASIC, "allow"));
    assert_eq!(posted.send().await.unwrap().status(), 500);
}

/// The JSON that the README documents.
#[tokio::test]
async fn faults_serialize_to_the_documented_json() {
    let sandbox = TestSandbox::start().await;
    let rate_limit = FaultResponse::RateLimit { status: StatusCode::FORBIDDEN, retry_after_seconds: Some(60) };
    let rows = [
        (
            status(Endpoint::Refresh, StatusCode::SERVICE_UNAVAILABLE).for_account(ACCOUNT).times(3),
            json!({"endpoint": "refresh", "account": ACCOUNT, "times": 3, "answer": {"kind": "status", "status": 503}}),
        ),
        (
            InjectedFault::new(Endpoint::Code, FaultResponse::Truncated).after_processing().always(),
            json!({"endpoint": "code", "times": "always", "when": "after", "answer": {"kind": "cut"}}),
        ),
        (
            InjectedFault::new(Endpoint::Exchange, FaultResponse::InvalidJson),
            json!({"endpoint": "exchange", "answer": {"kind": "wrong_json"}}),
        ),
        (
            InjectedFault::new(Endpoint::Me, rate_limit),
            json!({"endpoint": "me", "answer": {"kind": "rate_limit", "retry_after_seconds": 60}}),
        ),
        (
            InjectedFault::new(Endpoint::Authorize, FaultResponse::Oversized { bytes: 9 }),
            json!({"endpoint": "authorize", "answer": {"kind": "huge", "bytes": 9}}),
        ),
        (InjectedFault::latency(Endpoint::Me, 300), json!({"endpoint": "me", "latency_ms": 300})),
    ];
    for (typed, documented) in rows {
        assert_eq!(serde_json::from_value::<InjectedFault>(documented.clone()).unwrap(), typed);
        assert_eq!(serde_json::from_value::<InjectedFault>(typed.clone().into()).unwrap(), typed);
        sandbox.control(Method::POST, "/_sandbox/faults", documented).await;
    }
}

#[tokio::test]
async fn rejects_an_invalid_fault_with_its_reason() {
    let sandbox = TestSandbox::start().await;
    let rows = [
        (json!({"endpoint": "stories"}), 400, "unknown variant `stories`"),
        (json!({"endpoint": "me", "tiems": 1}), 400, "unknown field `tiems`"),
        (json!({"endpoint": "me", "times": "often"}), 400, "a number of requests"),
        (json!({"endpoint": "me", "answer": {"kind": "status", "status": 100}}), 400, "100 is not a final HTTP status"),
        (json!({"endpoint": "me", "answer": {"kind": "status", "status": 7}}), 400, "7 is not an HTTP status"),
        (json!({"endpoint": "me", "answer": {"kind": "status", "status": 500, "headers": {"a b": "c"}}}), 400, "a b"),
        (json!({"endpoint": "me", "account": "nobody"}), 404, "there is no account \"nobody\""),
    ];
    for (fault, status, message) in rows {
        let response = sandbox.client.post(sandbox.url("/_sandbox/faults")).json(&fault).send().await.unwrap();
        assert_eq!(response.status(), status, "{fault}");
        let body: Value = response.json().await.unwrap();
        assert!(body["error"].as_str().unwrap().contains(message), "{body}");
    }
}

#[tokio::test]
async fn counters_are_kept_by_endpoint_and_outcome_without_any_token() {
    let sandbox = TestSandbox::start().await;
    let code = sandbox.code(&[BASIC]).await;
    let short: Value = sandbox.post_exchange(&sandbox.exchange(&code)).await.json().await.unwrap();
    let short = short["access_token"].as_str().unwrap();
    let long: Value = sandbox.extend(short).await.json().await.unwrap();
    let long = long["access_token"].as_str().unwrap();
    sandbox.refresh(long).await;
    sandbox.me(long).await;
    sandbox.me("IGAAinvented").await;
    let counters = sandbox.control(Method::GET, "/_sandbox/counters", json!({})).await;
    let outcomes = |endpoint: &str| counters[endpoint]["outcomes"].clone();
    assert_eq!(outcomes("authorize"), json!({"allowed": 1}));
    assert_eq!(outcomes("code"), json!({"ok": 1}));
    assert_eq!(outcomes("exchange"), json!({"ok": 1}));
    assert_eq!(outcomes("refresh"), json!({"too_young": 1}));
    assert_eq!(outcomes("me"), json!({"ok": 1, "unknown_token": 1}));
    assert_eq!(counters["me"]["requests"], 2);
    let text = counters.to_string();
    for secret in [code.as_str(), short, long, "IGAA", sandbox.app_secret.as_str(), ACCOUNT] {
        assert!(!text.contains(secret), "{text}");
    }
    let cleared = sandbox.control(Method::DELETE, "/_sandbox/counters", json!({})).await;
    assert_eq!(cleared, json!({}));
}
