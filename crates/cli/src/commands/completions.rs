//! `evertoken completions SHELL`: a script with which a shell completes the command line.

use std::io::{self, Write};
use std::process::ExitCode;

use anyhow::Result;
use clap::{Args, CommandFactory};
use clap_complete::Shell;

use crate::arguments::Arguments;

/// What it is asked for.
#[derive(Debug, Args)]
pub(crate) struct Options {
    /// The shell that you use.
    shell: Shell,
}

/// What stands below the options.
pub(crate) const HELP: &str = "\
Examples:
  evertoken completions bash > ~/.local/share/bash-completion/completions/evertoken
  evertoken completions zsh > ~/.zfunc/_evertoken
  evertoken completions fish > ~/.config/fish/completions/evertoken.fish";

/// Prints it.
pub(crate) fn print(options: &Options) -> Result<ExitCode> {
    let mut script = Vec::new();
    clap_complete::generate(options.shell, &mut Arguments::command(), "evertoken", &mut script);
    io::stdout().write_all(&script)?;
    Ok(ExitCode::SUCCESS)
}
