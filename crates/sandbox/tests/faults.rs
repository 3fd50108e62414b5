//! Faults and counters.

use std::time::{Duration, Instant};

use reqwest::Method;
use serde_json::{Value, json};

use crate::running::{ACCOUNT, BASIC, DAY, Running, assert_refused};

#[tokio::test]
async fn a_fault_meets_as_many_requests_as_it_says() {
    let running = Running::start().await;
    let token = running.mint("long", 0).await;
    running.fault(json!({"endpoint": "me", "times": 2, "answer": {"kind": "status", "status": 503}})).await;
    for _ in 0..2 {
        assert_refused(running.me(&token).await, 503, 2, None, "An unexpected error has occurred.").await;
    }
    assert_eq!(running.me(&token).await.status(), 200);
    assert_eq!(running.control(Method::GET, "/_sandbox/faults", json!({})).await, json!([]));
    assert_eq!(running.counted("me", "fault_status").await, 2);
    assert_eq!(running.counted("me", "ok").await, 1);
}

#[tokio::test]
async fn a_fault_can_last_until_it_is_removed() {
    let running = Running::start().await;
    let token = running.mint("long", 0).await;
    running.fault(json!({"endpoint": "me", "times": "always", "answer": {"kind": "status", "status": 500}})).await;
    for _ in 0..5 {
        assert_eq!(running.me(&token).await.status(), 500);
    }
    running.control(Method::DELETE, "/_sandbox/faults", json!({})).await;
    assert_eq!(running.me(&token).await.status(), 200);
}

#[tokio::test]
async fn a_fault_can_be_for_one_account() {
    let running = Running::start().await;
    let mine = running.mint("long", 0).await;
    let other = running.control(Method::POST, "/_sandbox/tokens", json!({"account": "corner_bakery"})).await;
    let fault = json!({"endpoint": "me", "account": "corner_bakery", "answer": {"kind": "status", "status": 500}});
    running.fault(fault).await;
    assert_eq!(running.me(&mine).await.status(), 200);
    assert_eq!(running.me(other["access_token"].as_str().unwrap()).await.status(), 500);
}

#[tokio::test]
async fn a_status_can_carry_any_body_and_headers() {
    let running = Running::start().await;
    let answer = json!({
        "kind": "status", "status": 502, "body": "<h1>Bad gateway</h1>", "headers": {"X-Served-By": "edge"},
    });
    running.fault(json!({"endpoint": "me", "answer": answer})).await;
    let response = running.me("x").await;
    assert_eq!(response.status(), 502);
    assert_eq!(response.headers()["x-served-by"], "edge");
    assert_eq!(response.text().await.unwrap(), "<h1>Bad gateway</h1>");

    running.fault(json!({"endpoint": "me", "answer": {"kind": "status", "status": 400, "body": {"a": 1}}})).await;
    assert_eq!(running.me("x").await.json::<Value>().await.unwrap(), json!({"a": 1}));
}

#[tokio::test]
async fn the_code_exchange_is_faulty_in_its_own_flat_form() {
    let running = Running::start().await;
    for (answer, status, kind) in [
        (json!({"kind": "status", "status": 500}), 500, "OAuthException"),
        (json!({"kind": "rate_limit", "status": 429}), 429, "OAuthRateLimitException"),
    ] {
        running.fault(json!({"endpoint": "code", "answer": answer})).await;
        let response = running.post_exchange(&[]).await;
        assert_eq!(response.status(), status);
        assert_eq!(response.json::<Value>().await.unwrap()["error_type"], kind);
    }
}

