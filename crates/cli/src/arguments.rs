//! The command line.

use clap::{Parser, Subcommand};

use crate::{completions, invite, list, manual, refresh, remove, sandbox, serve, show, token};

/// Keeps Instagram access tokens alive.
#[derive(Debug, Parser)]
#[command(name = "evertoken", version, about, arg_required_else_help = true, after_help = HELP)]
pub(crate) struct Arguments {
    /// Answer in JSON.
    #[arg(long, global = true)]
    pub(crate) json: bool,
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
    Serve(serve::Options),
    /// Run the stand-in for Instagram alone.
    #[command(after_help = sandbox::HELP)]
    Sandbox(sandbox::Options),
    /// Watch a year of it in half a minute, with all that goes wrong in one.
    #[command(after_help = crate::demo::HELP)]
    Demo(crate::demo::Demo),
    /// Print a script with which your shell completes this command.
    #[command(after_help = completions::HELP)]
    Completions(completions::Options),
    /// Print the manual's page, or write all of its pages.
    #[command(after_help = manual::HELP)]
    Man(manual::Options),
}

impl Command {
    /// The log's targets whose warnings are in the command's own answer.
    pub(crate) fn tells(&self) -> &'static [&'static str] {
        match self {
            Self::Refresh(_) | Self::Token(_) => &["evertoken_core::refresh"],
            _ => &[],
        }
    }
}
