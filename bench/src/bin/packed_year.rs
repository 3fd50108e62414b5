//! `packed_year [ACCOUNTS] [SEEDS] [WORKERS] [--record]`: simulates years of many accounts in packs, and prints what became of them.
#![allow(clippy::print_stdout, reason = "a benchmark prints its results and may panic on an unexpected error")]

use anyhow::Result;
use clap::Parser;
use evertoken_bench::arguments::Arguments;
use evertoken_bench::implementations::root;
use evertoken_bench::measurements::packed_year::PackedYears;
use evertoken_bench::provenance::Provenance;
use evertoken_bench::results::Recorded;
use mimalloc::MiMalloc;

/// A fifth faster than the allocator of the C library.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

fn main() -> Result<()> {
    let arguments = Arguments::parse();
    let numbers = arguments.numbers(&[]);
    let number = |position, default| numbers.get(position).copied().unwrap_or(default);
    let [accounts, seeds, workers] = [number(0, 1_000_000), number(1, 3), number(2, 4)];
    // Fails before the simulation if the result could not be recorded.
    let provenance = arguments.record.then(|| Provenance::collect(&root(), "make year-of-a-million")).transpose()?;
    let measurements = PackedYears::simulate(accounts, seeds, workers)?;
    println!("{}", measurements.table());
    if let Some(finding) = measurements.years.iter().flat_map(|year| &year.kept.findings).next() {
        anyhow::bail!("the vault is not as it should be: {finding}");
    }
    if let Some(provenance) = provenance {
        Recorded { provenance, measurements }.write(&root())?;
    }
    Ok(())
}
