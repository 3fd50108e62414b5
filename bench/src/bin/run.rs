//! `run [ACCOUNTS ...]`: refresh runs over so many accounts, all due, by the Lambda as it is deployed; the time that they
//! take against the least that they could, what they ask, and their memory.
//!
//! Instagram takes 100 ms for an answer and Secrets Manager 10 ms. The bound is what the pace of 40 writes a second leaves,
//! or what Instagram's two answers for each account leave to 16 accounts at a time, whichever is longer.
#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a measurement prints, and may stop at the first surprise"
)]

use std::time::Duration;

use evertoken_bench::arguments;
use evertoken_bench::contenders::{self, Function, LONGEST};
use evertoken_bench::secrets::Secrets;
use evertoken_bench::stage::Stage;
use evertoken_bench::table::{self, number};
use evertoken_sandbox::Settings;
use evertoken_tests::deployment::document;
use evertoken_tests::served_sandbox::ServedSandbox;
use serde_json::{Value, json};
use time::OffsetDateTime;

const INSTAGRAM: Duration = Duration::from_millis(100);
const SECRETS_MANAGER: Duration = Duration::from_millis(10);
const WRITES_PER_SECOND: f64 = 40.0;
const CONCURRENCY: f64 = 16.0;

/// More accounts than fit into a Lambda's longest time are looked at in full and begun with: the memory is the same, and
/// nobody waits for a run that goes on six hours later.
const BEGUN: Duration = Duration::from_mins(3);

#[tokio::main]
async fn main() {
    let sizes = arguments::numbers("accounts", &[100, 1_000, 10_000, 100_000]);
    let mut rows = Vec::new();
    for size in sizes {
        println!("{size} accounts ...");
        rows.push(measure(size).await);
    }
    println!("\nRefresh runs over accounts that are all due, one Lambda process each.\n");
    table::print(
        [
            "accounts",
            "renewed",
            "left for the next run",
            "seconds",
            "bound",
            "over it",
            "throttled",
            "writes an account",
            "reads an account",
            "Instagram's an account",
            "processor, ms an account",
            "memory, MiB",
        ],
        &rows,
    );
}

async fn measure(size: u32) -> [String; 12] {
    let instagram = ServedSandbox::start(Settings::default(), "https://login.example.test/callback").await;
    let age = time::Duration::days(30);
    let token = instagram.token("blue_bottle", age).await;
    for endpoint in ["refresh", "me"] {
        let slow = json!({"endpoint": endpoint, "times": "always", "latency_ms": u64::try_from(INSTAGRAM.as_millis()).unwrap()});
        instagram.fault(slow).await;
    }
    let connected_at = OffsetDateTime::now_utc().replace_nanosecond(0).unwrap() - age;
    let accounts = (0..size).map(|number| {
        let name = format!("shop-{number}");
        let text = document(&name, &token, connected_at).to_string();
        (format!("bench/accounts/{name}"), text)
    });
    let secrets = Secrets::start(accounts, SECRETS_MANAGER).await;
    let bound = bound(size);
    let fits = bound < LONGEST.mul_f64(0.9);
    let refresh = contenders::our(Function::Refresh);
    let variables = Stage::variables(instagram.origin(), secrets.endpoint());
    let running = refresh.start(&variables, if fits { LONGEST } else { BEGUN });
    let run = running.api.invoke(&json!({}));
    let count = |of: &str| run.answer.get(of).and_then(Value::as_u64).unwrap();
    assert_eq!(count("accounts"), u64::from(size), "{}", run.answer);
    assert_eq!(count("refreshed") + count("left_for_next_run"), u64::from(size), "{}", run.answer);
    let asked = secrets.asked();
    let of_instagram = instagram.requests("refresh").await + instagram.requests("me").await;
    let renewed = f64::from(u32::try_from(count("refreshed")).unwrap());
    let an_account = |total: f64| number(total / renewed);
    let (took, over) = if fits {
        let over = run.took.as_secs_f64() / bound.as_secs_f64() - 1.0;
        (number(run.took.as_secs_f64()), format!("{:.1} %", over * 100.0))
    } else {
        ("as it was given".to_owned(), String::new())
    };
    [
        size.to_string(),
        count("refreshed").to_string(),
        count("left_for_next_run").to_string(),
        took,
        number(bound.as_secs_f64()),
        over,
        asked.throttled.to_string(),
        an_account(f64::from(u32::try_from(asked.writes).unwrap())),
        an_account(f64::from(u32::try_from(asked.reads).unwrap())),
        an_account(f64::from(u32::try_from(of_instagram).unwrap())),
        an_account(running.process.processor_time().as_secs_f64() * 1000.0),
        number(running.process.peak_memory()),
    ]
}

/// What no run can be faster than.
fn bound(accounts: u32) -> Duration {
    let writes = f64::from(accounts) / WRITES_PER_SECOND;
    let instagram = f64::from(accounts) * 2.0 * INSTAGRAM.as_secs_f64() / CONCURRENCY;
    Duration::from_secs_f64(writes.max(instagram))
}
