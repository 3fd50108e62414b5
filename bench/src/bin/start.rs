//! `start [ROUNDS] [--record]`: measures the start of a Lambda function, from exec to the first poll of the Runtime API, and
//! its first invocation, against baselines in Python and Node.
//!
//! Each round starts every implementation once, one after another, so that other load on the machine affects all of them.
#![allow(clippy::print_stdout, reason = "a benchmark prints its results")]

use anyhow::{Context, Result};
use clap::Parser;
use evertoken_bench::arguments::Arguments;
use evertoken_bench::implementations::{self, Function, Implementation, MAX_TIMEOUT, root};
use evertoken_bench::measurements::start::{Start, Starts};
use evertoken_bench::recording;
use evertoken_bench::results::Recorded;
use evertoken_bench::testbed::{Testbed, check_work};
use evertoken_tests::moto::Moto;

#[tokio::main]
async fn main() -> Result<()> {
    let arguments = Arguments::parse();
    let rounds = arguments.number_or(30)?;
    let provenance = arguments.record.then(|| recording::provenance("make bench-start")).transpose()?;
    let (baselines, missing) = implementations::baselines();
    let all: Vec<Implementation> = implementations::evertoken().into_iter().chain(baselines).collect();
    let moto = Moto::start();
    let testbed = Testbed::start(moto.client()).await;
    let variables = Testbed::variables(testbed.instagram.origin(), moto.endpoint());
    // Signs the state of all logins.
    let callback = implementations::evertoken_function(Function::Callback).start(&variables, MAX_TIMEOUT);
    let named =
        |it: &Implementation| Start { name: it.name.clone(), work: it.function.work().to_owned(), ..Start::default() };
    let mut starts = Starts(all.iter().map(named).collect());
    // The first round warms up the disk cache and compiled bytecode. It is not measured.
    for round in 0..=rounds {
        for (implementation, measured) in all.iter().zip(&mut starts.0) {
            let event = testbed.event(implementation.function, &callback.api).await;
            let before = testbed.stored_account().await;
            let running = implementation.start(&variables, MAX_TIMEOUT);
            let cpu = running.process.cpu_time();
            let first = running.api.invoke(&event);
            let after = testbed.stored_account().await;
            check_work(implementation.function, &first.response, &before, &after)
                .with_context(|| format!("{} did not do its work, so nothing was measured", implementation.name))?;
            if round > 0 {
                measured.start_ms.add_time(running.start);
                measured.cpu_ms.add_time(cpu);
                measured.first_ms.add_time(first.duration);
                measured.memory_mib.add(running.process.peak_memory());
            }
        }
    }
    println!(
        "From exec to the first poll. Medians of {rounds} interleaved starts, in milliseconds.\n\n{}",
        starts.table()
    );
    for reason in missing {
        println!("\nNot measured: {reason}");
    }
    if let Some(provenance) = provenance {
        Recorded { provenance, measurements: starts }.write(&root())?;
    }
    Ok(())
}
