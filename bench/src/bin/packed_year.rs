//! `packed_year [ACCOUNTS] [SEEDS] [WORKERS] [DAYS] [OUTAGE_DAYS] [--record]`: simulates years of many accounts in packs, and
//! prints what became of them.
#![allow(clippy::print_stdout, reason = "a benchmark prints its results and may panic on an unexpected error")]

use anyhow::{Result, ensure};
use clap::Parser;
use evertoken_bench::arguments::Arguments;
use evertoken_bench::implementations::root;
use evertoken_bench::measurements::packed_year::PackedYears;
use evertoken_bench::provenance::Provenance;
use evertoken_bench::results::Recorded;
use evertoken_packed_simulation::YearSettings;
use mimalloc::MiMalloc;

/// A fifth faster than the allocator of the C library.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

fn main() -> Result<()> {
    let arguments = Arguments::parse();
    let numbers = arguments.numbers();
    let number = |position, default| numbers.get(position).copied().unwrap_or(default);
    let usual = YearSettings::default();
    let settings = YearSettings {
        accounts: number(0, usual.accounts),
        workers: number(2, 4),
        days: number(3, usual.days),
        outage_days: number(4, usual.outage_days),
        ..usual
    };
    // Both fail before the simulation if the result could not be recorded.
    let is_usual = settings == YearSettings { workers: settings.workers, ..usual };
    ensure!(is_usual || !arguments.record, "a year with other accounts or days than usual is not recorded");
    let provenance = arguments.record.then(|| Provenance::collect(&root(), "make year-of-a-million")).transpose()?;
    let measurements = PackedYears::simulate(&settings, number(1, 3))?;
    println!("{}", measurements.table());
    if let Some(finding) = measurements.years.iter().flat_map(|year| &year.kept.findings).next() {
        anyhow::bail!("the vault is not as it should be: {finding}");
    }
    measurements.check_goals()?;
    if let Some(provenance) = provenance {
        Recorded { provenance, measurements }.write(&root())?;
    }
    Ok(())
}
