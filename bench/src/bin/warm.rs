//! `warm [INVOCATIONS]`: measures the self time of warm invocations, which is their duration minus the time they wait for
//! Instagram or AWS, against baselines in Python and Node.
//!
//! A proxy in front of the sandbox and of moto records the waits. Self time excludes the time these servers take, and the
//! kernel's time to reach them.
#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a benchmark prints its results and may panic on an unexpected error"
)]

use evertoken_bench::arguments;
use evertoken_bench::implementations::{self, Function, Implementation, MAX_TIMEOUT, Running};
use evertoken_bench::samples::Samples;
use evertoken_bench::table::{self, number, ratio};
use evertoken_bench::testbed::Testbed;
use evertoken_bench::wait_recorder::WaitRecorder;
use evertoken_tests::moto::Moto;

/// The first invocations open connections and fill caches. They are not measured.
const WARM_UP: u32 = 5;

struct Measured {
    implementation: Implementation,
    running: Running,
    total: Samples,
    self_time: Samples,
    cpu: Samples,
}

impl Measured {
    fn new(implementation: Implementation, running: Running) -> Self {
        let none = Samples::default;
        Self { implementation, running, total: none(), self_time: none(), cpu: none() }
    }
}

#[tokio::main]
async fn main() {
    let invocations: u32 = arguments::numbers("invocations", &[100]).into_iter().sum();
    let (baselines, missing) = implementations::baselines();
    let moto = Moto::start();
    let testbed = Testbed::start(moto.client()).await;
    let waits = WaitRecorder::default();
    let (instagram, aws) = (waits.proxy(testbed.instagram.origin()).await, waits.proxy(moto.endpoint()).await);
    let variables = Testbed::variables(&instagram, &aws);
    // Signs the state of all logins. It bypasses the proxies, since it is not measured.
    let direct = Testbed::variables(testbed.instagram.origin(), moto.endpoint());
    let callback = implementations::evertoken_function(Function::Callback).start(&direct, MAX_TIMEOUT);
    let start = |implementation: Implementation| {
        let running = implementation.start(&variables, MAX_TIMEOUT);
        Measured::new(implementation, running)
    };
    let mut all: Vec<Measured> = implementations::evertoken().into_iter().chain(baselines).map(start).collect();
    for round in 0..WARM_UP + invocations {
        for it in &mut all {
            let event = match it.implementation.function {
                Function::Callback => testbed.callback_event(&callback.api).await,
                Function::Refresh => testbed.due_account().await,
            };
            let cpu_before = it.running.process.cpu_time();
            let invocation = it.running.api.invoke(&event);
            let cpu = it.running.process.cpu_time().saturating_sub(cpu_before);
            let waited = waits.take_waited(invocation.from, invocation.to);
            if round >= WARM_UP {
                it.total.add_time(invocation.duration);
                it.self_time.add_time(invocation.duration.saturating_sub(waited));
                it.cpu.add_time(cpu);
            }
        }
    }
    println!("Warm invocations. Medians of {invocations} interleaved invocations, in milliseconds.\n");
    let rows: Vec<_> = all.iter().map(|it| row(it, &all)).collect();
    table::print(["", "self time", "minimum", "p90", "CPU", "total", "memory (MiB)", "self time vs. Evertoken"], &rows);
    for reason in missing {
        println!("\nNot measured: {reason}");
    }
}

fn row(it: &Measured, all: &[Measured]) -> [String; 8] {
    // Evertoken comes first in the list.
    let evertoken = all.iter().find(|other| other.implementation.function == it.implementation.function).unwrap();
    [
        format!("{} ({})", it.implementation.name, it.implementation.function.work()),
        number(it.self_time.median()),
        number(it.self_time.min()),
        number(it.self_time.percentile(90)),
        number(it.cpu.median()),
        number(it.total.median()),
        number(it.running.process.peak_memory()),
        ratio(it.self_time.median(), evertoken.self_time.median()),
    ]
}
