//! `packed_year [ACCOUNTS] [SEEDS] [WORKERS] [--record]`: simulates years of many accounts in packs, and prints what became of them.
#![allow(
    clippy::print_stdout,
    clippy::indexing_slicing,
    reason = "a benchmark prints its results and may panic on an unexpected error"
)]

use anyhow::Result;
use clap::Parser;
use evertoken_bench::arguments::Arguments;
use evertoken_bench::implementations::root;
use evertoken_bench::measurements::packed_year::PackedYears;
use evertoken_bench::provenance::Provenance;
use evertoken_bench::results::Recorded;

fn main() -> Result<()> {
    let arguments = Arguments::parse();
    let numbers = arguments.numbers(&[1_000_000, 3, 1]);
    let [seeds, workers] = [1, 2].map(|position| numbers.get(position).copied().unwrap_or(1));
    // Fails before the simulation if the result could not be recorded.
    let provenance = arguments.record.then(|| Provenance::collect(&root(), "make year-of-a-million")).transpose()?;
    let measurements = PackedYears::simulate(numbers[0], seeds, workers)?;
    println!("{}", measurements.table());
    if let Some(finding) = measurements.years.iter().flat_map(|year| &year.kept.findings).next() {
        anyhow::bail!("the vault is not as it should be: {finding}");
    }
    if let Some(provenance) = provenance {
        Recorded { provenance, measurements }.write(&root())?;
    }
    Ok(())
}
