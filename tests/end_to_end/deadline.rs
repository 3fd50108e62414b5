//! The deadline that Lambda sets for an invocation.

use evertoken_tests::deployment::Deployment;
use serde_json::json;
use time::{Duration, OffsetDateTime};

#[tokio::test]
async fn a_run_starts_no_account_after_its_deadline_and_the_next_run_continues() {
    let stack = Deployment::new().await;
    for name in ["one", "two", "three"] {
        stack.add_account(name, Duration::days(21)).await;
    }
    let over = OffsetDateTime::now_utc() - Duration::SECOND;
    let report = stack.refresh_before(over, &json!({})).await;
    assert_eq!((&report["left_for_next_run"], &report["refreshed"]), (&json!(3), &json!(0)), "{report}");
    assert_eq!(stack.instagram.request_count("refresh").await, 0);
    let in_15_minutes = OffsetDateTime::now_utc() + Duration::minutes(15);
    let report = stack.refresh_before(in_15_minutes, &json!({})).await;
    assert_eq!((&report["left_for_next_run"], &report["refreshed"]), (&json!(0), &json!(3)), "{report}");
}
