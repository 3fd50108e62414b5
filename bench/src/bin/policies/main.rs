//! `policies`: compares how many tokens survive a simulated year under different renewal strategies. Writes
//! `docs/survival.md` and `docs/survival.svg`.
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a benchmark prints its results")]

mod bars;
mod measurements;
mod table;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, Result};
use clap::Parser;
use measurements::{Experiment, Measurements};

/// Compare how many tokens survive a simulated year under different renewal strategies.
#[derive(Debug, Parser)]
struct Arguments {
    /// Number of accounts, from 1 to 10,000.
    #[arg(long, default_value_t = 1_000, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    accounts: u32,
    /// Number of days, from 1 to 3,650.
    #[arg(long, default_value_t = 365, value_parser = clap::value_parser!(u32).range(1..=3_650))]
    days: u32,
    /// Percentages of calls that fail, separated by commas.
    #[arg(long, default_values_t = [0.0, 1.0, 5.0, 20.0], value_delimiter = ',')]
    faults: Vec<f64>,
    /// RNG seeds, separated by commas: one year each.
    #[arg(long, default_values_t = [1, 2, 3], value_delimiter = ',')]
    seeds: Vec<u64>,
    /// Write `docs/survival.md` and `docs/survival.svg` in this repository; without it, only print the table.
    #[arg(long, value_name = "DIR")]
    write: Option<PathBuf>,
}

fn main() -> ExitCode {
    match measure(&Arguments::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn measure(arguments: &Arguments) -> Result<()> {
    let Arguments { accounts, days, faults, seeds, write } = arguments;
    let experiment = Experiment { accounts: *accounts, days: *days, faults: faults.clone(), seeds: seeds.clone() };
    let measurements = experiment.run()?;
    println!("{}", table::summary(&measurements));
    if let Some(root) = write {
        save(root, &measurements)?;
    }
    Ok(())
}

fn save(root: &Path, measurements: &Measurements) -> Result<()> {
    let write = |path: &str, text: &str| {
        let path = root.join(path);
        std::fs::write(&path, text).with_context(|| format!("cannot write {}", path.display()))
    };
    write("docs/survival.md", &table::page(measurements))?;
    write("docs/survival.svg", &bars::draw(measurements))
}