#[tokio::test]
async fn a_rate_limit_says_code_four_and_when_to_come_back() {
    let running = Running::start().await;
    running.fault(json!({"endpoint": "refresh", "answer": {"kind": "rate_limit", "retry_after_seconds": 60}})).await;
    let response = running.refresh("x").await;
    assert_eq!(response.headers()["retry-after"], "60");
    assert!(response.headers()["x-app-usage"].to_str().unwrap().contains(r#""call_count":100"#));
    assert_refused(response, 403, 4, None, "(#4) Application request limit reached").await;
}

#[tokio::test]
async fn a_cut_connection_ends_in_the_middle_of_the_answer() {
    let running = Running::start().await;
    for when in ["before", "after"] {
        let token = running.mint("long", 2 * DAY).await;
        running.fault(json!({"endpoint": "refresh", "when": when, "answer": {"kind": "cut"}})).await;
        let url = format!("{}?grant_type=ig_refresh_token&access_token={token}", running.url("/refresh_access_token"));
        match running.client.get(url).send().await {
            Ok(response) => assert!(response.bytes().await.is_err(), "{when}"),
            Err(error) => assert!(error.is_request(), "{when}: {error}"),
        }
    }
}

#[tokio::test]
async fn a_lost_answer_does_not_undo_the_work() {
    let running = Running::start().await;
    let code = running.code(&[BASIC]).await;
    let form = running.exchange(&code);
    let fault = json!({"endpoint": "code", "answer": {"kind": "status", "status": 502}});
    running.fault(fault.clone()).await;
    assert_eq!(running.post_exchange(&form).await.status(), 502);
    let mut after = fault;
    after["when"] = json!("after");
    running.fault(after).await;
    assert_eq!(running.post_exchange(&form).await.status(), 502);
    let refused: Value = running.post_exchange(&form).await.json().await.unwrap();
    assert_eq!(refused["error_message"], "This authorization code has been used");
}

#[tokio::test]
async fn wrong_json_says_it_is_json() {
    let running = Running::start().await;
    running.fault(json!({"endpoint": "exchange", "answer": {"kind": "wrong_json"}})).await;
    let response = running.extend("x").await;
    assert_eq!(response.status(), 200);
    assert!(response.headers()["content-type"].to_str().unwrap().starts_with("application/json"));
    let text = response.text().await.unwrap();
    assert!(serde_json::from_str::<Value>(&text).is_err());
}

#[tokio::test]
async fn a_huge_answer_is_as_large_as_asked() {
    let running = Running::start().await;
    running.fault(json!({"endpoint": "me", "answer": {"kind": "huge", "bytes": 3_000_000}})).await;
    let body = running.me("x").await.bytes().await.unwrap();
    assert!(body.len() >= 3_000_000 && body.len() < 3_100_000, "{}", body.len());
    assert!(serde_json::from_slice::<Value>(&body).is_ok());
}

#[tokio::test]
async fn latency_holds_the_answer_back_and_is_not_own_time() {
    let running = Running::start().await;
    let token = running.mint("long", 0).await;
    running.fault(json!({"endpoint": "me", "latency_ms": 300})).await;
    let start = Instant::now();
    assert_eq!(running.me(&token).await.status(), 200);
    assert!(start.elapsed() >= Duration::from_millis(300));
    let counters = running.control(Method::GET, "/_sandbox/counters", json!({})).await;
    assert!(counters["me"]["own_time_us"].as_u64().unwrap() < 250_000, "{counters}");
}

#[tokio::test]
async fn faults_meet_the_consent_page_and_its_form() {
    let running = Running::start().await;
    running.fault(json!({"endpoint": "authorize", "times": 2, "answer": {"kind": "status", "status": 500}})).await;
    assert_eq!(running.get("/oauth/authorize", &[]).await.status(), 500);
    let posted = running.client.post(running.url("/oauth/authorize")).form(&running.consent(BASIC, "allow"));
    assert_eq!(posted.send().await.unwrap().status(), 500);
}

#[tokio::test]
async fn a_wrong_fault_is_refused_with_its_reason() {
    let running = Running::start().await;
    let rows = [
        (json!({"endpoint": "media"}), 400, "unknown variant `media`"),
        (json!({"endpoint": "me", "tiems": 1}), 400, "unknown field `tiems`"),
        (json!({"endpoint": "me", "times": "often"}), 400, "a number of requests"),
        (json!({"endpoint": "me", "answer": {"kind": "status", "status": 100}}), 400, "100 is no final HTTP status"),
        (json!({"endpoint": "me", "answer": {"kind": "status", "status": 500, "headers": {"a b": "c"}}}), 400, "a b"),
        (json!({"endpoint": "me", "account": "nobody"}), 404, "there is no account \"nobody\""),
    ];
    for (fault, status, message) in rows {
        let response = running.client.post(running.url("/_sandbox/faults")).json(&fault).send().await.unwrap();
        assert_eq!(response.status(), status, "{fault}");
        let body: Value = response.json().await.unwrap();
        assert!(body["error"].as_str().unwrap().contains(message), "{body}");
    }
}

#[tokio::test]
async fn counters_tell_endpoints_and_outcomes_apart_and_hold_no_token() {
    let running = Running::start().await;
    let code = running.code(&[BASIC]).await;
    let short: Value = running.post_exchange(&running.exchange(&code)).await.json().await.unwrap();
    let short = short["access_token"].as_str().unwrap();
    let long: Value = running.extend(short).await.json().await.unwrap();
    let long = long["access_token"].as_str().unwrap();
    running.refresh(long).await;
    running.me(long).await;
    running.me("IGAAinvented").await;
    let counters = running.control(Method::GET, "/_sandbox/counters", json!({})).await;
    let outcomes = |endpoint: &str| counters[endpoint]["outcomes"].clone();
    assert_eq!(outcomes("authorize"), json!({"allowed": 1}));
    assert_eq!(outcomes("code"), json!({"ok": 1}));
    assert_eq!(outcomes("exchange"), json!({"ok": 1}));
    assert_eq!(outcomes("refresh"), json!({"too_young": 1}));
    assert_eq!(outcomes("me"), json!({"ok": 1, "unknown_token": 1}));
    assert_eq!(counters["me"]["requests"], 2);
    let text = counters.to_string();
    for secret in [code.as_str(), short, long, "IGAA", running.app_secret.as_str(), ACCOUNT] {
        assert!(!text.contains(secret), "{text}");
    }
    let cleared = running.control(Method::DELETE, "/_sandbox/counters", json!({})).await;
    assert_eq!(cleared, json!({}));
}
