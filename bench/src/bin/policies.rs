//! `policies [--record]`: simulates years with different renewal strategies, and prints how many tokens survive.
//!
//! `--record` writes `bench/results/survival.json`, from which `publish` updates the documentation.
#![allow(clippy::print_stdout, reason = "a benchmark prints its results")]

use anyhow::Result;
use clap::Parser;
use evertoken_bench::implementations::root;
use evertoken_bench::provenance::Provenance;
use evertoken_bench::results::Recorded;
use evertoken_bench::survival::{Survival, tables};

/// Compare how many tokens survive a simulated year under different renewal strategies.
#[derive(Debug, Parser)]
struct Arguments {
    /// Record the result for the documentation.
    #[arg(long)]
    record: bool,
}

fn main() -> Result<()> {
    let Arguments { record } = Arguments::parse();
    // Fails before the simulation if the result could not be recorded.
    let provenance = record.then(|| Provenance::collect(&root(), "make bench-policies")).transpose()?;
    let survival = Survival::simulate()?;
    println!("{}", tables::older_token_valid(&survival));
    println!("{}", tables::older_token_dies(&survival));
    println!("{}", tables::renewal_age(&survival));
    println!("{}", tables::fleet_size(&survival));
    if let Some(provenance) = provenance {
        Recorded { provenance, measurements: survival }.write(&root())?;
    }
    Ok(())
}
