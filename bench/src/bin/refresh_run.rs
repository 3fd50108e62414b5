//! `refresh_run [ACCOUNTS ...] [--record]`: measures refresh runs of the deployed Lambda function in which every account is
//! due: their duration against the lower bound, their requests and their memory.
//!
//! Instagram responds after 100 ms and Secrets Manager after 10 ms. The lower bound is set by the rate limit of 40 writes per
//! second, or by two Instagram requests per account with 16 accounts in parallel, whichever takes longer.
#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a benchmark prints its results and may panic on an unexpected error"
)]

use std::time::Duration;

use anyhow::Result;
use clap::Parser;
use evertoken_bench::arguments::Arguments;
use evertoken_bench::fake_secrets_manager::FakeSecretsManager;
use evertoken_bench::implementations::{self, Function, MAX_TIMEOUT, root};
use evertoken_bench::measurements::refresh_run::{ACCOUNTS, RefreshRun, RefreshRuns};
use evertoken_bench::recording;
use evertoken_bench::results::Recorded;
use evertoken_bench::testbed::Testbed;
use evertoken_sandbox::{Endpoint, InjectedFault, Settings};
use evertoken_tests::sample::document_json;
use evertoken_tests::sandbox_server::SandboxServer;
use serde_json::{Value, json};
use time::OffsetDateTime;

const INSTAGRAM_LATENCY: Duration = Duration::from_millis(100);
const SECRETS_MANAGER_LATENCY: Duration = Duration::from_millis(10);
const WRITES_PER_SECOND: f64 = 40.0;
const CONCURRENCY: f64 = 16.0;

/// The timeout of a run that does not fit into Lambda's longest timeout. It scans all accounts and refreshes some of them:
/// enough to measure its memory.
const PARTIAL_RUN: Duration = Duration::from_mins(3);

#[tokio::main]
async fn main() -> Result<()> {
    let arguments = Arguments::parse();
    let sizes = arguments.numbers_or(&ACCOUNTS)?;
    let provenance = arguments.record.then(|| recording::provenance("make bench-run")).transpose()?;
    let mut runs = RefreshRuns::default();
    for size in sizes {
        println!("{size} accounts ...");
        runs.0.push(measure(size).await);
    }
    println!("\nRefresh runs in which every account is due, one Lambda process each.\n\n{}", runs.table());
    if let Some(provenance) = provenance {
        Recorded { provenance, measurements: runs }.write(&root())?;
    }
    Ok(())
}

async fn measure(size: u32) -> RefreshRun {
    let instagram = SandboxServer::start(Settings::default(), "https://login.example.test/callback").await;
    let age = time::Duration::days(30);
    let token = instagram.token("blue_bottle", age).await;
    let latency_ms = u64::try_from(INSTAGRAM_LATENCY.as_millis()).unwrap();
    for endpoint in [Endpoint::Refresh, Endpoint::Me] {
        instagram.inject_fault(InjectedFault::latency(endpoint, latency_ms).always()).await;
    }
    let connected_at = OffsetDateTime::now_utc().replace_nanosecond(0).unwrap() - age;
    let accounts = (0..size).map(|number| {
        let name = format!("shop-{number}");
        let text = document_json(&name, &token, connected_at).to_string();
        (format!("bench/accounts/{name}"), text)
    });
    let secrets = FakeSecretsManager::start(accounts, SECRETS_MANAGER_LATENCY).await;
    let lower_bound = lower_bound(size);
    let fits = lower_bound < MAX_TIMEOUT.mul_f64(0.9);
    let refresh = implementations::evertoken_function(Function::Refresh);
    let variables = Testbed::variables(instagram.origin(), secrets.endpoint());
    let running = refresh.start(&variables, if fits { MAX_TIMEOUT } else { PARTIAL_RUN });
    let run = running.api.invoke(&json!({}));
    let count = |key: &str| run.response.get(key).and_then(Value::as_u64).unwrap();
    assert_eq!(count("accounts"), u64::from(size), "{}", run.response);
    assert_eq!(count("refreshed") + count("left_for_next_run"), u64::from(size), "{}", run.response);
    let requests = secrets.counts();
    let instagram_requests = instagram.request_count("refresh").await + instagram.request_count("me").await;
    let small = |number: usize| u32::try_from(number).unwrap();
    RefreshRun {
        accounts: size,
        refreshed: u32::try_from(count("refreshed")).unwrap(),
        seconds: fits.then_some(run.duration.as_secs_f64()),
        lower_bound_seconds: lower_bound.as_secs_f64(),
        throttled: small(requests.throttled),
        writes: small(requests.writes),
        reads: small(requests.reads),
        instagram_requests: u32::try_from(instagram_requests).unwrap(),
        cpu_ms: running.process.cpu_time().as_secs_f64() * 1000.0,
        memory_mib: running.process.peak_memory(),
    }
}

/// The time below which no run can finish.
fn lower_bound(accounts: u32) -> Duration {
    let writes = f64::from(accounts) / WRITES_PER_SECOND;
    let instagram = f64::from(accounts) * 2.0 * INSTAGRAM_LATENCY.as_secs_f64() / CONCURRENCY;
    Duration::from_secs_f64(writes.max(instagram))
}
