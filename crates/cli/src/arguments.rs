//! The command line.

use clap::{Parser, Subcommand};

use crate::commands::{
    completions, debug, demo, doctor, export, import, invite, list, man, refresh, remove, sandbox, serve, setup, show,
    token,
};
use crate::credentials::token_kind;
use crate::error::CliError;
use crate::server::serve_options::ServeOptions;

/// Keeps Instagram access tokens alive.
#[derive(Debug, Parser)]
#[command(name = "evertoken", version, about, arg_required_else_help = true, after_help = HELP)]
pub(crate) struct Arguments {
    /// Answer in JSON.
    #[arg(long, global = true)]
    pub(crate) json: bool,
    /// Tell more on standard error: each call to Instagram, without its secrets.
    // Goes with every command, and is told once: below all commands' options.
    #[arg(long, global = true, hide = true)]
    pub(crate) debug: bool,
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// What stands below the options.
const HELP: &str = "\
Examples:
  evertoken serve --sandbox                  try all of it here, without an Instagram account
  evertoken invite --name shop-de            a link for whoever owns the account
  evertoken list                             the accounts and how they are
  evertoken token shop-de --local vault      a token, from a vault of files

Exit codes: 0 fine, 1 failed, 2 wrong usage, 3 done but some account is not healthy.
--debug goes with every command: it tells each call to Instagram, without its secrets.
Data go to standard output, all else to standard error. NO_COLOR switches colours off.";

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Make a link that lets one person connect an account.
    #[command(after_help = invite::HELP)]
    Invite(Box<invite::Options>),
    /// Show the accounts and how they are.
    #[command(after_help = list::HELP)]
    List(list::Options),
    /// Show all that is known about one account, but its token.
    #[command(after_help = show::HELP)]
    Show(show::Options),
    /// Print one account's token, and nothing else.
    #[command(after_help = token::HELP)]
    Token(token::Options),
    /// Renew tokens now, here or by the deployed Lambda.
    #[command(after_help = refresh::HELP)]
    Refresh(refresh::Options),
    /// Take an account out of the vault.
    #[command(after_help = remove::HELP)]
    Remove(remove::Options),
    /// Run the whole service on this machine: pages, refresh and a vault of files.
    #[command(after_help = serve::HELP)]
    Serve(ServeOptions),
    /// Run the stand-in for Instagram alone.
    #[command(after_help = sandbox::HELP)]
    Sandbox(sandbox::Options),
    /// Watch a year of it in half a minute, with all that goes wrong in one.
    #[command(after_help = demo::HELP)]
    Demo(demo::Demo),
    /// Walk through Meta's dashboard: what to paste where, and where the app's id and secret go.
    #[command(after_help = setup::HELP)]
    Setup(setup::Options),
    /// Look at everything that the service needs, and say what is unwell and how to mend it.
    #[command(after_help = doctor::HELP)]
    Doctor(doctor::Options),
    /// Adopt a token that was made elsewhere, or a file of them.
    #[command(after_help = import::HELP)]
    Import(Box<import::Options>),
    /// Write all accounts, tokens included, into a file for another vault.
    #[command(after_help = export::HELP)]
    Export(export::Options),
    /// Show what a stored or a pasted token is good for.
    #[command(after_help = debug::HELP)]
    Debug(debug::Options),
    /// Print a script with which your shell completes this command.
    #[command(after_help = completions::HELP)]
    Completions(completions::Options),
    /// Print the manual's page, or write all of its pages.
    #[command(after_help = man::HELP)]
    Man(man::Options),
}

impl Command {
    /// The log's targets whose warnings are in the command's own answer.
    pub(crate) fn tells(&self) -> &'static [&'static str] {
        match self {
            Self::Refresh(_) | Self::Token(_) => &["evertoken_core::refresh::run", "evertoken_core::refresh::work"],
            _ => &[],
        }
    }
}

/// Refuses a command line that a secret stands on: other users of the machine see it, the shell remembers it, and an error
/// about it would show it once more.
pub(crate) fn refuse_secrets(mut arguments: impl Iterator<Item = String>) -> Result<(), CliError> {
    if arguments.any(|argument| token_kind::looks_secret(&argument)) {
        return Err(CliError::usage(
            "a token or an app secret stands on the command line, where other users of this machine and the shell's history \
             see it",
            "take it out of the history, and give it to standard input instead",
        ));
    }
    Ok(())
}
