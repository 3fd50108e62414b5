//! `/me`.

use serde_json::{Value, json};
use time::macros::datetime;

use crate::test_sandbox::{ACCOUNT, COMMENTS, TestSandbox, assert_rejected};

#[tokio::test]
async fn a_profile_contains_exactly_the_requested_fields() {
    let sandbox = TestSandbox::start().await;
    let token = sandbox.create_token("long", 0).await;
    let whole = json!({
        "id": "27640875392278831", "user_id": "17841405793187218", "username": ACCOUNT, "account_type": "BUSINESS",
    });
    let rows = [
        (Some("id,user_id,username,account_type"), whole),
        (Some("username"), json!({"username": ACCOUNT})),
        (None, json!({"id": "27640875392278831"})),
    ];
    for path in ["/me", "/v26.0/me", "/v25.0/me"] {
        for (fields, expected) in &rows {
            let query: Vec<_> =
                [("access_token", token.as_str())].into_iter().chain(fields.map(|it| ("fields", it))).collect();
            let response = sandbox.get(path, &query).await;
            assert_eq!(response.status(), 200);
            assert_eq!(response.json::<Value>().await.unwrap(), *expected);
        }
    }
}

#[tokio::test]
async fn a_profile_can_be_wrapped() {
    let sandbox = TestSandbox::start().await;
    sandbox.shape(json!({"profile": "data"})).await;
    let token = sandbox.create_token("long", 0).await;
    let body: Value = sandbox.me(&token).await.json().await.unwrap();
    assert_eq!(body, json!({"data": [{"id": "27640875392278831", "username": ACCOUNT}]}));
}

#[tokio::test]
async fn accepts_a_bearer_token() {
    let sandbox = TestSandbox::start().await;
    let token = sandbox.create_token("short", 0).await;
    let response = sandbox.client.get(sandbox.url("/v26.0/me")).bearer_auth(token).send().await.unwrap();
    assert_eq!(response.status(), 200);
}

#[tokio::test]
async fn rejects_an_invalid_request() {
    let sandbox = TestSandbox::start().await;
    let token = sandbox.create_token("long", 0).await;
    let bare = json!({"account": ACCOUNT, "scopes": [COMMENTS]});
    let bare = sandbox.control(reqwest::Method::POST, "/_sandbox/tokens", bare).await;
    let bare = bare["access_token"].as_str().unwrap();
    let unparsed = "Invalid OAuth access token - Cannot parse access token";
    let rows = [
        ("/v26.0/me", vec![], 400, 2500, "An active access token must be used"),
        ("/v26.0/me", vec![("access_token", "EAACinvented")], 400, 190, unparsed),
        ("/v26.0/me", vec![("access_token", bare)], 400, 10, "(#10)"),
        ("/v26.0/me", vec![("access_token", &token), ("fields", "id,email")], 400, 100, "Tried accessing nonexisting"),
        ("/v20.0/me", vec![("access_token", &token)], 500, 2500, "Unknown path components: /v20.0/me"),
        ("/v99.0/me", vec![("access_token", &token)], 500, 2500, "Unknown path components: /v99.0/me"),
        ("/26/me", vec![("access_token", &token)], 500, 2500, "Unknown path components: /26/me"),
        ("/v26.0/mee", vec![("access_token", &token)], 500, 2500, "Unknown path components: /v26.0/mee"),
        ("/v26.0/access_token", vec![], 500, 2500, "Unknown path components: /v26.0/access_token"),
        ("/oauth/access_token/", vec![], 500, 2500, "Unknown path components: /oauth/access_token/"),
    ];
    for (path, query, status, code, message) in rows {
        assert_rejected(sandbox.get(path, &query).await, status, code, None, message).await;
    }
}

#[tokio::test]
async fn a_graph_version_expires_on_its_date() {
    let sandbox = TestSandbox::start().await;
    for (day, status) in [(datetime!(2027-05-19 12:00 UTC), 200), (datetime!(2027-05-20 12:00 UTC), 500)] {
        sandbox.handle.advance(day - sandbox.handle.now());
        let token = sandbox.create_token("long", 0).await;
        assert_eq!(sandbox.get("/v22.0/me", &[("access_token", &token)]).await.status(), status);
    }
}
