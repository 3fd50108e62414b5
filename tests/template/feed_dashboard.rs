//! What the dashboard and the saved queries show about feeds.

use std::collections::BTreeSet;

use evertoken_core::metrics::Metric;
use evertoken_sandbox::{Endpoint, FaultResponse, InjectedFault};
use evertoken_tests::deployment::Deployment;
use evertoken_tests::faults;
use evertoken_tests::feed_function::FeedFunction;
use reqwest::StatusCode;
use serde_json::json;
use time::Duration;

use crate::alarm_checks::properties_by_type;
use crate::alarms::{EMAIL, alarms_stack};
use crate::feed::feed_stack;
use crate::log_queries::{
    assert_saved_queries, dashboard_metrics, dashboard_widgets, logged_fields, query_fields, referenced_queries,
};

const FEEDS: [(&str, &str); 2] = [EMAIL[0], ("Feed", "on")];

#[test]
fn the_dashboard_shows_feeds_only_if_they_are_on() {
    let (without, with) = (alarms_stack(&EMAIL), alarms_stack(&FEEDS));
    let (widgets, all) = (dashboard_widgets(&without), dashboard_widgets(&with));
    assert_eq!(widgets, all[..widgets.len()]);
    assert_eq!(all.len(), widgets.len() + 4);
    let shown: Vec<_> = dashboard_metrics(&with).difference(&dashboard_metrics(&without)).cloned().collect();
    // `feed_permissions.rs` checks that the function emits them.
    let emitted = Metric::ALL.iter().map(|metric| metric.name()).filter(|name| name.starts_with("Feeds"));
    assert_eq!(shown.iter().map(String::as_str).collect::<BTreeSet<_>>(), emitted.collect());
    // No second dashboard, which would cost $3 per month.
    assert!(properties_by_type(&feed_stack(&FEEDS), "AWS::CloudWatch::Dashboard").is_empty());
}

/// What the function logs about a published feed, a failing one, a picture that cannot be used and an invalid request.
async fn log() -> String {
    let deployment = Deployment::new().await.with_parameters(&[("Feed", "on")]);
    let feed = FeedFunction::start(&deployment).await;
    deployment.add_account("my-shop", Duration::days(5)).await;
    let text = FaultResponse::Status {
        status: StatusCode::OK,
        body: Some(json!("no picture")),
        headers: [("content-type".to_owned(), "image/jpeg".to_owned())].into(),
    };
    deployment.instagram.inject_fault(InjectedFault::new(Endpoint::File, text)).await;
    let enabled = feed.invoke(&json!({"action": "enable", "account": "my-shop"})).await;
    assert_eq!(enabled["result"], "enabled", "{enabled}");
    deployment.instagram.inject_fault(faults::invalid_token(Endpoint::Media, 463)).await;
    let failed = feed.invoke(&json!({"action": "publish", "account": "my-shop"})).await;
    assert_eq!(failed["report"]["failed"], 1, "{failed}");
    let invalid = feed.invoke(&json!({"action": "dance"})).await;
    assert_eq!(invalid["errorType"], "InvalidRequest", "{invalid}");
    feed.lambda.log()
}

#[tokio::test]
async fn queries_about_feeds_use_fields_that_the_log_contains() {
    let logged = logged_fields(&log().await);
    let stack = feed_stack(&FEEDS);
    assert_eq!(properties_by_type(&stack, "AWS::Logs::QueryDefinition").len(), 4);
    assert_saved_queries(&stack, &logged, &["Logs"]);
    let source = format!("SOURCE '{}' | ", stack.properties("Logs")["LogGroupName"].as_str().unwrap());
    let widgets = dashboard_widgets(&alarms_stack(&FEEDS));
    let queries: Vec<_> = widgets.iter().filter_map(|widget| widget["properties"]["query"].as_str()).collect();
    let queries: Vec<_> = queries.into_iter().filter_map(|query| query.strip_prefix(&source)).collect();
    assert_eq!(queries.len(), 3);
    for query in queries {
        for field in query_fields(query) {
            assert!(logged.contains(field), "{query} uses {field}, but the log contains only {logged:?}");
        }
    }
}

#[test]
fn alarms_about_feeds_refer_only_to_saved_queries_that_exist() {
    assert_eq!(referenced_queries(&feed_stack(&FEEDS)), ["Failed feeds", "Feed errors"]);
}
