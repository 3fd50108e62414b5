//! The reader API's function in both layouts.

use evertoken_core::vault::{AccountStore, Removal};
use evertoken_tests::deployment::Deployment;
use evertoken_tests::reader_function::{CALLER, ReaderFunction};
use evertoken_tests::sample;
use serde_json::json;
use time::Duration;

async fn deployment() -> Deployment {
    Deployment::new().await.with_parameters(&[("Reader", "on")])
}

#[tokio::test]
async fn the_reader_returns_the_token_of_an_account_with_a_secret_of_its_own() {
    let stack = deployment().await;
    stack.add_account("my-shop", Duration::days(5)).await;
    let reader = ReaderFunction::start(&stack).await;
    let (status, body) = reader.get("my-shop").await;
    let (_, document) = stack.current_document("my-shop").await;
    let expected = json!({
        "name": "my-shop",
        "access_token": document["access_token"],
        "expires_at": document["expires_at"],
        "health": "healthy",
    });
    assert_eq!((status, body), (200, expected));
    let line = reader.lambda.wait_for_log("token read").await;
    assert!(line.contains(CALLER) && line.contains("my-shop"), "{line}");
    stack.remove_recoverably("my-shop").await;
    for (account, status, error) in
        [("my-shop", 404, "unknown_account"), ("other-shop", 404, "unknown_account"), ("My-Shop", 400, "invalid_name")]
    {
        let (answered, body) = reader.get(account).await;
        assert_eq!((answered, &body["error"]["code"]), (status, &json!(error)), "{account}");
    }
    stack.put_document("broken", "{").await;
    assert_eq!(reader.get("broken").await.0, 503);
    assert_eq!(reader.calls.denied(), [""; 0]);
}

#[tokio::test]
async fn the_reader_returns_the_token_of_an_account_in_a_pack_wherever_the_pack_is() {
    let stack = deployment().await.with_packs().await;
    let vault = stack.packed_vault();
    for name in ["shop-de", "shop-fr"] {
        let token = stack.instagram.token("blue_bottle", Duration::days(5)).await;
        vault.create(&sample::with_token(&token, &sample::document(name))).await.unwrap();
    }
    stack.add_account("own-secret", Duration::days(5)).await;
    let reader = ReaderFunction::start(&stack).await;
    assert_eq!(reader.get("shop-de").await.0, 200);
    assert_eq!((reader.aws.count("GetItem"), reader.aws.count("GetSecretValue")), (2, 1), "the calls of one read");
    for name in ["shop-de", "shop-fr", "own-secret"] {
        let stored = vault.get(&sample::name(name)).await.unwrap().unwrap().document;
        let (status, body) = reader.get(name).await;
        assert_eq!((status, &body["access_token"]), (200, &json!(stored.access_token.expose())), "{name}");
    }
    // The deletion moves the pack to another secret.
    vault.remove(&sample::name("shop-fr"), Removal::ForGood).await.unwrap();
    assert_eq!(reader.get("shop-de").await.0, 200);
    assert_eq!(reader.get("shop-fr").await.0, 404);
    assert_eq!(reader.calls.denied(), [""; 0]);
}

#[tokio::test]
async fn a_request_that_no_iam_authorizer_has_seen_gets_no_token() {
    let stack = deployment().await;
    stack.add_account("my-shop", Duration::days(5)).await;
    let reader = ReaderFunction::start(&stack).await;
    let url = stack.page_url("/accounts/my-shop/token");
    let event = evertoken_tests::api_gateway::event(&evertoken_tests::http::Request::get(&url), &[]);
    let answer = reader.lambda.invoke(&event).await;
    assert_eq!(answer["statusCode"], 403, "{answer}");
    assert!(!answer.to_string().contains("access_token"), "{answer}");
}
