//! `start [ROUNDS]`: measures the start of a Lambda function, from exec to the first poll of the Runtime API, and its first
//! invocation, against baselines in Python and Node.
//!
//! Each round starts every implementation once, one after another, so that other load on the machine affects all of them.
#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a benchmark prints its results and may panic on an unexpected error"
)]

use evertoken_bench::arguments;
use evertoken_bench::implementations::{self, Function, Implementation, MAX_TIMEOUT};
use evertoken_bench::samples::Samples;
use evertoken_bench::table::{self, number, ratio};
use evertoken_bench::testbed::Testbed;
use evertoken_tests::moto::Moto;

#[derive(Debug, Default)]
struct Measured {
    start: Samples,
    cpu: Samples,
    first: Samples,
    memory: Samples,
}

#[tokio::main]
async fn main() {
    let rounds: u32 = arguments::numbers("rounds", &[30]).into_iter().sum();
    let (baselines, missing) = implementations::baselines();
    let all: Vec<Implementation> = implementations::evertoken().into_iter().chain(baselines).collect();
    let moto = Moto::start();
    let testbed = Testbed::start(moto.client()).await;
    let variables = Testbed::variables(testbed.instagram.origin(), moto.endpoint());
    // Signs the state of all logins.
    let callback = implementations::evertoken_function(Function::Callback).start(&variables, MAX_TIMEOUT);
    let mut measured: Vec<Measured> = all.iter().map(|_| Measured::default()).collect();
    // The first round warms up the disk cache and compiled bytecode. It is not measured.
    for round in 0..=rounds {
        for (implementation, measured) in all.iter().zip(&mut measured) {
            let event = match implementation.function {
                Function::Callback => testbed.callback_event(&callback.api).await,
                Function::Refresh => testbed.due_account().await,
            };
            let running = implementation.start(&variables, MAX_TIMEOUT);
            let cpu = running.process.cpu_time();
            let first = running.api.invoke(&event);
            assert_eq!(error(&first.response), None, "{} failed", implementation.name);
            if round > 0 {
                measured.start.add_time(running.start);
                measured.cpu.add_time(cpu);
                measured.first.add_time(first.duration);
                measured.memory.add(running.process.peak_memory());
            }
        }
    }
    let rows: Vec<_> =
        all.iter().zip(&measured).map(|(implementation, it)| row(implementation, it, &all, &measured)).collect();
    println!("From exec to the first poll. Medians of {rounds} interleaved starts, in milliseconds.\n");
    table::print(
        ["", "start", "minimum", "p90", "CPU", "first invocation", "memory (MiB)", "start vs. Evertoken"],
        &rows,
    );
    for reason in missing {
        println!("\nNot measured: {reason}");
    }
}

fn row(implementation: &Implementation, it: &Measured, all: &[Implementation], measured: &[Measured]) -> [String; 8] {
    // Evertoken comes first in the list.
    let same_function = |(other, _): &(&Implementation, &Measured)| other.function == implementation.function;
    let evertoken = all.iter().zip(measured).find(same_function).unwrap().1;
    [
        format!("{} ({})", implementation.name, implementation.function.work()),
        number(it.start.median()),
        number(it.start.min()),
        number(it.start.percentile(90)),
        number(it.cpu.median()),
        number(it.first.median()),
        number(it.memory.median()),
        ratio(it.start.median(), evertoken.start.median()),
    ]
}

/// The response, if it reports a failure.
fn error(response: &serde_json::Value) -> Option<String> {
    let succeeded = response["statusCode"] == 303 || response["refreshed"] == 1;
    (!succeeded).then(|| response.to_string())
}
