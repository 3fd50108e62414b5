//! The requests and the memory that a refresh run takes.

use std::process::Command;

use evertoken_tests::aws_proxy::AwsProxy;
use evertoken_tests::binaries;
use evertoken_tests::deployment::Deployment;
use serde_json::json;
use time::Duration;

#[tokio::test]
async fn refreshing_an_account_takes_two_requests_and_one_write() {
    const ACCOUNTS: usize = 100;
    let aws = AwsProxy::start().await;
    let stack = Deployment::new().await.with_variables(&[("AWS_ENDPOINT_URL", aws.endpoint())]);
    for number in 0..ACCOUNTS {
        stack.add_account(&format!("shop-{number}"), Duration::days(21)).await;
    }
    let stack = stack.with_parameters(&[("EventBusName", "")]);
    let report = stack.refresh().await.invoke(&json!({})).await;
    assert_eq!(report["refreshed"], ACCOUNTS, "{report}");
    let (renewed, proven) = (stack.instagram.request_count("refresh").await, stack.instagram.request_count("me").await);
    assert_eq!((renewed, proven), (100, 100));
    let mut calls = aws.calls();
    assert_eq!(calls.remove("PutSecretValue"), Some(ACCOUNTS));
    let reads: usize = calls.values().sum();
    assert!(reads * 10 <= ACCOUNTS, "{calls:?}");
}

/// A small version of `make bulk`, where ten times as many accounts take about 15 MB and may take 64 MB.
#[test]
fn a_large_run_uses_little_memory() {
    let run = Command::new(binaries::path("bulk-run")).arg("10000").output().unwrap();
    let stdout = String::from_utf8(run.stdout).unwrap();
    assert!(stdout.starts_with("10000 of 10000 accounts renewed"), "{stdout}");
    let peak = stdout.split("peak memory ").nth(1).and_then(|rest| rest.split(" kB").next()).unwrap();
    assert!(peak.parse::<u32>().unwrap() <= 24 * 1024, "{stdout}");
}
