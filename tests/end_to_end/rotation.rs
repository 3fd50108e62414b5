//! Secrets Manager rotation, started with "Rotate secret immediately" and invoked in four steps.

use evertoken_tests::deployment::Deployment;
use evertoken_tests::faults;
use evertoken_tests::lambda_emulator::Lambda;
use evertoken_tests::refresh_semantics::RefreshSemantics;
use evertoken_tests::test_refresh_semantics;
use serde_json::{Value, json};
use time::format_description::well_known::Rfc3339;
use time::{Duration, OffsetDateTime};

const STEPS: [&str; 4] = ["createSecret", "setSecret", "testSecret", "finishSecret"];

const VERSION: &str = "11111111-2222-3333-4444-555555555555";

fn step(stack: &Deployment, name: &str, step: &str) -> Value {
    json!({"SecretId": stack.secret(name), "ClientRequestToken": VERSION, "Step": step, "RotationToken": "ignored"})
}

test_refresh_semantics!(the_four_rotation_steps_refresh_the_account);

async fn the_four_rotation_steps_refresh_the_account(semantics: RefreshSemantics) {
    let stack = Deployment::with_sandbox(semantics.settings()).await.with_parameters(&[("Rotation", "on")]);
    stack.add_account("shop-de", Duration::days(2)).await;
    let (_, before) = stack.current_document("shop-de").await;
    stack.start_rotation("shop-de", VERSION).await;
    let refresh = stack.refresh().await;
    for name in STEPS {
        // Secrets Manager may invoke a step twice.
        for _ in 0..2 {
            assert_eq!(refresh.invoke(&step(&stack, "shop-de", name)).await, Value::Null, "{name}");
        }
    }
    let (version, document) = stack.current_document("shop-de").await;
    assert_eq!(version, VERSION);
    assert_eq!(document["access_token"] != before["access_token"], semantics.replaces_token());
    assert_eq!(stack.instagram.me(document["access_token"].as_str().unwrap()).await.0, 200);
    assert_eq!(document["last_attempt"]["outcome"], "refreshed");
    assert_eq!(stack.instagram.request_count("refresh").await, 1);
}

/// A rotation whose token is renewed and tested, but not current yet.
async fn before_last_step() -> (Deployment, Lambda) {
    let stack = Deployment::new().await.with_parameters(&[("Rotation", "on")]);
    stack.add_account("shop-de", Duration::days(2)).await;
    stack.start_rotation("shop-de", VERSION).await;
    let refresh = stack.refresh().await;
    for name in ["createSecret", "setSecret", "testSecret"] {
        assert_eq!(refresh.invoke(&step(&stack, "shop-de", name)).await, Value::Null, "{name}");
    }
    (stack, refresh)
}

#[tokio::test]
async fn a_rotation_never_overwrites_a_newer_login() {
    let (stack, refresh) = before_last_step().await;
    // A login replaces the document.
    stack.add_account("shop-de", Duration::ZERO).await;
    let login = stack.current_document("shop-de").await;
    assert_eq!(refresh.invoke(&step(&stack, "shop-de", "finishSecret")).await, Value::Null);
    assert_eq!(stack.current_document("shop-de").await, login);
    assert_eq!(stack.secret_version("shop-de", "AWSPENDING").await, None);
}

/// Rotates a token, with changes before its renewal and before its test. Asserts that the test fails and the document stays.
async fn assert_test_step_fails(
    change_before_renewal: impl AsyncFn(&Deployment),
    change_before_test: impl AsyncFn(&Deployment),
) {
    let stack = Deployment::new().await.with_parameters(&[("Rotation", "on")]);
    stack.add_account("shop-de", Duration::days(2)).await;
    let before = stack.current_document("shop-de").await;
    change_before_renewal(&stack).await;
    stack.start_rotation("shop-de", VERSION).await;
    let refresh = stack.refresh().await;
    for name in ["createSecret", "setSecret"] {
        assert_eq!(refresh.invoke(&step(&stack, "shop-de", name)).await, Value::Null, "{name}");
    }
    change_before_test(&stack).await;
    let failed = refresh.invoke(&step(&stack, "shop-de", "testSecret")).await;
    assert_eq!(failed["errorType"], "RotationFailed", "{failed}");
    assert!(failed["errorMessage"].as_str().unwrap().contains(&stack.secret("shop-de")), "{failed}");
    assert_eq!(stack.current_document("shop-de").await, before);
}

