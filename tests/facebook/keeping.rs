//! Checking stored tokens, and reminding people before access to data ends.

use evertoken_core::app::App;
use evertoken_core::document::HealthState;
use evertoken_core::events::EventKind;
use evertoken_core::refresh::FailureKind;
use evertoken_tests::test_app::TestApp;
use serde_json::json;
use time::Duration;

use crate::facebook_app::{ONE_PAGE, advance_days, change_person, connect_one, refresh, shape, start};

#[tokio::test]
async fn a_check_that_finds_nothing_new_writes_nothing() {
    let app = start().await;
    connect_one(&app).await;
    let before = app.document("shop-de").await.unwrap();
    advance_days(&app, 2).await;
    let report = refresh(&app).await;
    assert_eq!((report.checked, report.failed, report.refreshed), (1, 0, 0), "{report:?}");
    assert_eq!(app.document("shop-de").await.unwrap(), before);
}

#[tokio::test]
async fn a_system_users_token_is_renewed_for_another_60_days() {
    let variables = [("EVERTOKEN_PROVIDER", "facebook"), ("EVERTOKEN_FACEBOOK_CONFIG_ID", "3344556677889900")];
    let app = TestApp::with_variables(&variables).await;
    connect_one(&app).await;
    // The clock goes on during a login and a refresh.
    let is_about = |duration: Duration, days| (duration - Duration::days(days)).abs() < Duration::minutes(10);
    let connected = app.document("shop-de").await.unwrap();
    let expires_at = connected.expires_at.unwrap();
    assert!(is_about(expires_at - connected.connected_at, 60), "{connected:?}");
    advance_days(&app, 21).await;
    let report = refresh(&app).await;
    assert_eq!((report.refreshed, report.failed), (1, 0), "{report:?}");
    let renewed = app.document("shop-de").await.unwrap();
    assert_ne!(renewed.access_token, connected.access_token);
    assert!(is_about(renewed.expires_at.unwrap() - expires_at, 21), "{renewed:?}");
}

#[tokio::test]
async fn each_loss_of_access_is_noticed_with_its_reason() {
    for (change, subcode, words) in [
        (json!({"password_changed": true}), Some(460), "password"),
        (json!({"revoked": true}), Some(458), "removed"),
        (json!({"checkpointed": true}), Some(459), "security check"),
    ] {
        let app = start().await;
        connect_one(&app).await;
        advance_days(&app, 2).await;
        change_person(&app, "one_page", change).await;
        refresh(&app).await;
        let health = app.document("shop-de").await.unwrap().health;
        assert_eq!((health.subcode, health.state != HealthState::Healthy), (subcode, true), "{health:?}");
        assert!(health.message.unwrap().contains(words), "{words}");
    }
}

#[tokio::test]
async fn the_end_of_access_is_noticed_whatever_facebook_answers_then() {
    for (answer, subcode) in [("invalid_token", Some(493)), ("no_permission", None), ("empty", None)] {
        let app = start().await;
        shape(&app, json!({ "lapsed_data_access": answer })).await;
        connect_one(&app).await;
        advance_days(&app, 91).await;
        refresh(&app).await;
        let health = app.document("shop-de").await.unwrap().health;
        assert_eq!((health.state, health.subcode), (HealthState::LoginRequired, subcode), "{answer}: {health:?}");
    }
}

#[tokio::test]
async fn a_lost_role_and_an_unlinked_account_are_noticed() {
    for (change, words) in
        [(json!({"role_lost": true}), "no longer has a role"), (json!({"unlinked": true}), "no longer linked")]
    {
        let app = start().await;
        connect_one(&app).await;
        advance_days(&app, 2).await;
        app.control("PATCH", &format!("facebook/persons/one_page/pages/{ONE_PAGE}"), change).await;
        refresh(&app).await;
        let health = app.document("shop-de").await.unwrap().health;
        assert_eq!(health.state, HealthState::LoginRequired, "{health:?}");
        assert!(health.message.as_ref().unwrap().contains(words), "{health:?}");
    }
}

