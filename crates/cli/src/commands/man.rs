//! `evertoken man`: prints or writes man pages.

use std::fs;
use std::path::PathBuf;

use clap::{Args, Command};
use clap_mangen::Man;

use crate::error::{CliError, Result};
use crate::exit_status::ExitStatus;
use crate::terminal::output;

#[derive(Debug, Args)]
pub(crate) struct Options {
    /// Write a page for every command to this folder instead of printing the main page.
    #[arg(long, value_name = "DIR")]
    dir: Option<PathBuf>,
}

pub(crate) const HELP: &str = "\
Examples:
  evertoken man | man -l -
  evertoken man --dir ~/.local/share/man/man1";

/// Describes `command`, the whole command line.
pub(crate) fn write(options: &Options, command: Command) -> Result<ExitStatus> {
    if let Some(dir) = &options.dir {
        let written = fs::create_dir_all(dir).and_then(|()| clap_mangen::generate_to(command, dir));
        written.map_err(|source| CliError::WriteFile { path: dir.clone(), source })?;
    } else {
        let mut page = Vec::new();
        // Writing to memory does not fail.
        Man::new(command).render(&mut page).map_err(CliError::Output)?;
        output::bytes(&page)?;
    }
    Ok(ExitStatus::Ok)
}
