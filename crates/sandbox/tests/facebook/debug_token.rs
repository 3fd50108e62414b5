//! `/debug_token`.

use serde_json::json;
use time::Duration;

use crate::facebook::person_sandbox::{APP_ID, APP_SECRET, BLUE_BOTTLE, PAGE, PersonSandbox, assert_error};
use crate::test_sandbox::DAY;

const SCOPES: [&str; 4] = ["instagram_basic", "pages_show_list", "pages_read_engagement", "business_management"];

#[tokio::test]
async fn describes_a_page_token() {
    let facebook = PersonSandbox::start().await;
    let token = facebook.token("one_page", "page").await;
    let now = facebook.sandbox.handle.now().unix_timestamp();
    let mut data = facebook.debug(&token).await;
    let mut take = |key: &str| data.as_object_mut().unwrap().remove(key).unwrap().as_i64().unwrap();
    let (issued_at, data_access) = (take("issued_at"), take("data_access_expires_at"));
    assert!((now - 60..=now).contains(&issued_at));
    assert_eq!(data_access, issued_at + 90 * DAY);
    let expected = json!({
        "app_id": APP_ID, "type": "PAGE", "application": "Evertoken sandbox", "is_valid": true, "expires_at": 0,
        "profile_id": PAGE, "user_id": "10229384756102932", "scopes": SCOPES,
        "granular_scopes": [
            {"scope": "instagram_basic", "target_ids": [BLUE_BOTTLE]},
            {"scope": "pages_show_list", "target_ids": [PAGE]},
            {"scope": "pages_read_engagement", "target_ids": [PAGE]},
            {"scope": "business_management", "target_ids": []},
        ],
    });
    assert_eq!(data, expected);
}

#[tokio::test]
async fn every_kind_of_token_has_its_type_and_expiry() {
    let facebook = PersonSandbox::start().await;
    let rows = [
        ("one_page", "short_lived_user", "USER", Some(5400), false),
        ("one_page", "user", "USER", Some(60 * DAY), true),
        ("one_page", "page", "PAGE", None, true),
        ("one_page", "short_lived_page", "PAGE", Some(5400), false),
        ("system_user", "system_user", "SYSTEM_USER", None, true),
        ("system_user", "system_user_60_days", "SYSTEM_USER", Some(60 * DAY), true),
        ("one_page", "system_user", "SYSTEM_USER", None, true),
    ];
    for (person, kind, debugger_type, lifetime, has_issue_date) in rows {
        let token = facebook.token(person, kind).await;
        let data = facebook.debug(&token).await;
        assert_eq!(data["type"], debugger_type, "{kind}");
        assert_eq!(data.get("issued_at").is_some(), has_issue_date, "{kind}");
        assert_eq!(data.get("profile_id").is_some(), debugger_type == "PAGE", "{kind}");
        let left = data["expires_at"].as_i64().unwrap() - facebook.sandbox.handle.now().unix_timestamp();
        match lifetime {
            Some(lifetime) => assert!((lifetime - 60..=lifetime).contains(&left), "{kind}: {left}"),
            None => assert_eq!(data["expires_at"], 0, "{kind}"),
        }
    }
    let app = facebook.debug(&format!("{APP_ID}|{APP_SECRET}")).await;
    assert_eq!((&app["type"], &app["is_valid"]), (&json!("APP"), &json!(true)));
}

#[tokio::test]
async fn an_expired_or_unknown_token_is_described_as_invalid() {
    let facebook = PersonSandbox::start().await;
    let token = facebook.token("one_page", "user").await;
    facebook.sandbox.handle.advance(Duration::days(60));
    let data = facebook.debug(&token).await;
    assert_eq!((&data["is_valid"], &data["error"]["code"]), (&json!(false), &json!(190)));
    assert_eq!(data["error"]["subcode"], 463);
    assert_eq!(data["type"], "USER");
    for token in ["EAAinvented", "IGAAinvented", "1|2"] {
        let expected = json!({
            "error": {"code": 190, "message": "Invalid OAuth access token."}, "is_valid": false, "scopes": [],
        });
        assert_eq!(facebook.debug(token).await, expected, "{token}");
    }
}

#[tokio::test]
async fn the_app_and_any_token_of_the_app_may_inspect_a_token() {
    let facebook = PersonSandbox::start().await;
    let page = facebook.token("one_page", "page").await;
    let other = facebook.token("three_pages", "user").await;
    for accessor in [&page, &other] {
        let body = facebook.read("/debug_token", accessor, &[("input_token", &page)]).await;
        assert_eq!(body["data"]["is_valid"], true);
    }
    let app = format!("{APP_ID}|{APP_SECRET}");
    let plain = [("access_token", app.as_str()), ("input_token", page.as_str())];
    let response = facebook.sandbox.get("/v26.0/debug_token", &plain).await;
    assert_eq!(response.status(), 200, "the app's own token needs no proof");
    let wrong_proof = [("access_token", app.as_str()), ("input_token", page.as_str()), ("appsecret_proof", "0")];
    let response = facebook.sandbox.get("/v26.0/debug_token", &wrong_proof).await;
    assert_error(response, 100, None, "Invalid appsecret_proof provided in the API argument").await;

    facebook.shape(json!({"debug_access": "app"})).await;
    let message = "(#100) You must provide an app access token";
    let response = facebook.call("/debug_token", &page, &[("input_token", &page)]).await;
    assert_error(response, 100, None, message).await;
    assert_eq!(facebook.debug(&page).await["is_valid"], true);
}

#[tokio::test]
async fn rejects_an_invalid_request() {
    let facebook = PersonSandbox::start().await;
    let token = facebook.token("one_page", "page").await;
    let other_apps = json!({"person": "one_page", "kind": "page", "app_id": "1234567890123456"});
    let other_apps = facebook.created(other_apps).await;
    let app = format!("{APP_ID}|{APP_SECRET}");
    let call = async |accessor: &str, query: &[(&str, &str)]| facebook.call("/debug_token", accessor, query).await;
    let message = "(#100) The parameter input_token is required";
    assert_error(call(&app, &[]).await, 100, None, message).await;
    let message = "(#100) The App_id in the input_token did not match the Viewing App";
    assert_error(call(&app, &[("input_token", &other_apps)]).await, 100, None, message).await;
    facebook.change_app(json!({"require_proof": false})).await;
    let query = [("access_token", other_apps.as_str()), ("input_token", token.as_str())];
    assert_error(facebook.sandbox.get("/v26.0/debug_token", &query).await, 100, None, message).await;
    let message = "Invalid OAuth access token signature.";
    for wrong in [format!("{APP_ID}|x"), format!("1234567890123456|{APP_SECRET}"), "|".to_owned()] {
        assert_error(call(&wrong, &[("input_token", &token)]).await, 190, None, message).await;
    }
    let message = "Invalid OAuth access token - Cannot parse access token";
    assert_error(call("EAAinvented", &[("input_token", &token)]).await, 190, None, message).await;
}
