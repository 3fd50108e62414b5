//! `instructions [--record]`: counts the instructions of a start, a first invocation and a warm invocation with callgrind.
//! Instruction counts hardly depend on the machine or its load, so CI compares them with the recorded counts of each
//! architecture in `bench/results/instructions.json`.
#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a benchmark prints its results and may panic on an unexpected error"
)]

use std::collections::BTreeMap;
use std::process::{Command, ExitCode};

use anyhow::{Context, Result};
use clap::Parser;
use evertoken_bench::arguments::Arguments;
use evertoken_bench::implementations::{self, Function, Implementation, MAX_TIMEOUT, root};
use evertoken_bench::measurements::instructions::Instructions;
use evertoken_bench::provenance::version;
use evertoken_bench::recording;
use evertoken_bench::results::Recorded;
use evertoken_bench::runtime_api::RuntimeApi;
use evertoken_bench::table::{markdown, number};
use evertoken_bench::testbed::{Testbed, check_work};
use evertoken_tests::moto::Moto;

const WARM_INVOCATIONS: u32 = 10;

/// The highest ratio to the recorded count that passes.
const TOLERANCE: f64 = 1.05;

#[tokio::main]
async fn main() -> Result<ExitCode> {
    let arguments = Arguments::parse();
    if Command::new("valgrind").arg("--version").output().is_err() {
        eprintln!("error: not measured: valgrind is not installed");
        eprintln!("hint: apt-get install valgrind");
        return Ok(ExitCode::FAILURE);
    }
    let provenance = arguments.record.then(|| recording::provenance("make bench-instructions")).transpose()?;
    let recorded = Recorded::<Instructions>::read(&root())?.measurements;
    let moto = Moto::start();
    let testbed = Testbed::start(moto.client()).await;
    let variables = Testbed::variables(testbed.instagram.origin(), moto.endpoint());
    let callback = implementations::evertoken_function(Function::Callback).start(&variables, MAX_TIMEOUT);
    let mut counts = Instructions::default();
    for implementation in implementations::evertoken() {
        let start = count(&implementation, &variables, &testbed, &callback.api, 0).await?;
        let first = count(&implementation, &variables, &testbed, &callback.api, 1).await?;
        let warm = count(&implementation, &variables, &testbed, &callback.api, 1 + WARM_INVOCATIONS).await?;
        let phases =
            [("start", start), ("first", first - start), ("warm", (warm - first) / u64::from(WARM_INVOCATIONS))];
        counts.0.extend(phases.map(|(phase, count)| {
            (format!("{} {} {phase}", std::env::consts::ARCH, implementation.function.binary()), count)
        }));
    }
    let ratio = |key: &String, count: u64| recorded.0.get(key).map_or(f64::NAN, |before| float(count) / float(*before));
    let rows: Vec<_> = counts
        .0
        .iter()
        .map(|(key, count)| [key.clone(), number(float(*count) / 1e6), number(ratio(key, *count))])
        .collect();
    println!("Instructions in millions, and the ratio to the recorded counts.\n");
    println!("{}", markdown(["", "Instructions", "Ratio"], &rows));
    if let Some(provenance) = provenance {
        let others = recorded.0.into_iter().filter(|(key, _)| !key.starts_with(std::env::consts::ARCH));
        counts.0.extend(others);
        let provenance = provenance.with_tool("valgrind", version("valgrind"));
        Recorded { provenance, measurements: counts }.write(&root())?;
    } else if counts.0.iter().any(|(key, count)| ratio(key, *count) > TOLERANCE) {
        eprintln!("error: more instructions than recorded");
        eprintln!("hint: make the code faster, or record the new counts with --record and explain why");
        return Ok(ExitCode::FAILURE);
    }
    Ok(ExitCode::SUCCESS)
}

/// Counts are far below the largest integer that an f64 represents exactly.
fn float(count: u64) -> f64 {
    u32::try_from(count).map_or(f64::INFINITY, f64::from)
}

/// Counts the instructions of a process from exec to the end of the last invocation, each of which has to do its work.
async fn count(
    implementation: &Implementation,
    variables: &BTreeMap<String, String>,
    testbed: &Testbed,
    callback: &RuntimeApi,
    invocations: u32,
) -> Result<u64> {
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
        let before = testbed.stored_account().await;
        let response = running.api.invoke(&event).response;
        check_work(implementation.function, &response, &before, &testbed.stored_account().await)
            .with_context(|| format!("{} did not do its work", implementation.function.binary()))?;
        // Includes the work between a response and the next poll.
        running.api.wait_for_poll(MAX_TIMEOUT).unwrap();
    }
    running.process.terminate();
    let written = std::fs::read_to_string(&out).unwrap();
    let summary = written.lines().find_map(|line| line.strip_prefix("totals:").or(line.strip_prefix("summary:")));
    Ok(summary.unwrap().trim().parse()?)
}
