//! The command line.

use std::path::Path;

use clap::{CommandFactory, FromArgMatches, Parser, Subcommand};
use evertoken_core::variables::Variables;

use crate::commands::{
    completions, debug, demo, doctor, export, feed, import, invite, list, man, pack, refresh, reindex, remove, sandbox,
    serve, setup, show, token, unpack,
};
use crate::credentials::token_kind;
use crate::error::{CliError, Result};
use crate::sandbox_vault::command_in_sandbox::SandboxUse;
use crate::server::serve_options::ServeOptions;
use crate::vault::location::VaultLocation;
use crate::vault::vault_option::VaultOption;

/// Keep Instagram access tokens alive
#[derive(Debug, Parser)]
#[command(name = "evertoken", version, about, arg_required_else_help = true, after_help = HELP)]
pub(crate) struct Arguments {
    /// Format the output as JSON.
    #[arg(long, global = true)]
    pub(crate) json: bool,
    /// Log each call to Instagram to standard error, without secrets.
    // Works with every command, and the list of commands mentions it once instead of every command's help.
    #[arg(long, global = true, hide = true)]
    pub(crate) debug: bool,
    #[command(subcommand)]
    pub(crate) command: Command,
}

const HELP: &str = "\
Examples:
  evertoken serve --sandbox                  # try everything here, without an Instagram account
  evertoken invite --name shop-de            # create a link for the account's owner
  evertoken list                             # list accounts and their health
  evertoken token shop-de --local vault      # print a token from the file vault in this folder

Exit status: 0 success, 1 failure, 2 wrong usage, 3 success, but something needs attention.
With --debug, every command logs its calls to Instagram, without secrets.
Data goes to standard output, everything else to standard error. Set NO_COLOR to turn colors off.";

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Create an invite link
    #[command(after_help = invite::HELP)]
    Invite(Box<invite::Options>),
    /// List accounts and their health
    #[command(after_help = list::HELP)]
    List(list::Options),
    /// Show the details of an account
    #[command(after_help = show::HELP)]
    Show(show::Options),
    /// Print an account's access token
    #[command(after_help = token::HELP)]
    Token(token::Options),
    /// Refresh tokens now
    #[command(after_help = refresh::HELP)]
    Refresh(refresh::Options),
    /// Remove an account from the vault
    #[command(after_help = remove::HELP)]
    Remove(remove::Options),
    /// Run the service on this machine
    #[command(after_help = serve::HELP)]
    Serve(ServeOptions),
    /// Run the Instagram sandbox
    #[command(after_help = sandbox::HELP)]
    Sandbox(sandbox::Options),
    /// Simulate a year of operation, faults included
    #[command(after_help = demo::HELP)]
    Demo(demo::Options),
    /// Set up the Meta app step by step
    #[command(after_help = setup::HELP)]
    Setup(setup::Options),
    /// Diagnose problems and suggest fixes
    #[command(after_help = doctor::HELP)]
    Doctor(doctor::Options),
    /// Import existing tokens
    #[command(after_help = import::HELP)]
    Import(Box<import::Options>),
    /// Export accounts and tokens to a file
    #[command(after_help = export::HELP)]
    Export(export::Options),
    /// Inspect a stored or pasted token
    #[command(after_help = debug::HELP)]
    Debug(debug::Options),
    /// Move accounts into packs: many accounts in one secret
    #[command(after_help = pack::HELP)]
    Pack(pack::Options),
    /// Move accounts from packs to secrets of their own
    #[command(after_help = unpack::HELP)]
    Unpack(unpack::Options),
    /// Rebuild the index of packs
    #[command(after_help = reindex::HELP)]
    Reindex(reindex::Options),
    /// Publish posts as a feed that needs no token
    #[command(after_help = feed::HELP)]
    Feed(feed::Options),
    /// Generate a shell completion script
    #[command(after_help = completions::HELP)]
    Completions(completions::Options),
    /// Generate man pages
    #[command(after_help = man::HELP)]
    Man(man::Options),
}

/// The command line, with the paragraphs of each help text on one line. clap wraps them for the terminal, and lines that are
/// wrapped already would be wrapped twice.
pub(crate) fn command_line() -> clap::Command {
    let reflowed = |command: clap::Command| match command.get_after_help().map(|help| reflow(&help.to_string())) {
        Some(help) => command.after_help(help),
        None => command,
    };
    reflowed(Arguments::command().mut_subcommands(reflowed))
}

/// Joins the lines of each paragraph. Indented lines, such as commands, stay as they are.
fn reflow(text: &str) -> String {
    let mut reflowed = String::new();
    let mut continues = false;
    for line in text.lines() {
        let is_prose = !line.is_empty() && !line.starts_with(' ') && !line.ends_with(':');
        if !reflowed.is_empty() {
            reflowed.push(if continues && !line.is_empty() && !line.starts_with(' ') { ' ' } else { '\n' });
        }
        reflowed.push_str(line);
        continues = is_prose;
    }
    reflowed
}

/// Parses the command line of this process.
pub(crate) fn parse() -> Result<Arguments, clap::Error> {
    Arguments::from_arg_matches(&command_line().try_get_matches()?)
}

