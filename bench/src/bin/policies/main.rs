//! `policies`: how many tokens survive a year, by who renews them. Writes `docs/survival.md` and `docs/survival.svg`, and
//! the table in README.
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a program that prints what it has measured")]

mod bars;
mod measurements;
mod table;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, Result};
use clap::Parser;
use measurements::{Measurements, Measuring};

/// How many tokens survive a year, by who renews them.
#[derive(Debug, Parser)]
struct Arguments {
    /// How many accounts, from 1 to 10,000.
    #[arg(long, default_value_t = 1_000, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    accounts: u32,
    /// How many days, from 1 to 3,650.
    #[arg(long, default_value_t = 365, value_parser = clap::value_parser!(u32).range(1..=3_650))]
    days: u32,
    /// Percent of all calls that fail, separated by commas.
    #[arg(long, default_values_t = [0.0, 1.0, 5.0, 20.0], value_delimiter = ',')]
    faults: Vec<f64>,
    /// What chance is made of: a year for each, separated by commas.
    #[arg(long, default_values_t = [1, 2, 3], value_delimiter = ',')]
    seeds: Vec<u64>,
    /// The folder whose README.md and docs/ are written; without it the table is only printed.
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
    let measuring = Measuring { accounts: *accounts, days: *days, faults: faults.clone(), seeds: seeds.clone() };
    let measurements = measuring.run()?;
    println!("{}", table::short(&measurements));
    if let Some(root) = write {
        save(root, &measurements)?;
    }
    Ok(())
}

/// What stands between these in README is the program's.
const MARKS: (&str, &str) = ("<!-- survival: make bench-policies -->\n", "<!-- /survival -->");

fn save(root: &Path, measurements: &Measurements) -> Result<()> {
    let write = |path: &str, text: &str| {
        let path = root.join(path);
        std::fs::write(&path, text).with_context(|| format!("{} cannot be written", path.display()))
    };
    write("docs/survival.md", &table::page(measurements))?;
    write("docs/survival.svg", &bars::draw(measurements))?;
    let readme = root.join("README.md");
    let text = std::fs::read_to_string(&readme).with_context(|| format!("{} cannot be read", readme.display()))?;
    let (before, rest) = text.split_once(MARKS.0).with_context(|| format!("README.md has no line {}", MARKS.0))?;
    let (_, after) = rest.split_once(MARKS.1).with_context(|| format!("README.md has no line {}", MARKS.1))?;
    write("README.md", &format!("{before}{}{}\n{}{after}", MARKS.0, table::short(measurements), MARKS.1))
}
