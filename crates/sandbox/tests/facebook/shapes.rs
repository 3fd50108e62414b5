//! Response formats.

use reqwest::Method;
use serde_json::{Value, json};

use crate::facebook::person_sandbox::{PAGE, PersonSandbox, assert_error};

#[tokio::test]
async fn ids_can_be_numbers() {
    let facebook = PersonSandbox::start().await;
    facebook.shape(json!({"ids": "integer"})).await;
    let user = facebook.token("one_page", "user").await;
    assert_eq!(facebook.read("/me", &user, &[]).await["id"], 10_229_384_756_102_932_u64);
    let accounts = facebook.read("/me/accounts", &user, &[("fields", "id,instagram_business_account")]).await;
    assert_eq!(accounts["data"][0]["id"], 100_641_205_793_101_u64);
    assert_eq!(accounts["data"][0]["instagram_business_account"]["id"], 17_841_405_793_187_218_u64);
    let data = facebook.debug(&facebook.token("one_page", "page").await).await;
    assert_eq!(data["app_id"], 9_876_543_210_987_654_u64);
    assert_eq!(
        (&data["user_id"], &data["profile_id"]),
        (&json!(10_229_384_756_102_932_u64), &json!(100_641_205_793_101_u64))
    );
    assert_eq!(data["granular_scopes"][0]["target_ids"], json!([17_841_405_793_187_218_u64]));
}

#[tokio::test]
async fn every_object_can_have_a_key_that_no_documentation_mentions() {
    let facebook = PersonSandbox::start().await;
    facebook.shape(json!({"unknown_keys": true})).await;
    let key = "unknown_to_documentation";
    let token = facebook.log_in(&PersonSandbox::consent("one_page", &[PAGE])).await;
    let extended: Value = facebook.extend(&token).await.json().await.unwrap();
    assert!(extended.get(key).is_some());
    let accounts = facebook.read("/me/accounts", &token, &[("fields", "id,instagram_business_account")]).await;
    let page = &accounts["data"][0];
    for object in [&accounts, page, &page["instagram_business_account"], &accounts["paging"]["cursors"]] {
        assert!(object.get(key).is_some(), "{object}");
    }
    let data = facebook.debug(&token).await;
    assert!(data.get(key).is_some() && data["granular_scopes"][0].get(key).is_some(), "{data}");
}

#[tokio::test]
async fn target_ids_can_be_absent() {
    let facebook = PersonSandbox::start().await;
    facebook.shape(json!({"target_ids": "absent"})).await;
    let data = facebook.debug(&facebook.token("one_page", "user").await).await;
    assert_eq!(data["granular_scopes"][0], json!({"scope": "instagram_basic"}));
}

#[tokio::test]
async fn the_subcode_can_be_zero_or_absent_as_on_instagrams_host() {
    let facebook = PersonSandbox::start().await;
    let page = facebook.token("one_page", "page").await;
    facebook.change_person("one_page", json!({"password_changed": true})).await;
    for (format, subcode) in [("zero", Some(0)), ("absent", None)] {
        facebook.sandbox.shape(json!({"error_subcode": format})).await;
        assert_error(facebook.call("/me", &page, &[]).await, 190, subcode, "Error validating").await;
    }
}

#[tokio::test]
async fn an_invalid_shape_changes_nothing_and_a_reset_restores_them() {
    let facebook = PersonSandbox::start().await;
    let before = facebook.control(Method::GET, "/shapes", json!({})).await;
    for body in [json!({"ids": "round"}), json!({"id": "string"}), json!([]), json!({"short_lived_seconds": -1})] {
        let url = facebook.sandbox.url("/_sandbox/facebook/shapes");
        let response = facebook.sandbox.client.patch(url).json(&body).send().await.unwrap();
        assert_eq!(response.status(), 400, "{body}");
    }
    assert_eq!(facebook.control(Method::GET, "/shapes", json!({})).await, before);
    facebook.sandbox.handle.update_facebook_shapes(|shapes| shapes.unknown_keys = true);
    assert_ne!(facebook.control(Method::GET, "/shapes", json!({})).await, before);
    facebook.sandbox.control(Method::POST, "/_sandbox/reset", json!({})).await;
    assert_eq!(facebook.control(Method::GET, "/shapes", json!({})).await, before);
}
