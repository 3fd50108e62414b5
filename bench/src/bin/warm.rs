//! `warm [INVOCATIONS] [--record]`: measures the self time of warm invocations, which is their duration minus the time they
//! wait for Instagram or AWS, against baselines in Python and Node.
//!
//! A proxy in front of the sandbox and of moto records the waits. Self time excludes the time these servers take, and the
//! kernel's time to reach them.
#![allow(clippy::print_stdout, reason = "a benchmark prints its results")]

use anyhow::{Context, Result};
use clap::Parser;
use evertoken_bench::arguments::Arguments;
use evertoken_bench::implementations::{self, Function, Implementation, MAX_TIMEOUT, root};
use evertoken_bench::measurements::warm::{Warm, WarmInvocations};
use evertoken_bench::recording;
use evertoken_bench::results::Recorded;
use evertoken_bench::testbed::{Testbed, check_work};
use evertoken_bench::wait_recorder::WaitRecorder;
use evertoken_tests::moto::Moto;

/// The first invocations open connections and fill caches. They are not measured.
const WARM_UP: u32 = 5;

#[tokio::main]
async fn main() -> Result<()> {
    let arguments = Arguments::parse();
    let invocations = arguments.number_or(100)?;
    let provenance = arguments.record.then(|| recording::provenance("make bench-warm")).transpose()?;
    let (baselines, missing) = implementations::baselines();
    let moto = Moto::start();
    let testbed = Testbed::start(moto.client()).await;
    let waits = WaitRecorder::default();
    let (instagram, aws) = (waits.proxy(testbed.instagram.origin()).await, waits.proxy(moto.endpoint()).await);
    let variables = Testbed::variables(&instagram, &aws);
    // Signs the state of all logins. It bypasses the proxies, since it is not measured.
    let direct = Testbed::variables(testbed.instagram.origin(), moto.endpoint());
    let callback = implementations::evertoken_function(Function::Callback).start(&direct, MAX_TIMEOUT);
    let all: Vec<Implementation> = implementations::evertoken().into_iter().chain(baselines).collect();
    let running: Vec<_> = all.iter().map(|implementation| implementation.start(&variables, MAX_TIMEOUT)).collect();
    let named =
        |it: &Implementation| Warm { name: it.name.clone(), work: it.function.work().to_owned(), ..Warm::default() };
    let mut warm = WarmInvocations(all.iter().map(named).collect());
    for round in 0..WARM_UP + invocations {
        for ((implementation, running), measured) in all.iter().zip(&running).zip(&mut warm.0) {
            let event = testbed.event(implementation.function, &callback.api).await;
            let before = testbed.stored_account().await;
            let cpu_before = running.process.cpu_time();
            let invocation = running.api.invoke(&event);
            let cpu = running.process.cpu_time().saturating_sub(cpu_before);
            let waited = waits.take_waited(invocation.from, invocation.to);
            let after = testbed.stored_account().await;
            check_work(implementation.function, &invocation.response, &before, &after)
                .with_context(|| format!("{} did not do its work, so nothing was measured", implementation.name))?;
            if round >= WARM_UP {
                measured.total_ms.add_time(invocation.duration);
                measured.self_ms.add_time(invocation.duration.saturating_sub(waited));
                measured.cpu_ms.add_time(cpu);
                measured.memory_mib.add(running.process.peak_memory());
            }
        }
    }
    println!(
        "Warm invocations. Medians of {invocations} interleaved invocations, in milliseconds.\n\n{}",
        warm.table()
    );
    for reason in missing {
        println!("\nNot measured: {reason}");
    }
    if let Some(provenance) = provenance {
        Recorded { provenance, measurements: warm }.write(&root())?;
    }
    Ok(())
}
