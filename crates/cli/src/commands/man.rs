//! `evertoken man`: the manual.

use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context, Result};
use clap::{Args, CommandFactory};
use clap_mangen::Man;

use crate::arguments::Arguments;

/// What it is asked for.
#[derive(Debug, Args)]
pub(crate) struct Options {
    /// Write all pages into this folder, one for each command.
    #[arg(long, value_name = "DIR")]
    dir: Option<PathBuf>,
}

/// What stands below the options.
pub(crate) const HELP: &str = "\
Examples:
  evertoken man | man -l -
  evertoken man --dir ~/.local/share/man/man1";

/// Prints the first page, or writes all.
pub(crate) fn write(options: &Options) -> Result<ExitCode> {
    let command = Arguments::command();
    if let Some(dir) = &options.dir {
        clap_mangen::generate_to(command, dir)
            .with_context(|| format!("the manual cannot be written into {}", dir.display()))?;
    } else {
        let mut page = Vec::new();
        Man::new(command).render(&mut page)?;
        io::stdout().write_all(&page)?;
    }
    Ok(ExitCode::SUCCESS)
}