#[tokio::test]
async fn a_renewed_token_that_does_not_work_fails_the_test_step_and_never_becomes_current() {
    let issue_duds = async |stack: &Deployment| stack.instagram.change_shapes(&json!({"refreshed_token": "dud"})).await;
    assert_test_step_fails(issue_duds, async |_: &Deployment| {}).await;
}

#[tokio::test]
async fn a_renewed_token_of_another_account_fails_the_test_step_and_never_becomes_current() {
    let answer_for_another =
        async |stack: &Deployment| stack.instagram.inject_fault(faults::profile_of_another_account()).await;
    assert_test_step_fails(async |_: &Deployment| {}, answer_for_another).await;
}

/// The run keeps `connected_at`, so only the date of the token tells which one is newer.
#[tokio::test]
async fn a_rotation_never_overwrites_a_token_that_a_scheduled_run_renewed_later() {
    let (stack, refresh) = before_last_step().await;
    let mut later = stack.current_document("shop-de").await.1;
    later["access_token"] = json!(stack.instagram.token("blue_bottle", Duration::ZERO).await);
    later["issued_at"] = json!((OffsetDateTime::now_utc() + Duration::HOUR).format(&Rfc3339).unwrap());
    stack.put_document("shop-de", &later.to_string()).await;
    let before = stack.current_document("shop-de").await;
    assert_eq!(refresh.invoke(&step(&stack, "shop-de", "finishSecret")).await, Value::Null);
    assert_eq!(stack.current_document("shop-de").await, before);
}

/// A note of the operator, or the mark of a copy whose account has moved to a pack.
#[tokio::test]
async fn a_rotation_never_overwrites_what_somebody_has_added_in_the_meantime() {
    let (stack, refresh) = before_last_step().await;
    let mut moved = stack.current_document("shop-de").await.1;
    moved["evertoken_moved_to"] = json!({"pack": "main-00001", "move": "1"});
    stack.put_document("shop-de", &moved.to_string()).await;
    let before = stack.current_document("shop-de").await;
    assert_eq!(refresh.invoke(&step(&stack, "shop-de", "finishSecret")).await, Value::Null);
    assert_eq!(stack.current_document("shop-de").await, before);
    assert_eq!(stack.secret_version("shop-de", "AWSPENDING").await, None);
}

#[tokio::test]
async fn invalid_rotation_events_are_rejected() {
    let stack = Deployment::new().await;
    stack.add_account("shop-de", Duration::days(2)).await;
    let before = stack.current_document("shop-de").await;
    let create = step(&stack, "shop-de", "createSecret");
    let off = stack.refresh().await.invoke(&create).await;
    assert_eq!(off["errorType"], "RotationOff", "{off}");

    let stack = stack.with_parameters(&[("Rotation", "on")]);
    let refresh = stack.refresh().await;
    let not_enabled = refresh.invoke(&create).await;
    assert_eq!(not_enabled["errorType"], "RotationFailed", "{not_enabled}");
    stack.start_rotation("shop-de", VERSION).await;
    let mut stale = create.clone();
    stale["ClientRequestToken"] = json!("99999999-2222-3333-4444-555555555555");
    let unknown = refresh.invoke(&stale).await;
    assert!(unknown["errorMessage"].as_str().unwrap().contains("not the one that is pending"), "{unknown}");
    assert_eq!(stack.current_document("shop-de").await, before);
}
