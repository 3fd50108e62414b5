//! `refresh_run [ACCOUNTS ...]`: measures refresh runs of the deployed Lambda function in which every account is due: their
//! duration against the lower bound, their requests and their memory.
//!
//! Instagram responds after 100 ms and Secrets Manager after 10 ms. The lower bound is set by the rate limit of 40 writes per
//! second, or by two Instagram requests per account with 16 accounts in parallel, whichever takes longer.
#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a benchmark prints its results and may panic on an unexpected error"
)]

use std::time::Duration;

use evertoken_bench::arguments;
use evertoken_bench::fake_secrets_manager::FakeSecretsManager;
use evertoken_bench::implementations::{self, Function, MAX_TIMEOUT};
use evertoken_bench::table::{self, number};
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
async fn main() {
    let sizes = arguments::numbers("accounts", &[100, 1_000, 10_000, 100_000]);
    let mut rows = Vec::new();
    for size in sizes {
        println!("{size} accounts ...");
        rows.push(measure(size).await);
    }
    println!("\nRefresh runs in which every account is due, one Lambda process each.\n");
    table::print(
        [
            "accounts",
            "refreshed",
            "left for the next run",
            "seconds",
            "lower bound",
            "overhead",
            "throttled",
            "writes per account",
            "reads per account",
            "Instagram requests per account",
            "CPU ms per account",
            "memory (MiB)",
        ],
        &rows,
    );
}

async fn measure(size: u32) -> [String; 12] {
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
    let refreshed = f64::from(u32::try_from(count("refreshed")).unwrap());
    let per_account = |total: f64| number(total / refreshed);
    let (seconds, overhead) = if fits {
        let overhead = run.duration.as_secs_f64() / lower_bound.as_secs_f64() - 1.0;
        (number(run.duration.as_secs_f64()), format!("{:.1}%", overhead * 100.0))
    } else {
        ("cut off".to_owned(), String::new())
    };
    [
        size.to_string(),
        count("refreshed").to_string(),
        count("left_for_next_run").to_string(),
        seconds,
        number(lower_bound.as_secs_f64()),
        overhead,
        requests.throttled.to_string(),
        per_account(f64::from(u32::try_from(requests.writes).unwrap())),
        per_account(f64::from(u32::try_from(requests.reads).unwrap())),
        per_account(f64::from(u32::try_from(instagram_requests).unwrap())),
        per_account(running.process.cpu_time().as_secs_f64() * 1000.0),
        number(running.process.peak_memory()),
    ]
}

/// The time below which no run can finish.
fn lower_bound(accounts: u32) -> Duration {
    let writes = f64::from(accounts) / WRITES_PER_SECOND;
    let instagram = f64::from(accounts) * 2.0 * INSTAGRAM_LATENCY.as_secs_f64() / CONCURRENCY;
    Duration::from_secs_f64(writes.max(instagram))
}
