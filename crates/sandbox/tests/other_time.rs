//! A sandbox in somebody else's time, asked without a request.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use evertoken_sandbox::{Sandbox, Settings};
use reqwest::Method;
use serde_json::json;
use time::{Duration, OffsetDateTime};

use crate::running::{ACCOUNT, DAY, Running};

#[test]
fn it_shows_the_time_that_it_is_given_and_can_be_moved_away_from_it() {
    let seconds = Arc::new(AtomicI64::new(1_800_000_000));
    let source = Arc::clone(&seconds);
    let sandbox = Sandbox::in_the_time_of(Settings::default(), move || {
        OffsetDateTime::from_unix_timestamp(source.load(Ordering::Relaxed)).unwrap()
    });
    assert_eq!(sandbox.now().unix_timestamp(), 1_800_000_000);
    seconds.fetch_add(60, Ordering::Relaxed);
    sandbox.advance(Duration::days(1));
    assert_eq!(sandbox.now().unix_timestamp(), 1_800_000_060 + DAY);
}

#[tokio::test]
async fn it_says_why_a_token_would_be_refused_and_counts_nothing() {
    let running = Running::start().await;
    let minted = running.control(Method::POST, "/_sandbox/tokens", json!({"account": ACCOUNT})).await;
    let token = minted["access_token"].as_str().unwrap();
    let would_refuse = || running.sandbox.would_refuse(token);
    assert_eq!((would_refuse(), running.sandbox.would_refuse("IGAAnone")), (None, Some("unknown_token")));
    running.control(Method::PATCH, "/_sandbox/accounts/blue_bottle", json!({"checkpointed": true})).await;
    assert_eq!(would_refuse(), Some("checkpointed"));
    running.sandbox.advance(Duration::days(61));
    assert_eq!(would_refuse(), Some("expired"));
    assert_eq!(running.control(Method::GET, "/_sandbox/counters", json!({})).await, json!({}));
}
