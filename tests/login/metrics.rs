//! Which logins are counted, and that each is counted once.

use evertoken_core::metrics::Metric;
use evertoken_tests::login_house::House;
use evertoken_tests::visitor::Visitor;
use serde_json::json;

/// Started, completed and failed since the last look.
fn counted(house: &House) -> [usize; 3] {
    let measured = house.metrics.take();
    assert!(measured.iter().all(|one| one.value == 1), "{measured:?}");
    [Metric::LoginsStarted, Metric::LoginsCompleted, Metric::LoginsFailed]
        .map(|metric| measured.iter().filter(|one| one.metric == metric).count())
}

#[tokio::test]
async fn a_login_is_started_once_and_completed_once_whatever_is_clicked_twice() {
    let (house, visitor) = (House::start().await, Visitor::new());
    let callback = visitor.consent(&house, &house.link(&house.invite("shop-de")), "blue_bottle").await;
    assert_eq!(counted(&house), [1, 0, 0]);
    let cookies = visitor.cookie_header();
    let again = house.client.get(callback.clone()).header("cookie", cookies);
    visitor.open(&house, &callback).await;
    // A reload with the receipt, and the second of two clicks, with the cookie that the first one had.
    visitor.open(&house, &callback).await;
    assert_eq!(again.send().await.unwrap().status(), 303);
    assert_eq!(counted(&house), [0, 1, 0]);
}

#[tokio::test]
async fn a_login_that_came_back_and_was_not_stored_has_failed_once() {
    let (house, visitor) = (House::start().await, Visitor::new());
    let link = house.link(&house.invite("shop-de"));
    let callback = visitor.consent(&house, &link, "blue_bottle").await;
    house.fault(json!({"endpoint": "exchange", "answer": {"kind": "status", "status": 503}})).await;
    assert!(visitor.open(&house, &callback).await.status.is_server_error());
    assert_eq!(visitor.open(&house, &callback).await.status, 410, "a reload");
    assert_eq!(counted(&house), [1, 0, 1]);

    let asked = visitor.open(&house, &link).await;
    let cancelled = visitor.decide(&house, &asked.location(), "blue_bottle", "cancel", None).await;
    assert_eq!(visitor.open(&house, &cancelled).await.status, 403);
    assert_eq!(visitor.open(&house, &cancelled).await.status, 403, "a reload");
    assert_eq!(counted(&house), [1, 0, 1]);
}

#[tokio::test]
async fn what_anybody_can_send_is_no_login() {
    let (house, visitor) = (House::start().await, Visitor::new());
    let callback = visitor.consent(&house, &house.link(&house.invite("shop-de")), "blue_bottle").await;
    counted(&house);
    assert_eq!(Visitor::new().open(&house, &callback).await.status, 403, "another browser");
    for path in ["/login", "/login?invite=x", "/callback", "/callback?code=x&state=y", "/callback?error=access_denied"]
    {
        Visitor::new().open(&house, &house.url(path)).await;
    }
    assert_eq!(counted(&house), [0, 0, 0]);
}
