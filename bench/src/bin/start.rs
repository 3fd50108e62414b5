//! `start [ROUNDS]`: how fast a Lambda is there, from exec to its first poll of the Runtime API, and its first invocation;
//! against the same work in Python and Node.
//!
//! In each round each of them is started once, one after another, so that whatever else the machine does meets all.
#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a measurement prints, and may stop at the first surprise"
)]

use evertoken_bench::arguments;
use evertoken_bench::contenders::{self, Contender, Function, LONGEST};
use evertoken_bench::samples::Samples;
use evertoken_bench::stage::Stage;
use evertoken_bench::table::{self, number, times};
use evertoken_tests::moto::Moto;

#[derive(Debug, Default)]
struct Measured {
    start: Samples,
    processor: Samples,
    first: Samples,
    memory: Samples,
}

#[tokio::main]
async fn main() {
    let rounds: u32 = arguments::numbers("rounds", &[30]).into_iter().sum();
    let (peers, missing) = contenders::peers();
    let all: Vec<Contender> = contenders::ours().into_iter().chain(peers).collect();
    let moto = Moto::start();
    let stage = Stage::set(moto.client()).await;
    let variables = Stage::variables(stage.instagram.origin(), moto.endpoint());
    // Signs what a login begins with.
    let pages = contenders::our(Function::Callback).start(&variables, LONGEST);
    let mut measured: Vec<Measured> = all.iter().map(|_| Measured::default()).collect();
    // The first round fills the caches of disk and languages, and does not count.
    for round in 0..=rounds {
        for (contender, measured) in all.iter().zip(&mut measured) {
            let event = match contender.function {
                Function::Callback => stage.returning_from_instagram(&pages.api).await,
                Function::Refresh => stage.due_account().await,
            };
            let running = contender.start(&variables, LONGEST);
            let processor = running.process.processor_time();
            let first = running.api.invoke(&event);
            assert_eq!(refused(&first.answer), None, "{} did not do its work", contender.name);
            if round > 0 {
                measured.start.add_time(running.start);
                measured.processor.add_time(processor);
                measured.first.add_time(first.took);
                measured.memory.add(running.process.peak_memory());
            }
        }
    }
    let rows: Vec<_> = all.iter().zip(&measured).map(|(contender, it)| row(contender, it, &all, &measured)).collect();
    println!("Exec to first poll, {rounds} starts of each in turn; milliseconds, medians.\n");
    table::print(
        ["", "start", "least", "90 %", "processor", "first invocation", "memory, MiB", "start, times ours"],
        &rows,
    );
    for reason in missing {
        println!("\nNot measured: {reason}");
    }
}

fn row(contender: &Contender, it: &Measured, all: &[Contender], measured: &[Measured]) -> [String; 8] {
    // The first with the same function is ours.
    let ours = all.iter().zip(measured).find(|(other, _)| other.function == contender.function).unwrap().1;
    let function = if contender.function == Function::Callback { "a login" } else { "a renewal" };
    [
        format!("{} ({function})", contender.name),
        number(it.start.median()),
        number(it.start.least()),
        number(it.start.share(90)),
        number(it.processor.median()),
        number(it.first.median()),
        number(it.memory.median()),
        times(it.start.median(), ours.start.median()),
    ]
}

/// Why the work was not done; none if it was.
fn refused(answer: &serde_json::Value) -> Option<String> {
    let done = answer["statusCode"] == 303 || answer["refreshed"] == 1;
    (!done).then(|| answer.to_string())
}
