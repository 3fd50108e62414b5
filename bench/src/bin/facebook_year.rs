//! `facebook_year [ACCOUNTS] [--record]`: simulates a year of accounts that were connected through Facebook, and prints how many
//! are kept.
#![allow(clippy::print_stdout, reason = "a benchmark prints its results")]

use anyhow::Result;
use clap::Parser;
use evertoken_bench::arguments::Arguments;
use evertoken_bench::implementations::root;
use evertoken_bench::measurements::facebook_year::FacebookYear;
use evertoken_bench::provenance::Provenance;
use evertoken_bench::results::Recorded;

fn main() -> Result<()> {
    let arguments = Arguments::parse();
    let accounts = arguments.number_or(1000)?;
    // Fails before the simulation if the result could not be recorded.
    let provenance = arguments.record.then(|| Provenance::collect(&root(), "make bench-facebook")).transpose()?;
    let measurements = FacebookYear::simulate(accounts)?;
    println!("{}", measurements.table());
    if let Some(provenance) = provenance {
        Recorded { provenance, measurements }.write(&root())?;
    }
    Ok(())
}