impl Command {
    /// Selects the vault that the environment names, unless the command line names one.
    pub(crate) fn select_vault(&mut self, variables: &Variables) {
        match self {
            // These options exclude file vaults.
            Self::Refresh(options) if options.remote => options.vault.with_default_stack(variables),
            Self::Invite(options) if options.signing_secret.is_some() => options.vault.with_default_stack(variables),
            Self::Invite(options) => options.vault.with_default(variables),
            Self::List(options) => options.vault.with_default(variables),
            Self::Show(options) => options.vault.with_default(variables),
            Self::Token(options) => options.vault.with_default(variables),
            Self::Refresh(options) => options.vault.with_default(variables),
            Self::Remove(options) => options.vault.with_default(variables),
            Self::Serve(options) => options.with_default_vault(variables),
            Self::Setup(options) => options.vault.with_default(variables),
            Self::Doctor(options) => options.vault.with_default(variables),
            Self::Import(options) => options.vault.with_default(variables),
            Self::Export(options) => options.vault.with_default(variables),
            Self::Debug(options) => options.vault.with_default(variables),
            Self::Feed(options) => options.vault_mut().with_default(variables),
            Self::Pack(options) => options.vault.with_default(variables),
            Self::Unpack(options) => options.vault.with_default(variables),
            Self::Reindex(options) => options.vault.with_default(variables),
            Self::Sandbox(_) | Self::Demo(_) | Self::Completions(_) | Self::Man(_) => {}
        }
    }

    /// The option that selects the command's vault.
    pub(crate) fn vault_option(&self) -> VaultOption {
        match self {
            Self::Serve(options) => options.vault_option(),
            other => other.vault().map(VaultLocation::option).unwrap_or_default(),
        }
    }

    /// The folder of the command's file vault. `serve` finds its own.
    pub(crate) fn folder(&self) -> Option<&Path> {
        self.vault()?.local.as_deref()
    }

    /// Whether the command uses the settings of the service. `serve` and `doctor` read them themselves.
    pub(crate) fn uses_service_settings(&self) -> bool {
        match self {
            Self::Invite(_) | Self::Refresh(_) | Self::Feed(_) => true,
            Self::Token(options) => options.may_refresh(),
            _ => false,
        }
    }

    /// What the command does over the folder of a sandbox.
    pub(crate) fn sandbox_use(&self) -> SandboxUse {
        match self {
            Self::Setup(_) => SandboxUse::Refuses,
            Self::Doctor(_) => SandboxUse::Diagnoses,
            Self::Debug(_) | Self::Import(_) => SandboxUse::Calls,
            Self::Refresh(options) if options.calls_instagram() => SandboxUse::Calls,
            Self::Token(options) if options.may_refresh() => SandboxUse::Calls,
            Self::Feed(options) if options.calls_instagram() => SandboxUse::Calls,
            Self::List(_) | Self::Show(_) | Self::Invite(_) | Self::Refresh(_) | Self::Feed(_) => {
                SandboxUse::ReadsClock
            }
            _ => SandboxUse::Ignores,
        }
    }

    fn vault(&self) -> Option<&VaultLocation> {
        match self {
            Self::Invite(options) => Some(&options.vault),
            Self::List(options) => Some(&options.vault),
            Self::Show(options) => Some(&options.vault),
            Self::Token(options) => Some(&options.vault),
            Self::Refresh(options) => Some(&options.vault),
            Self::Remove(options) => Some(&options.vault),
            Self::Setup(options) => Some(&options.vault),
            Self::Doctor(options) => Some(&options.vault),
            Self::Import(options) => Some(&options.vault),
            Self::Export(options) => Some(&options.vault),
            Self::Debug(options) => Some(&options.vault),
            Self::Feed(options) => Some(options.vault()),
            Self::Pack(options) => Some(&options.vault),
            Self::Unpack(options) => Some(&options.vault),
            Self::Reindex(options) => Some(&options.vault),
            Self::Serve(_) | Self::Sandbox(_) | Self::Demo(_) | Self::Completions(_) | Self::Man(_) => None,
        }
    }

    /// Log targets whose warnings the command reports itself.
    pub(crate) fn reported_targets(&self) -> &'static [&'static str] {
        match self {
            Self::Refresh(_) | Self::Token(_) => &["evertoken_core::refresh::run", "evertoken_core::refresh::work"],
            _ => &[],
        }
    }
}

/// Rejects a command line with a secret on it: other users of the machine can see it, the shell's history keeps it, and
/// clap's errors would repeat it.
pub(crate) fn reject_secrets(mut arguments: impl Iterator<Item = String>) -> Result<()> {
    if arguments.any(|argument| token_kind::looks_secret(&argument)) { Err(CliError::SecretArgument) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn joins_paragraphs_and_keeps_lists_and_commands() {
        let help = "One line\nand another.\n\nExamples:\n  evertoken a\n  evertoken b\nIt also\nreads:\n  X\n\nEnd.";
        let expected = "One line and another.\n\nExamples:\n  evertoken a\n  evertoken b\nIt also reads:\n  X\n\nEnd.";
        assert_eq!(reflow(help), expected);
    }
}
