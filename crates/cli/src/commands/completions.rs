//! `evertoken completions SHELL`: prints a shell completion script.

use clap::{Args, Command};
use clap_complete::Shell;

use crate::error::Result;
use crate::exit_status::ExitStatus;
use crate::terminal::output;

#[derive(Debug, Args)]
pub(crate) struct Options {
    /// Shell to generate the script for.
    shell: Shell,
}

pub(crate) const HELP: &str = "\
Examples:
  evertoken completions bash > ~/.local/share/bash-completion/completions/evertoken
  evertoken completions zsh > ~/.zfunc/_evertoken
  evertoken completions fish > ~/.config/fish/completions/evertoken.fish";

/// Completes `command`, the whole command line.
pub(crate) fn print(options: &Options, mut command: Command) -> Result<ExitStatus> {
    let mut script = Vec::new();
    clap_complete::generate(options.shell, &mut command, "evertoken", &mut script);
    output::bytes(&script)?;
    Ok(ExitStatus::Ok)
}
