//! The in-process API.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use evertoken_sandbox::{ControlError, Endpoint, FaultResponse, InjectedFault, Sandbox, Settings, TokenRejection};
use reqwest::{Method, StatusCode};
use serde_json::json;
use time::{Duration, OffsetDateTime};

use crate::test_sandbox::{ACCOUNT, BASIC, DAY, TestSandbox, with};

#[test]
fn follows_a_given_clock_and_can_be_moved_away_from_it() {
    let seconds = Arc::new(AtomicI64::new(1_800_000_000));
    let source = Arc::clone(&seconds);
    let sandbox = Sandbox::with_clock(Settings::default(), move || {
        OffsetDateTime::from_unix_timestamp(source.load(Ordering::Relaxed)).unwrap()
    });
    assert_eq!(sandbox.now().unix_timestamp(), 1_800_000_000);
    seconds.fetch_add(60, Ordering::Relaxed);
    sandbox.advance(Duration::days(1));
    assert_eq!(sandbox.now().unix_timestamp(), 1_800_000_060 + DAY);
}

#[tokio::test]
async fn checks_a_token_without_counting_a_request() {
    let sandbox = TestSandbox::start().await;
    let created = sandbox.control(Method::POST, "/_sandbox/tokens", json!({"account": ACCOUNT})).await;
    let token = created["access_token"].as_str().unwrap();
    let check = || sandbox.handle.check_token(token);
    assert_eq!((check(), sandbox.handle.check_token("IGAAnone")), (Ok(()), Err(TokenRejection::Unknown)));
    sandbox.handle.update_account(ACCOUNT, |account| account.checkpointed = true).unwrap();
    assert_eq!(check(), Err(TokenRejection::Checkpointed));
    sandbox.handle.advance(Duration::days(61));
    assert!(matches!(check(), Err(TokenRejection::Expired { .. })));
    assert_eq!(sandbox.control(Method::GET, "/_sandbox/counters", json!({})).await, json!({}));
}

#[test]
fn rejects_a_change_that_duplicates_an_account() {
    let sandbox = Sandbox::new(Settings::default());
    let rename = |name| sandbox.update_account(name, |account| account.username = "corner_bakery".to_owned());
    assert_eq!(rename(ACCOUNT), Err(ControlError::DuplicateUsername("corner_bakery".to_owned())));
    assert_eq!(rename("nobody"), Err(ControlError::UnknownAccount("nobody".to_owned())));
    assert_eq!(rename("corner_bakery"), Ok(()));
}

#[test]
fn rejects_a_fault_that_cannot_be_sent() {
    let sandbox = Sandbox::new(Settings::default());
    let fault = InjectedFault::new(Endpoint::Me, FaultResponse::status(StatusCode::CONTINUE));
    assert_eq!(sandbox.inject_fault(fault), Err(ControlError::InformationalStatus(100)));
}

#[tokio::test]
async fn a_new_app_secret_replaces_the_old_one() {
    let sandbox = TestSandbox::start().await;
    let code = sandbox.code(&[BASIC]).await;
    sandbox.handle.set_app_secret("another-secret");
    let form = sandbox.exchange(&code);
    assert_eq!(sandbox.post_exchange(&form).await.status(), 400);
    assert_eq!(sandbox.post_exchange(&with(&form, "client_secret", Some("another-secret"))).await.status(), 200);
}
