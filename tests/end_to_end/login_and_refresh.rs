//! The whole life of an account, from the first click to a refreshed token.

use evertoken_core::invite::Invite;
use evertoken_tests::browser::Consent;
use evertoken_tests::deployment::Deployment;
use evertoken_tests::refresh_report::OUTCOME_COUNTS;
use evertoken_tests::refresh_semantics::RefreshSemantics;
use evertoken_tests::sample::document_json;
use evertoken_tests::{sample, schema, test_refresh_semantics};
use serde_json::{Value, json};
use time::format_description::well_known::Rfc3339;
use time::{Duration, OffsetDateTime};

/// The event that EventBridge Scheduler sends if the schedule does not define an input.
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

test_refresh_semantics!(a_login_is_stored_and_refreshed_when_due);

async fn a_login_is_stored_and_refreshed_when_due(semantics: RefreshSemantics) {
    let stack = Deployment::with_sandbox(semantics.settings()).await;
    let callback = stack.callback().await;

    // Log in.
    let before = OffsetDateTime::now_utc().replace_nanosecond(0).unwrap();
    let mut browser = stack.browser(&callback);
    let invite =
        Invite { name: Some(sample::name("shop-de")), show_location: true, ..Invite::new(before + Duration::days(7)) };
    let page = browser.log_in(&stack.invite_link_for(&invite), Consent::allow("blue_bottle")).await;
    assert_eq!((page.status, page.url.path()), (200, "/connected"));
    assert_eq!(page.header("cache-control"), "no-store");
    let (first, connected) = stack.current_document("shop-de").await;
    let expires_at = connected["expires_at"].as_str().unwrap();
    for shown in ["@blue_bottle", "shop-de", expires_at, &format!("{}/accounts/shop-de", stack.prefix)] {
        assert!(page.body.contains(shown), "{shown} is missing in {}", page.body);
    }

    // Check the secret.
    let connected_at = time(&connected, "connected_at");
    assert!(before <= connected_at && connected_at <= OffsetDateTime::now_utc());
    let token = connected["access_token"].as_str().unwrap();
    let mut expected = document_json("shop-de", token, connected_at);
    expected["last_attempt"]["login"] = connected["last_attempt"]["login"].clone();
    assert!(connected["last_attempt"]["login"].as_str().is_some_and(|login| login.len() == 32));
    assert_eq!(connected, expected);
    schema::assert_valid(&connected.to_string());
    let tags = [
        ("evertoken:account-id", "17841405793187218"),
        ("evertoken:app-scoped-id", "27640875392278831"),
        ("evertoken:stack", "end-to-end"),
        ("evertoken:username", "blue_bottle"),
    ];
    assert_eq!(stack.tags("shop-de").await, tags.map(|(key, value)| (key.to_owned(), value.to_owned())));
    assert_eq!(stack.accounts().await, ["shop-de"]);

    // Three weeks pass. The long-lived token still works; a short-lived one would not.
    stack.instagram.advance(Duration::days(21));
    assert_eq!(stack.instagram.me(token).await.0, 200);
    let aged = document_json("shop-de", token, connected_at - Duration::days(21));
    stack.put_document("shop-de", &aged.to_string()).await;
    let (second, _) = stack.current_document("shop-de").await;
    let refresh = stack.refresh().await;
    let report = refresh.invoke(&scheduled()).await;
    assert_counts(&report, "refreshed");
    assert_eq!(report["failures"], json!([]));

    // Check the refreshed secret.
    let (third, renewed) = stack.current_document("shop-de").await;
    assert!(third != second && third != first);
    assert_eq!(stack.secret_version("shop-de", "AWSPREVIOUS").await.unwrap(), (second, aged.to_string()));
    assert!(time(&renewed, "expires_at") > time(&aged, "expires_at"));
    let new_token = renewed["access_token"].as_str().unwrap();
    assert_eq!(new_token != token, semantics.replaces_token());
    assert_eq!(stack.instagram.me(new_token).await.0, 200);
    assert_eq!(stack.instagram.me(token).await.0, if semantics.ends_older_token() { 400 } else { 200 });
    let issued_at = time(&renewed, "issued_at");
    let mut expected = document_json("shop-de", new_token, issued_at);
    expected["connected_at"] = aged["connected_at"].clone();
    expected["last_attempt"]["outcome"] = json!("refreshed");
    assert_eq!(renewed, expected);
    schema::assert_valid(&renewed.to_string());
    assert_eq!(report["soonest_expiry"], renewed["expires_at"]);

    // The next run has nothing to do, and it writes nothing.
    let report = refresh.invoke(&json!({})).await;
    assert_counts(&report, "too_young");
    assert_eq!(stack.current_document("shop-de").await, (third, renewed));
    assert_eq!(stack.instagram.request_count("refresh").await, 1);
}

/// Asserts that the report counts one account, with this outcome and no other.
fn assert_counts(report: &Value, counted: &str) {
    assert_eq!((report["version"].clone(), report["accounts"].clone()), (json!(1), json!(1)), "{report}");
    for count in OUTCOME_COUNTS {
        assert_eq!(report[count], json!(u8::from(count == counted)), "{count} in {report}");
    }
}
