//! `evertoken completions SHELL`: prints a shell completion script.

use clap::{Args, CommandFactory};
use clap_complete::Shell;

use crate::arguments::Arguments;
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

pub(crate) fn print(options: &Options) -> Result<ExitStatus> {
    let mut script = Vec::new();
    clap_complete::generate(options.shell, &mut Arguments::command(), "evertoken", &mut script);
    output::bytes(&script)?;
    Ok(ExitStatus::Ok)
}