#[tokio::test]
async fn people_are_reminded_30_14_7_and_3_days_before_access_ends() {
    let app = start().await;
    connect_one(&app).await;
    app.take_events().await;
    let mut reminders = Vec::new();
    for day in 1..=90 {
        advance_days(&app, 1).await;
        refresh(&app).await;
        let events = app.take_events().await;
        for event in events.iter().filter(|event| event.kind == EventKind::AccessExpiring) {
            reminders.push(90 - day);
            let ends_at = app.document("shop-de").await.unwrap().data_access_expires_at;
            assert_eq!((event.expires_at, event.name.as_str()), (ends_at, "shop-de"));
            assert!(event.reason.as_ref().unwrap().contains("log in again"));
        }
    }
    assert_eq!(reminders, [30, 14, 7, 3]);
    // Nobody came. Facebook says so, and the account needs a login.
    advance_days(&app, 1).await;
    refresh(&app).await;
    let health = app.document("shop-de").await.unwrap().health;
    assert_eq!((health.state, health.subcode), (HealthState::LoginRequired, Some(493)), "{health:?}");
}

#[tokio::test]
async fn a_new_login_moves_the_end_of_access_and_starts_the_reminders_again() {
    let app = start().await;
    connect_one(&app).await;
    advance_days(&app, 65).await;
    refresh(&app).await;
    assert_eq!(app.document("shop-de").await.unwrap().reminded_days, Some(30));
    connect_one(&app).await;
    let document = app.document("shop-de").await.unwrap();
    assert_eq!((document.data_access_expires_at.unwrap() - document.connected_at).whole_days(), 90);
    assert_eq!(document.reminded_days, None);
    app.take_events().await;
    advance_days(&app, 2).await;
    refresh(&app).await;
    assert!(app.take_events().await.is_empty());
}

#[tokio::test]
async fn a_wrong_app_secret_is_the_operators_matter_and_not_the_owners() {
    let app = start().await;
    connect_one(&app).await;
    advance_days(&app, 2).await;
    let settings = evertoken_sandbox::Settings::default();
    for (id, secret) in [
        (settings.meta_app_id.as_str(), "0000000000000000000000000000dead"),
        ("1234567890123456", settings.meta_app_secret.as_str()),
    ] {
        let wrong = App::new(&settings.app_id, &settings.app_secret, &[]).unwrap();
        app.set_app(wrong.with_meta(id, secret).unwrap());
        let report = refresh(&app).await;
        assert_eq!((report.failed, report.failures[0].kind), (1, FailureKind::SetUp), "{report:?}");
        assert_eq!(app.document("shop-de").await.unwrap().health.state, HealthState::Healthy);
    }
    assert_eq!(app.take_events().await.len(), 1, "only that of the login");
    // While the secret is being replaced in Meta's dashboard, the earlier one still proves the calls.
    let previous = [settings.meta_app_secret.clone()];
    let rotated = App::new(&settings.app_id, &settings.app_secret, &previous).unwrap();
    app.set_app(rotated.with_meta(&settings.meta_app_id, "0000000000000000000000000000dead").unwrap());
    let report = refresh(&app).await;
    assert_eq!((report.checked, report.failed), (1, 0), "{report:?}");
}

#[tokio::test]
async fn an_account_of_a_login_that_is_not_set_up_stays_as_it_is() {
    let app = start().await;
    connect_one(&app).await;
    let before = app.document("shop-de").await.unwrap();
    advance_days(&app, 2).await;
    let settings = evertoken_sandbox::Settings::default();
    app.set_app(App::new(&settings.app_id, &settings.app_secret, &[]).unwrap());
    let report = refresh(&app).await;
    // No refresh would tell the operator.
    assert_eq!((report.checked, report.failed, report.failures[0].kind), (0, 1, FailureKind::SetUp), "{report:?}");
    assert_eq!(app.document("shop-de").await.unwrap(), before);
}
