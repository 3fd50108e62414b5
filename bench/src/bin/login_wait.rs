//! `login_wait [LOGINS] [--record]`: measures how long a person waits for Evertoken during a login, with the deployed Lambda
//! function, if Instagram responds after 100 ms and AWS after 10 ms.
//!
//! The time in which the person is on Instagram's pages does not count. The lower bound is what the unavoidable requests take
//! one after another: three to Instagram and one write.
#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a benchmark prints its results and may panic on an unexpected error"
)]

use std::time::Duration;

use anyhow::{Result, ensure};
use clap::Parser;
use evertoken_bench::arguments::Arguments;
use evertoken_bench::implementations::{self, Function, MAX_TIMEOUT, root};
use evertoken_bench::latency_proxy::LatencyProxy;
use evertoken_bench::measurements::login_wait::{AWS_LATENCY_MS, INSTAGRAM_LATENCY_MS, LoginWaits};
use evertoken_bench::recording;
use evertoken_bench::results::Recorded;
use evertoken_bench::testbed::{Testbed, check_work};
use evertoken_tests::moto::Moto;
use serde_json::{Value, json};

/// The first logins open connections and fill caches. They are not measured.
const WARM_UP: u32 = 3;

/// What one request to the login pages took.
struct Measured {
    wait: Duration,
    instagram_requests: usize,
    aws_requests: usize,
}

#[tokio::main]
async fn main() -> Result<()> {
    let arguments = Arguments::parse();
    let logins = arguments.number_or(50)?;
    let provenance = arguments.record.then(|| recording::provenance("make bench-login")).transpose()?;
    let moto = Moto::start();
    let testbed = Testbed::start(moto.client()).await;
    let latency = |milliseconds: u32| Duration::from_millis(milliseconds.into());
    let instagram = LatencyProxy::start(testbed.instagram.origin(), latency(INSTAGRAM_LATENCY_MS)).await;
    let aws = LatencyProxy::start(moto.endpoint(), latency(AWS_LATENCY_MS)).await;
    let variables = Testbed::variables(instagram.origin(), aws.origin());
    let callback = implementations::evertoken_function(Function::Callback).start(&variables, MAX_TIMEOUT);
    let invoke = |event: &Value| {
        // Whatever came before this invocation does not count.
        instagram.take_requests();
        aws.take_requests();
        let invocation = callback.api.invoke(event);
        let measured = Measured {
            wait: invocation.duration,
            instagram_requests: instagram.take_requests(),
            aws_requests: aws.take_requests(),
        };
        (invocation.response, measured)
    };

    let mut waits = LoginWaits::new();
    for login in 0..WARM_UP + logins {
        testbed.due_account().await;
        let before = testbed.stored_account().await;
        let (started, first) = invoke(&testbed.invite_event());
        let (connected, second) = invoke(&testbed.consented_event(&started).await);
        check_work(Function::Callback, &connected, &before, &testbed.stored_account().await)?;
        let (page, third) = invoke(&Testbed::redirect_event(&connected));
        ensure!(page.get("statusCode") == Some(&json!(200)), "the page after the login is not a success: {page}");
        if login >= WARM_UP {
            let steps = [first, second, third];
            let sum = |count: fn(&Measured) -> usize| steps.iter().map(count).sum();
            let whole = Measured {
                wait: steps.iter().map(|step| step.wait).sum(),
                instagram_requests: sum(|step| step.instagram_requests),
                aws_requests: sum(|step| step.aws_requests),
            };
            for (step, measured) in waits.0.iter_mut().zip(steps.iter().chain([&whole])) {
                step.wait_ms.add_time(measured.wait);
                step.instagram_requests.add_count(measured.instagram_requests);
                step.aws_requests.add_count(measured.aws_requests);
            }
        }
    }
    println!(
        "The wait of a person who logs in. Medians of {logins} warm logins, in milliseconds.\n\n{}",
        waits.table()
    );
    if let Some(provenance) = provenance {
        Recorded { provenance, measurements: waits }.write(&root())?;
    }
    Ok(())
}
