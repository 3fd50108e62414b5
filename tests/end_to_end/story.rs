//! The main job from the first click to a renewed token.

use evertoken_tests::browser::Consent;
use evertoken_tests::deployment::{Deployment, document};
use evertoken_tests::report::COUNTS;
use evertoken_tests::schema;
use serde_json::{Value, json};
use time::format_description::well_known::Rfc3339;
use time::{Duration, OffsetDateTime};

/// What EventBridge Scheduler invokes a function with if the schedule names no input of its own.
fn scheduled() -> Value {
    json!({
        "version": "0",
        "id": "8d1f2c4e-6b3a-4c58-9d0e-2f7a1b5c3d9e",
        "detail-type": "Scheduled Event",
        "source": "aws.scheduler",
        "account": "123456789012",
        "time": "2026-11-22T05:00:00Z",
        "region": "us-east-1",
        "resources": ["arn:aws:scheduler:us-east-1:123456789012:schedule/default/evertoken-refresh"],
        "detail": "{}"
    })
}

fn time(document: &Value, key: &str) -> OffsetDateTime {
    OffsetDateTime::parse(document[key].as_str().unwrap(), &Rfc3339).unwrap()
}

#[tokio::test]
async fn a_login_is_stored_to_the_letter_and_renewed_when_it_is_due() {
    let stack = Deployment::new().await;
    let callback = stack.callback().await;

    // The login.
    let before = OffsetDateTime::now_utc().replace_nanosecond(0).unwrap();
    let mut browser = stack.browser(&callback);
    let page = browser.log_in(&stack.invite("shop-de"), Consent::allow("blue_bottle")).await;
    assert_eq!((page.status, page.url.path()), (200, "/connected"));
    assert_eq!(page.header("cache-control"), "no-store");
    let (first, connected) = stack.current("shop-de").await;
    let expires_at = connected["expires_at"].as_str().unwrap();
    for shown in ["@blue_bottle", "shop-de", expires_at, &format!("{}/accounts/shop-de", stack.prefix)] {
        assert!(page.body.contains(shown), "{shown} is missing in {}", page.body);
    }

    // The secret.
    let connected_at = time(&connected, "connected_at");
    assert!(before <= connected_at && connected_at <= OffsetDateTime::now_utc());
    let token = connected["access_token"].as_str().unwrap();
    assert_eq!(connected, document("shop-de", token, connected_at));
    schema::assert_valid(&connected.to_string());
    let tags = [
        ("evertoken:account-id", "17841405793187218"),
        ("evertoken:app-scoped-id", "27640875392278831"),
        ("evertoken:stack", "end-to-end"),
        ("evertoken:username", "blue_bottle"),
    ];
    assert_eq!(stack.tags("shop-de").await, tags.map(|(key, value)| (key.to_owned(), value.to_owned())));
    assert_eq!(stack.accounts().await, ["shop-de"]);

    // Three weeks later. The long-lived token still works, the short-lived one would not.
    stack.instagram.advance(Duration::days(21));
    assert_eq!(stack.instagram.me(token).await.0, 200);
    let aged = document("shop-de", token, connected_at - Duration::days(21));
    stack.put("shop-de", &aged.to_string()).await;
    let (second, _) = stack.current("shop-de").await;
    let refresh = stack.refresh().await;
    let report = refresh.invoke(&scheduled()).await;
    assert_counts(&report, "refreshed");
    assert_eq!(report["failures"], json!([]));

    // The renewed secret.
    let (third, renewed) = stack.current("shop-de").await;
    assert!(third != second && third != first);
    assert_eq!(stack.staged("shop-de", "AWSPREVIOUS").await.unwrap(), (second, aged.to_string()));
    assert!(time(&renewed, "expires_at") > time(&aged, "expires_at"));
    let new_token = renewed["access_token"].as_str().unwrap();
    assert_ne!(new_token, token);
    assert_eq!(stack.instagram.me(new_token).await.0, 200);
    let issued_at = time(&renewed, "issued_at");
    let mut expected = document("shop-de", new_token, issued_at);
    expected["connected_at"] = aged["connected_at"].clone();
    expected["last_attempt"]["outcome"] = json!("refreshed");
    assert_eq!(renewed, expected);
    schema::assert_valid(&renewed.to_string());
    assert_eq!(report["soonest_expiry"], renewed["expires_at"]);

    // The next run has nothing to do and writes nothing.
    let report = refresh.invoke(&json!({})).await;
    assert_counts(&report, "too_young");
    assert_eq!(stack.current("shop-de").await, (third, renewed));
    assert_eq!(stack.instagram.requests("refresh").await, 1);
}

/// One account, in this count and in no other.
fn assert_counts(report: &Value, counted: &str) {
    assert_eq!((report["version"].clone(), report["accounts"].clone()), (json!(1), json!(1)), "{report}");
    for count in COUNTS {
        assert_eq!(report[count], json!(u8::from(count == counted)), "{count} in {report}");
    }
}
