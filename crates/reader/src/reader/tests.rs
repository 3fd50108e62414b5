use evertoken_core::document::{Document, HealthState};
use evertoken_core::sample;
use evertoken_core::vault::{FaultyVault, MemoryVault, OutageCause, VaultError, VaultFaults};
use http::HeaderValue;
use serde_json::{Value, json};
use time::macros::datetime;
use tokio::time::Instant;

use super::*;

const CALLER: &str = "arn:aws:sts::123456789012:assumed-role/shop/session";

fn event(method: &str, path: &str, authorizer: &Value) -> Request {
    let event = json!({
        "version": "2.0",
        "routeKey": "GET /accounts/{name}/token",
        "rawPath": path,
        "rawQueryString": "",
        "headers": {"host": "abcdefghij.execute-api.us-east-1.amazonaws.com"},
        "requestContext": {
            "accountId": "123456789012",
            "apiId": "abcdefghij",
            "authorizer": authorizer,
            "domainName": "abcdefghij.execute-api.us-east-1.amazonaws.com",
            "domainPrefix": "abcdefghij",
            "http": {"method": method, "path": path, "protocol": "HTTP/1.1", "sourceIp": "192.0.2.1", "userAgent": "tests"},
            "requestId": "JKJaXmPLvHcESHA=",
            "routeKey": "GET /accounts/{name}/token",
            "stage": "$default",
            "time": "22/Nov/2026:05:00:00 +0000",
            "timeEpoch": 1_795_323_600_000_i64,
        },
        "isBase64Encoded": false,
    });
    lambda_http::request::from_str(&event.to_string()).unwrap()
}

fn by_iam() -> Value {
    json!({"iam": {"accessKey": "AKIA", "accountId": "123456789012", "callerId": "AROA:session", "cognitoIdentity": null,
        "principalOrgId": null, "userArn": CALLER, "userId": "AROA:session"}})
}

fn get(path: &str) -> Request {
    event("GET", path, &by_iam())
}

fn shop() -> Document {
    sample::document("my-shop", datetime!(2026-11-22 05:00 UTC))
}

async fn vault_with(document: Document) -> MemoryVault {
    let vault = MemoryVault::default();
    vault.create(&document).await.unwrap();
    vault
}

/// Returns the status and the body.
async fn answer<V: AccountStore>(vault: V, request: &Request) -> (u16, Value) {
    let response = Reader { vault }.answer(request).await;
    assert_eq!(response.headers()["cache-control"], "no-store");
    assert_eq!(response.headers()["content-type"], "application/json");
    (response.status().as_u16(), serde_json::from_str(response.body()).unwrap())
}

#[tokio::test]
async fn the_answer_has_the_token_its_end_and_the_accounts_health() {
    let expected = json!({
        "name": "my-shop",
        "access_token": "IGAA-sample",
        "expires_at": "2027-01-21T05:00:00Z",
        "health": "healthy",
    });
    assert_eq!(answer(vault_with(shop()).await, &get("/accounts/my-shop/token")).await, (200, expected));
}

#[tokio::test]
async fn a_token_without_an_end_and_an_account_that_needs_a_login_are_reported_as_such() {
    let mut document = shop();
    document.expires_at = None;
    document.health.state = HealthState::LoginRequired;
    let (status, body) = answer(vault_with(document).await, &get("/accounts/my-shop/token")).await;
    assert_eq!((status, &body["expires_at"], &body["health"]), (200, &Value::Null, &json!("login_required")));
}

#[tokio::test]
async fn a_request_that_iam_has_not_authorized_gets_no_token() {
    for authorizer in [
        Value::Null,
        json!({}),
        json!({"iam": {}}),
        json!({"iam": {"userArn": ""}}),
        json!({"lambda": {"userArn": CALLER}}),
    ] {
        let request = event("GET", "/accounts/my-shop/token", &authorizer);
        let (status, body) = answer(vault_with(shop()).await, &request).await;
        assert_eq!((status, &body["error"]["code"]), (403, &json!("not_authorized")), "{authorizer}");
    }
}

#[tokio::test]
async fn an_unknown_account_an_invalid_name_and_another_path_are_different_errors() {
    let vault = vault_with(shop()).await;
    for (path, status, error) in [
        ("/accounts/other-shop/token", 404, "unknown_account"),
        ("/accounts/My-Shop/token", 400, "invalid_name"),
        ("/accounts/my%2Dshop/token", 400, "invalid_name"),
        ("/accounts/my-shop/x/token", 400, "invalid_name"),
        ("/accounts//token", 400, "invalid_name"),
        ("/accounts/my-shop", 404, "not_found"),
        ("/accounts/my-shop/token/", 404, "not_found"),
        ("/accounts/token", 404, "not_found"),
        ("/", 404, "not_found"),
    ] {
        let answered = answer(vault.clone(), &get(path)).await;
        assert_eq!((answered.0, &answered.1["error"]["code"]), (status, &json!(error)), "{path}");
        for text in ["message", "remedy"] {
            assert!(answered.1["error"][text].as_str().unwrap().ends_with('.'), "{path}");
        }
    }
    let posted = event("POST", "/accounts/my-shop/token", &by_iam());
    assert_eq!(answer(vault, &posted).await.0, 404);
}

struct Failing;

impl VaultFaults for Failing {
    async fn pass<T: Send>(&self, _: impl Future<Output = Result<T, VaultError>> + Send) -> Result<T, VaultError> {
        Err(VaultError::Unavailable { cause: OutageCause::Throttled, code: "ThrottlingException".to_owned() })
    }
}

struct Hanging;

impl VaultFaults for Hanging {
    async fn pass<T: Send>(&self, _: impl Future<Output = Result<T, VaultError>> + Send) -> Result<T, VaultError> {
        std::future::pending().await
    }
}

#[tokio::test(start_paused = true)]
async fn a_vault_that_fails_or_hangs_is_a_temporary_error() {
    let request = get("/accounts/my-shop/token");
    let failing = FaultyVault { vault: MemoryVault::default(), faults: Failing };
    let response = Reader { vault: failing }.answer(&request).await;
    assert_eq!((response.status().as_u16(), &response.headers()["retry-after"]), (503, &HeaderValue::from_static("5")));
    let hanging = FaultyVault { vault: MemoryVault::default(), faults: Hanging };
    let start = Instant::now();
    let (status, body) = answer(hanging, &request).await;
    assert_eq!((status, &body["error"]["code"]), (503, &json!("vault_failed")));
    // API Gateway waits for 30.
    assert_eq!(start.elapsed().as_secs(), 25);
}
