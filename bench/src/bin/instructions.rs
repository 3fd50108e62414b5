//! `instructions [--record]`: how many instructions a start, a first and a warm invocation take, counted by callgrind. They
//! hardly depend on the machine or on what else it does, so that CI can hold them against `bench/instructions.txt`, which
//! has them for each architecture that they were recorded on.
#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::indexing_slicing,
    reason = "a measurement prints, and may stop at the first surprise"
)]

use std::collections::BTreeMap;
use std::process::{Command, ExitCode};

use evertoken_bench::contenders::{self, Contender, Function, LONGEST, root};
use evertoken_bench::runtime_api::RuntimeApi;
use evertoken_bench::stage::Stage;
use evertoken_bench::table::{self, number};
use evertoken_tests::moto::Moto;

const WARM: u32 = 10;

/// More than this above what was recorded is an answer to somebody's question why it has become slow.
const TOLERANCE: f64 = 1.05;

#[tokio::main]
async fn main() -> ExitCode {
    if Command::new("valgrind").arg("--version").output().is_err() {
        println!("Not measured: valgrind could not be started (apt-get install valgrind).");
        return ExitCode::SUCCESS;
    }
    let moto = Moto::start();
    let stage = Stage::set(moto.client()).await;
    let variables = Stage::variables(stage.instagram.origin(), moto.endpoint());
    let pages = contenders::our(Function::Callback).start(&variables, LONGEST);
    let file = root().join("bench/instructions.txt");
    let recorded = read(&std::fs::read_to_string(&file).unwrap_or_default());
    let (mut rows, mut lines, mut is_slower) = (Vec::new(), Vec::new(), false);
    for contender in contenders::ours() {
        let start = count(&contender, &variables, &stage, &pages.api, 0).await;
        let first = count(&contender, &variables, &stage, &pages.api, 1).await;
        let warm = count(&contender, &variables, &stage, &pages.api, 1 + WARM).await;
        let counts = [("start", start), ("first", first - start), ("warm", (warm - first) / f64::from(WARM))];
        for (what, count) in counts {
            let key = format!("{} {} {what}", std::env::consts::ARCH, contender.name);
            let ratio = recorded.get(&key).map_or(f64::NAN, |before| count / before);
            is_slower |= ratio > TOLERANCE;
            rows.push([key.clone(), number(count / 1e6), number(ratio)]);
            lines.push(format!("{key} {count:.0}\n"));
        }
    }
    println!("Instructions, in millions, and the ratio to those that bench/instructions.txt has.\n");
    table::print(["", "instructions", "ratio"], &rows);
    if std::env::args().any(|argument| argument == "--record") {
        let others = recorded.iter().filter(|(key, _)| !key.starts_with(std::env::consts::ARCH));
        lines.extend(others.map(|(key, count)| format!("{key} {count:.0}\n")));
        lines.sort();
        std::fs::write(file, lines.concat()).unwrap();
    } else if is_slower {
        println!("\nMore than was recorded: make it faster, or record it anew with --record and say why.");
        return ExitCode::FAILURE;
    }
    ExitCode::SUCCESS
}

/// All instructions of a process from exec to after so many invocations.
async fn count(
    contender: &Contender,
    variables: &BTreeMap<String, String>,
    stage: &Stage,
    pages: &RuntimeApi,
    invocations: u32,
) -> f64 {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("callgrind.out");
    let valgrind = ["valgrind", "--tool=callgrind", &format!("--callgrind-out-file={}", out.display())];
    let command = ["/usr/bin/env".to_owned()].into_iter().chain(valgrind.map(str::to_owned));
    let counted = Contender { command: command.chain(contender.command.clone()).collect(), ..contender.clone() };
    let running = counted.start(variables, LONGEST);
    for _ in 0..invocations {
        let event = match contender.function {
            Function::Callback => stage.returning_from_instagram(pages).await,
            Function::Refresh => stage.due_account().await,
        };
        running.api.invoke(&event);
        // What it does between the answer and its next poll counts as well.
        running.api.polled_within(LONGEST).unwrap();
    }
    running.process.end();
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
