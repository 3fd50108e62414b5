//! Refresh runs with injected faults at both AWS and Instagram.

use std::io::Write;

use evertoken_sandbox::{Endpoint, FaultResponse, InjectedFault};
use evertoken_tests::aws_proxy::AwsProxy;
use evertoken_tests::deployment::Deployment;
use evertoken_tests::wait;
use reqwest::StatusCode;
use serde_json::json;
use time::Duration;

/// A small version of `make chaos`, which sets the number of accounts in `EVERTOKEN_CHAOS`.
#[tokio::test(flavor = "multi_thread")]
async fn injected_faults_at_aws_and_instagram_lose_no_token() {
    let accounts: usize = std::env::var("EVERTOKEN_CHAOS").map_or(60, |number| number.parse().unwrap());
    let aws = AwsProxy::start().await;
    let stack = Deployment::new().await.with_variables(&[("AWS_ENDPOINT_URL", aws.endpoint())]);
    for number in 0..accounts {
        stack.add_account(&format!("shop-{number}"), Duration::days(21)).await;
    }
    // Every seventh response of AWS is a fault. Instagram's requests get each kind of fault in turn.
    aws.inject_fault_every(7);
    let responses = [
        FaultResponse::status(StatusCode::SERVICE_UNAVAILABLE),
        FaultResponse::Truncated,
        FaultResponse::InvalidJson,
        FaultResponse::RateLimit { status: StatusCode::FORBIDDEN, retry_after_seconds: Some(1) },
        FaultResponse::Oversized { bytes: 200_000 },
    ];
    for endpoint in [Endpoint::Refresh, Endpoint::Me] {
        for (number, response) in (0..).zip(responses.iter().cycle().take(accounts / 4)) {
            let fault = InjectedFault::new(endpoint, response.clone());
            let fault = InjectedFault { latency_ms: number % 30, ..fault };
            stack.instagram.inject_fault(if number % 2 == 0 { fault } else { fault.after_processing() }).await;
        }
    }
    let start = std::time::Instant::now();
    let refresh = stack.refresh().await;
    let mut runs = 0;
    let (mut refreshed, mut failed) = (0, 0);
    loop {
        runs += 1;
        let report = refresh.invoke(&json!({})).await;
        refreshed += report["refreshed"].as_u64().unwrap_or(0);
        failed += report["failed"].as_u64().unwrap_or(0);
        let idle = ["not_due", "too_young"].map(|count| report[count].as_u64().unwrap_or(0)).iter().sum::<u64>();
        if usize::try_from(idle).unwrap() == accounts {
            break;
        }
        assert!(runs < 30, "{report}");
        wait::briefly().await;
    }
    let calls: usize = aws.calls().values().sum();
    let figures = format!(
        "chaos: {accounts} accounts, {runs} runs, {refreshed} renewals, {failed} failures, {calls} calls of AWS, {:.1} s",
        start.elapsed().as_secs_f64()
    );
    writeln!(std::io::stderr(), "{figures}").unwrap();
    aws.inject_fault_every(0);
    for number in 0..accounts {
        let (_, document) = stack.current_document(&format!("shop-{number}")).await;
        assert_eq!(document["health"]["state"], "healthy");
        let token = document["access_token"].as_str().unwrap();
        assert_eq!(stack.instagram.me(token).await.0, 200, "shop-{number}");
    }
}
