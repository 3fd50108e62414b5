//! `evertoken demo`: simulates a year of operation.

mod display;
mod live_display;
mod percent;
mod recording;
mod report_page;
mod summary;
mod timeline_line;

use std::path::PathBuf;

use askama::Template;
use clap::{Args, value_parser};
use evertoken_simulation::{MAX_ACCOUNTS, MAX_DAYS, Outcome, YearSettings, run};

use crate::context::Context;
use crate::error::{CliError, Result};
use crate::exit_status::ExitStatus;
use crate::output_file::{Existing, OutputFile, Readers};
use crate::output_format::OutputFormat;
use crate::terminal::output;
use display::Display;
use recording::Recording;
use report_page::ReportPage;

#[derive(Debug, Args)]
pub(crate) struct Options {
    /// Number of accounts, from 1 to 10,000.
    #[arg(long, default_value_t = 20, value_name = "NUMBER", value_parser = value_parser!(u32).range(1..=i64::from(MAX_ACCOUNTS)), allow_negative_numbers = true)]
    accounts: u32,
    /// Number of simulated days, from 1 to 3,650.
    #[arg(long, default_value_t = 365, value_name = "NUMBER", value_parser = value_parser!(u32).range(1..=i64::from(MAX_DAYS)), allow_negative_numbers = true)]
    days: u32,
    /// Percentage of calls to Instagram and the vault that fail, from 0 to 100.
    #[arg(long, default_value = "5", value_name = "PERCENT", value_parser = percent::parse, allow_negative_numbers = true)]
    faults: f64,
    /// Seed of the random number generator. The same seed produces the same year.
    #[arg(long, default_value_t = 1, value_name = "NUMBER", allow_negative_numbers = true)]
    seed: u64,
    /// Write an HTML report with a chart to this file.
    #[arg(long, value_name = "FILE")]
    report: Option<PathBuf>,
    /// Overwrite the report if the file exists.
    #[arg(long, requires = "report")]
    force: bool,
}

pub(crate) const HELP: &str = "\
Runs the real service against the sandbox in simulated time. Accounts connect and are refreshed,
calls fail, everything is down for two days, an owner changes the password, Instagram asks
another one to confirm something, the operator rotates the app secret, and an owner removes the
app. Nothing leaves this machine.

Examples:
  evertoken demo                                    # a year of 20 accounts
  evertoken demo --accounts 1000 --faults 5 --json  # print the outcome as JSON
  evertoken demo --days 90 --report out.html        # write an HTML report

Exit status 3 means that a token was lost that the service could have kept.";

pub(crate) fn demo(options: Options, context: &Context) -> Result<ExitStatus> {
    let Options { accounts, days, faults, seed, report, force } = options;
    let year = YearSettings { accounts, days, fault_percent: faults, seed, ..YearSettings::default() };
    // Fails before the simulation if the report cannot be written.
    let existing = if force { Existing::Overwrite } else { Existing::Keep };
    let report = report.map(|path| OutputFile::check(path, existing, Readers::Everyone)).transpose()?;
    let mut recording = report.is_some().then(Recording::default);
    let outcome = simulate(&year, context.format, recording.as_mut())?;
    if let (Some(report), Some(recording)) = (report, recording) {
        let page = ReportPage::new(&year, &outcome, &recording);
        report.write(&page.render().map_err(CliError::Report)?)?;
    }
    if context.is_json() {
        output::json(&outcome)?;
    } else {
        output::data(&summary::table(&outcome))?;
    }
    Ok(ExitStatus::healthy_if(outcome.survival.lost == 0))
}

/// Simulates on a separate thread, because the simulation has its own clock and so its own runtime.
fn simulate(year: &YearSettings, format: OutputFormat, mut recording: Option<&mut Recording>) -> Result<Outcome> {
    let mut display = if format == OutputFormat::Json { Display::Hidden } else { Display::for_terminal(year) };
    let simulation = || {
        run(year, |day| {
            display.show(&day);
            if let Some(recording) = recording.as_deref_mut() {
                recording.add(&day);
            }
        })
    };
    let outcome = std::thread::scope(|scope| scope.spawn(simulation).join());
    outcome.map_err(|_| CliError::Panic("the simulation"))?.map_err(CliError::Simulation)
}
