//! The metrics that CloudWatch extracts from the functions' logs.

use std::collections::{BTreeMap, BTreeSet};

use evertoken_core::metrics::{Metric, Unit};
use evertoken_tests::browser::Consent;
use evertoken_tests::deployment::Deployment;
use evertoken_tests::http::Request;
use evertoken_tests::lambda_emulator::Lambda;
use evertoken_tests::{embedded_metrics, sample, wait};
use reqwest::Method;
use serde_json::json;
use time::Duration;

type Line = BTreeMap<String, embedded_metrics::Metric>;

/// Waits for `count` log lines with metrics, because the emulator forwards a function's output asynchronously.
async fn lines(lambda: &Lambda, count: usize) -> Vec<Line> {
    let read = || Some(embedded_metrics::read(&lambda.log(), "end-to-end")).filter(|lines| lines.len() >= count);
    let lines = wait::until("metrics in the log", read).await;
    assert_eq!(lines.len(), count, "{lines:?}");
    lines
}

fn values(line: &Line) -> Vec<(&str, f64)> {
    line.iter().map(|(name, (value, _))| (name.as_str(), *value)).collect()
}

fn unit(metric: Metric) -> &'static str {
    match metric.unit() {
        Unit::Count => "Count",
        Unit::Seconds => "Seconds",
        Unit::Milliseconds => "Milliseconds",
    }
}

#[tokio::test]
async fn logins_and_refreshes_emit_exactly_the_documented_metrics() {
    let stack = Deployment::new().await;
    let (callback, refresh) = tokio::join!(stack.callback(), stack.refresh());
    let page = stack.browser(&callback).log_in(&stack.invite_link("shop-de"), Consent::allow("blue_bottle")).await;
    assert_eq!(page.status, 200);
    let canceled = Consent { decision: "cancel", ..Consent::allow("blue_bottle") };
    let page = stack.browser(&callback).log_in(&stack.invite_link("shop-fr"), canceled).await;
    assert_eq!(page.status, 403);
    let form = vec![("signed_request".to_owned(), sample::forged_signed_request())];
    let removal = Request { form, ..Request::get(&stack.page_url("/data-deletion")).method(Method::POST) };
    assert_eq!(stack.browser(&callback).send(&removal).await.status, 400);
    let logins = lines(&callback, 6).await;
    let names: Vec<_> = logins.iter().flat_map(values).collect();
    let expected = ["ColdStart", "LoginsStarted", "LoginsCompleted", "LoginsStarted", "LoginsFailed", "RemovalsFailed"];
    assert_eq!(names, expected.map(|name| (name, 1.0)));

    stack.add_account("due", Duration::days(21)).await;
    let report = refresh.invoke(&json!({"version": 1})).await;
    let runs = lines(&refresh, 2).await;
    assert_eq!(values(&runs[0]), [("ColdStart", 1.0)]);
    let run = &runs[1];
    let counts = [("Accounts", 2.0), ("Healthy", 2.0), ("Attention", 0.0), ("LoginRequired", 0.0), ("Refreshed", 1.0)];
    for (name, value) in counts.into_iter().chain([("RefreshFailed", 0.0)]) {
        assert!((run[name].0 - value).abs() < f64::EPSILON, "{name}: {run:?}");
    }
    assert!((run["RunDurationMs"].0 - report["duration_ms"].as_f64().unwrap()).abs() < f64::EPSILON, "{run:?}");
    let nearly_sixty_days = 59.0 * 86_400.0..=60.0 * 86_400.0;
    assert!(nearly_sixty_days.contains(&run["MinSecondsToExpiry"].0), "{run:?}");

    let emitted: BTreeSet<(&str, &str)> = logins
        .iter()
        .chain(&runs)
        .flat_map(|line| line.iter().map(|(name, (_, unit))| (name.as_str(), unit.as_str())))
        .collect();
    // The function that publishes feeds emits the others.
    let of_feeds = [Metric::Feeds, Metric::FeedsStale, Metric::FeedsFailed];
    let documented = Metric::ALL.iter().filter(|metric| !of_feeds.contains(metric));
    let documented: BTreeSet<_> = documented.map(|metric| (metric.name(), unit(*metric))).collect();
    assert_eq!(emitted, documented);
}

#[tokio::test]
async fn a_run_over_named_accounts_omits_fleet_metrics_and_a_dry_run_emits_none() {
    let stack = Deployment::new().await;
    stack.add_account("shop-de", Duration::days(21)).await;
    let refresh = stack.refresh().await;
    refresh.invoke(&json!({"version": 1, "dry_run": true})).await;
    refresh.invoke(&json!({"version": 1, "accounts": ["shop-de"], "force": true})).await;
    let runs = lines(&refresh, 2).await;
    assert_eq!(values(&runs[0]), [("ColdStart", 1.0)]);
    assert_eq!(values(&runs[1]), [("RefreshFailed", 0.0), ("Refreshed", 1.0)]);
}

#[tokio::test]
async fn metrics_are_emitted_even_when_only_errors_are_logged() {
    let stack = Deployment::new().await.with_variables(&[("AWS_LAMBDA_LOG_LEVEL", "ERROR")]);
    let refresh = stack.refresh().await;
    refresh.invoke(&json!({"version": 1})).await;
    let runs = lines(&refresh, 2).await;
    // Without accounts there is no time to the first expiry.
    assert!(!runs[1].contains_key("MinSecondsToExpiry") && runs[1].contains_key("Accounts"), "{runs:?}");
    let log = refresh.log();
    let ours: Vec<&str> = log.lines().filter(|line| line.starts_with('{')).collect();
    assert!(ours.len() == 2 && ours.iter().all(|line| line.contains(r#""level":"ERROR""#)), "{ours:?}");
}
