//! The command line.

use clap::{Parser, Subcommand};

use crate::{debug, doctor, export, family, import, invite, list, sandbox, serve, setup, token};

/// Keeps Instagram access tokens alive.
#[derive(Debug, Parser)]
#[command(name = "evertoken", version, about, arg_required_else_help = true)]
pub(crate) struct Arguments {
    /// Answer in JSON.
    #[arg(long, global = true)]
    pub(crate) json: bool,
    /// Tell more on standard error: each call to Instagram, without its secrets.
    #[arg(long, global = true)]
    pub(crate) debug: bool,
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Run the whole service on this machine: pages, refresh and a vault of files.
    #[command(after_help = serve::HELP)]
    Serve(serve::Options),
    /// Run the stand-in for Instagram alone.
    Sandbox(sandbox::Options),
    /// Show the accounts and how they are.
    List(list::Options),
    /// Print one account's token, and nothing else.
    Token(token::Options),
    /// Make a link that lets one person connect an account.
    Invite(Box<invite::Options>),
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
}

/// Refuses a command line that a secret stands on: other users of the machine see it, the shell remembers it, and an error
/// about it would show it once more.
pub(crate) fn refuse_secrets(mut arguments: impl Iterator<Item = String>) -> Result<(), SecretArgument> {
    if arguments.any(|argument| family::looks_secret(&argument)) { Err(SecretArgument) } else { Ok(()) }
}

/// There is one.
#[derive(Clone, Copy, Debug, thiserror::Error)]
#[error(
    "a token or an app secret stands on the command line, where other users of this machine and the shell's history see \
     it; take it out of the history, and give it to standard input instead"
)]
pub(crate) struct SecretArgument;
