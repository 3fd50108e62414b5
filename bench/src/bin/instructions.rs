//! `instructions [--record]`: counts the instructions of a start, a first invocation and a warm invocation with callgrind.
//! Instruction counts hardly depend on the machine or its load, so CI compares them with the recorded counts of each
//! architecture in `bench/instructions.txt`.
#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::print_stderr,
    clippy::indexing_slicing,
    reason = "a benchmark prints its results and may panic on an unexpected error"
)]

use std::collections::BTreeMap;
use std::process::{Command, ExitCode};

use evertoken_bench::implementations::{self, Function, Implementation, MAX_TIMEOUT, root};
use evertoken_bench::runtime_api::RuntimeApi;
use evertoken_bench::table::{self, number};
use evertoken_bench::testbed::Testbed;
use evertoken_tests::moto::Moto;

const WARM_INVOCATIONS: u32 = 10;

/// The highest ratio to the recorded count that passes.
const TOLERANCE: f64 = 1.05;

#[tokio::main]
async fn main() -> ExitCode {
    if Command::new("valgrind").arg("--version").output().is_err() {
        println!("Not measured: valgrind is not installed. Run: apt-get install valgrind");
        return ExitCode::SUCCESS;
    }
    let moto = Moto::start();
    let testbed = Testbed::start(moto.client()).await;
    let variables = Testbed::variables(testbed.instagram.origin(), moto.endpoint());
    let callback = implementations::evertoken_function(Function::Callback).start(&variables, MAX_TIMEOUT);
    let file = root().join("bench/instructions.txt");
    let recorded = read(&std::fs::read_to_string(&file).unwrap_or_default());
    let (mut rows, mut lines, mut is_slower) = (Vec::new(), Vec::new(), false);
    for implementation in implementations::evertoken() {
        let start = count(&implementation, &variables, &testbed, &callback.api, 0).await;
        let first = count(&implementation, &variables, &testbed, &callback.api, 1).await;
        let warm = count(&implementation, &variables, &testbed, &callback.api, 1 + WARM_INVOCATIONS).await;
        let counts =
            [("start", start), ("first", first - start), ("warm", (warm - first) / f64::from(WARM_INVOCATIONS))];
        for (phase, count) in counts {
            let key = format!("{} {} {phase}", std::env::consts::ARCH, implementation.name);
            let ratio = recorded.get(&key).map_or(f64::NAN, |before| count / before);
            is_slower |= ratio > TOLERANCE;
            rows.push([key.clone(), number(count / 1e6), number(ratio)]);
            lines.push(format!("{key} {count:.0}\n"));
        }
    }
    println!("Instructions in millions, and the ratio to the counts in bench/instructions.txt.\n");
    table::print(["", "instructions", "ratio"], &rows);
    if std::env::args().any(|argument| argument == "--record") {
        let others = recorded.iter().filter(|(key, _)| !key.starts_with(std::env::consts::ARCH));
        lines.extend(others.map(|(key, count)| format!("{key} {count:.0}\n")));
        lines.sort();
        std::fs::write(file, lines.concat()).unwrap();
    } else if is_slower {
        eprintln!("error: more instructions than recorded");
        eprintln!("hint: make the code faster, or record the new counts with --record and explain why");
        return ExitCode::FAILURE;
    }
    ExitCode::SUCCESS
}

/// Counts the instructions of a process from exec to the end of the last invocation.
async fn count(
    implementation: &Implementation,
    variables: &BTreeMap<String, String>,
    testbed: &Testbed,
    callback: &RuntimeApi,
    invocations: u32,
) -> f64 {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("callgrind.out");
    let valgrind = ["valgrind", "--tool=callgrind", &format!("--callgrind-out-file={}", out.display())];
    let command = ["/usr/bin/env".to_owned()].into_iter().chain(valgrind.map(str::to_owned));
    let under_callgrind =
        Implementation { command: command.chain(implementation.command.clone()).collect(), ..implementation.clone() };
    let running = under_callgrind.start(variables, MAX_TIMEOUT);
    for _ in 0..invocations {
        let event = match implementation.function {
            Function::Callback => testbed.callback_event(callback).await,
            Function::Refresh => testbed.due_account().await,
        };
        running.api.invoke(&event);
        // Includes the work between a response and the next poll.
        running.api.wait_for_poll(MAX_TIMEOUT).unwrap();
    }
    running.process.terminate();
    let written = std::fs::read_to_string(&out).unwrap();
    let summary = written.lines().find_map(|line| line.strip_prefix("totals:").or(line.strip_prefix("summary:")));
    summary.unwrap().trim().parse().unwrap()
}

fn read(text: &str) -> BTreeMap<String, f64> {
    text.lines()
        .filter_map(|line| line.rsplit_once(' '))
        .map(|(key, count)| (key.to_owned(), count.parse().unwrap()))
        .collect()
}
