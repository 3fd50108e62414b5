//! `evertoken demo`: a year in a minute.

mod calendar;
mod display;
mod live;
mod ranges;
mod report;
mod summary;

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context, Result, anyhow};
use clap::Args;
use evertoken_simulation::{Keeping, Outcome, Year, run};

use crate::terminal::output;
use calendar::Calendar;
use display::Display;
use report::ReportFile;

/// A year of the real service in seconds.
#[derive(Debug, Args)]
pub(crate) struct Demo {
    /// How many accounts, from 1 to 10,000.
    #[arg(long, default_value = "20", value_name = "NUMBER", value_parser = ranges::accounts, allow_negative_numbers = true)]
    accounts: u32,
    /// How many days pass, from 1 to 3,650.
    #[arg(long, default_value = "365", value_name = "NUMBER", value_parser = ranges::days, allow_negative_numbers = true)]
    days: u32,
    /// Percent of all calls to Instagram and to the vault that go wrong, from 0 to 100.
    #[arg(long, default_value = "5", value_name = "PERCENT", value_parser = ranges::percent, allow_negative_numbers = true)]
    faults: f64,
    /// What all chance is made of: the same number gives the same year.
    #[arg(long, default_value = "1", value_name = "NUMBER", value_parser = ranges::seed, allow_negative_numbers = true)]
    seed: u64,
    /// Write a page with a chart of the year to this file.
    #[arg(long, value_name = "FILE")]
    report: Option<PathBuf>,
}

/// What `evertoken demo --help` says after the options.
pub(crate) const HELP: &str = "\
The real service works against a stand-in for Instagram, in simulated time: accounts are connected
and renewed, calls fail, everything is down for two days, a password is changed, a checkpoint
appears, the app secret is replaced, and somebody removes the app. Nothing leaves this machine. The
exit code is 3 if a token was lost that a machine could have kept.

Examples:
  evertoken demo                                    a year of twenty accounts, live
  evertoken demo --accounts 1000 --faults 5 --json  the outcome of many, for a program
  evertoken demo --days 90 --report out.html        a page with a chart";

/// Lets the year pass and tells what came of it.
pub(crate) fn demo(options: Demo, json: bool) -> Result<ExitCode> {
    let Demo { accounts, days, faults, seed, report } = options;
    let year = Year { accounts, days, faults, seed, keeping: Keeping::Evertoken };
    // A file that cannot be written is known before a year has passed.
    let report = report.map(ReportFile::at).transpose()?;
    let mut calendar = report.is_some().then(Calendar::default);
    let outcome = pass(&year, json, calendar.as_mut())?;
    if let (Some(report), Some(calendar)) = (report, calendar) {
        report.write(&year, &outcome, &calendar)?;
    }
    if json {
        output::data(&serde_json::to_string_pretty(&outcome)?)?;
    } else {
        output::data(&summary::table(&outcome))?;
    }
    Ok(if outcome.survival.lost == 0 { ExitCode::SUCCESS } else { ExitCode::from(3) })
}

/// In a thread of its own: a year has its own time, and so its own runtime.
fn pass(year: &Year, json: bool, mut calendar: Option<&mut Calendar>) -> Result<Outcome> {
    let mut display = if json { Display::None } else { Display::for_this_terminal(year) };
    let passing = || {
        run(year, |day| {
            display.show(&day);
            if let Some(calendar) = calendar.as_deref_mut() {
                calendar.keep(&day);
            }
        })
    };
    let passed = std::thread::scope(|scope| scope.spawn(passing).join());
    passed
        .map_err(|_| anyhow!("the year ended in a panic; please report it"))?
        .context("the year could not be simulated")
}
