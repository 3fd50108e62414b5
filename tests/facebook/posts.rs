//! The posts of accounts that were connected through Facebook.

use evertoken_core::media::MediaSource;
use evertoken_core::provider_error::ProviderErrorKind;
use serde_json::json;

use crate::facebook_app::{ONE_PAGE, connect_one, keeping_logins, start};

#[tokio::test]
async fn lists_the_same_posts_as_the_other_login() {
    let app = start().await;
    connect_one(&app).await;
    let document = app.document("shop-de").await.unwrap();
    let list = keeping_logins(&app).media(&document, 12).await.unwrap();
    let posts = app.control("GET", "accounts/blue_bottle/media", json!({})).await;
    let newest: Vec<&str> =
        posts.as_array().unwrap().iter().take(12).map(|post| post["id"].as_str().unwrap()).collect();
    assert_eq!(list.posts.iter().map(|post| post.id.as_str()).collect::<Vec<_>>(), newest);
    assert!(list.posts.iter().any(|post| !post.children.is_empty()));
}

#[tokio::test]
async fn a_refused_field_costs_one_more_request() {
    let app = start().await;
    connect_one(&app).await;
    app.control("PATCH", "app", json!({"refused_fields": ["alt_text"]})).await;
    let document = app.document("shop-de").await.unwrap();
    assert_eq!(keeping_logins(&app).media(&document, 12).await.unwrap().posts.len(), 12);
}

#[tokio::test]
async fn an_unlinked_account_is_an_error_that_says_so() {
    let app = start().await;
    connect_one(&app).await;
    let document = app.document("shop-de").await.unwrap();
    app.control("PATCH", &format!("facebook/persons/one_page/pages/{ONE_PAGE}"), json!({"unlinked": true})).await;
    let error = keeping_logins(&app).media(&document, 12).await.unwrap_err();
    assert_eq!(error.kind, ProviderErrorKind::AccountUnlinked);
}
