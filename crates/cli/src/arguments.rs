//! The command line.

use clap::{Parser, Subcommand};

use crate::{invite, list, sandbox, serve, token};

/// Keeps Instagram access tokens alive.
#[derive(Debug, Parser)]
#[command(name = "evertoken", version, about, arg_required_else_help = true)]
pub(crate) struct Arguments {
    /// Answer in JSON.
    #[arg(long, global = true)]
    pub(crate) json: bool,
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
}
