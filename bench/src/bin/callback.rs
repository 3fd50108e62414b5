//! `callback [INVOCATIONS]`: the own time of a warm invocation: the whole, less the time in which it waited for Instagram
//! or AWS. Against the same work in Python and Node.
//!
//! A relay before the sandbox and before moto notes when somebody waits for them, so that what they take is not counted,
//! and the kernel's way to them is.
#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a measurement prints, and may stop at the first surprise"
)]

use evertoken_bench::arguments;
use evertoken_bench::contenders::{self, Contender, Function, LONGEST, Running};
use evertoken_bench::meter::Meter;
use evertoken_bench::samples::Samples;
use evertoken_bench::stage::Stage;
use evertoken_bench::table::{self, number, times};
use evertoken_tests::moto::Moto;

/// The first ones open connections and fill caches.
const WARM_UP: u32 = 5;

struct Warm {
    contender: Contender,
    running: Running,
    whole: Samples,
    own: Samples,
    processor: Samples,
}

impl Warm {
    fn new(contender: Contender, running: Running) -> Self {
        let none = Samples::default;
        Self { contender, running, whole: none(), own: none(), processor: none() }
    }
}

#[tokio::main]
async fn main() {
    let invocations: u32 = arguments::numbers("invocations", &[100]).into_iter().sum();
    let (peers, missing) = contenders::peers();
    let moto = Moto::start();
    let stage = Stage::set(moto.client()).await;
    let meter = Meter::default();
    let (instagram, aws) = (meter.before(stage.instagram.origin()).await, meter.before(moto.endpoint()).await);
    let variables = Stage::variables(&instagram, &aws);
    // Signs what a login begins with, and is not measured.
    let direct = Stage::variables(stage.instagram.origin(), moto.endpoint());
    let pages = contenders::our(Function::Callback).start(&direct, LONGEST);
    let start = |contender: Contender| {
        let running = contender.start(&variables, LONGEST);
        Warm::new(contender, running)
    };
    let mut all: Vec<Warm> = contenders::ours().into_iter().chain(peers).map(start).collect();
    for round in 0..WARM_UP + invocations {
        for it in &mut all {
            let event = match it.contender.function {
                Function::Callback => stage.returning_from_instagram(&pages.api).await,
                Function::Refresh => stage.due_account().await,
            };
            let worked_before = it.running.process.processor_time();
            let done = it.running.api.invoke(&event);
            let worked = it.running.process.processor_time().saturating_sub(worked_before);
            let waited = meter.waited(done.from, done.to);
            if round >= WARM_UP {
                it.whole.add_time(done.took);
                it.own.add_time(done.took.saturating_sub(waited));
                it.processor.add_time(worked);
            }
        }
    }
    println!("Warm invocations, {invocations} of each in turn; milliseconds, medians.\n");
    let rows: Vec<_> = all.iter().map(|it| row(it, &all)).collect();
    table::print(["", "own time", "least", "90 %", "processor", "whole", "memory, MiB", "own time, times ours"], &rows);
    for reason in missing {
        println!("\nNot measured: {reason}");
    }
}

fn row(it: &Warm, all: &[Warm]) -> [String; 8] {
    // The first with the same function is ours.
    let ours = all.iter().find(|other| other.contender.function == it.contender.function).unwrap();
    let function = if it.contender.function == Function::Callback { "a login" } else { "a renewal" };
    [
        format!("{} ({function})", it.contender.name),
        number(it.own.median()),
        number(it.own.least()),
        number(it.own.share(90)),
        number(it.processor.median()),
        number(it.whole.median()),
        number(it.running.process.peak_memory()),
        times(it.own.median(), ours.own.median()),
    ]
}
