//! Refresh runs with injected faults at both AWS and Instagram.

use std::io::Write;

use evertoken_sandbox::{Endpoint, FaultResponse, InjectedFault};
use evertoken_tests::aws_proxy::AwsProxy;
use evertoken_tests::deployment::Deployment;
use evertoken_tests::refresh_semantics::RefreshSemantics;
use evertoken_tests::test_refresh_semantics;
use reqwest::StatusCode;
use serde_json::json;
use time::Duration;

test_refresh_semantics!(injected_faults_lose_no_token_that_instagram_keeps_valid);

/// A small version of `make chaos`, which sets the number of accounts in `EVERTOKEN_CHAOS`.
async fn injected_faults_lose_no_token_that_instagram_keeps_valid(semantics: RefreshSemantics) {
    let accounts: usize = std::env::var("EVERTOKEN_CHAOS").map_or(60, |number| number.parse().unwrap());
    let aws = AwsProxy::start().await;
    let stack =
        Deployment::with_sandbox(semantics.settings()).await.with_variables(&[("AWS_ENDPOINT_URL", aws.endpoint())]);
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
    let mut lost_responses = 0;
    for endpoint in [Endpoint::Refresh, Endpoint::Me] {
        for (number, response) in (0..).zip(responses.iter().cycle().take(accounts / 4)) {
            let fault = InjectedFault::new(endpoint, response.clone());
            let fault = InjectedFault { latency_ms: number % 30, ..fault };
            let is_lost = number % 2 == 1;
            lost_responses += usize::from(is_lost && endpoint == Endpoint::Refresh);
            stack.instagram.inject_fault(if is_lost { fault.after_processing() } else { fault }).await;
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
        let idle = ["not_due", "too_young", "login_required"].map(|count| report[count].as_u64().unwrap_or(0));
        let idle = idle.iter().sum::<u64>();
        if usize::try_from(idle).unwrap() == accounts {
            break;
        }
        assert!(runs < 30, "{report}");
        // Instagram does not refresh a token twice within 24 hours.
        stack.instagram.advance(Duration::days(1));
    }
    let calls: usize = aws.calls().values().sum();
    let figures = format!(
        "chaos: {accounts} accounts, {runs} runs, {refreshed} renewals, {failed} failures, {calls} calls of AWS, {:.1} s",
        start.elapsed().as_secs_f64()
    );
    let mut stderr = std::io::stderr();
    writeln!(stderr, "{figures}").unwrap();
    aws.inject_fault_every(0);
    let mut lost_tokens = 0;
    for number in 0..accounts {
        let (_, document) = stack.current_document(&format!("shop-{number}")).await;
        let works = stack.instagram.me(document["access_token"].as_str().unwrap()).await.0 == 200;
        assert_eq!(document["health"]["state"], if works { "healthy" } else { "login_required" }, "shop-{number}");
        lost_tokens += usize::from(!works);
    }
    // If a refresh ends the older token, a lost response loses the account's only token.
    let inevitable = if semantics.ends_older_token() { lost_responses } else { 0 };
    assert!(lost_tokens <= inevitable, "{lost_tokens} tokens were lost with {lost_responses} responses");
}
