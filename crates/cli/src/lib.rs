#![doc = include_str!("../README.md")]

mod any_credentials;
mod arguments;
mod aws;
mod commands;
mod credentials;
mod error;
mod events;
pub mod file_vault;
mod server;
mod terminal;
mod vault;

use std::process::ExitCode;

use anyhow::Result;
use clap::Parser;
use evertoken_core::variables::Variables;

use crate::arguments::{Arguments, Command};
use crate::commands::{
    completions, debug, demo, doctor, export, import, invite, list, man, refresh, remove, sandbox, serve, setup, show,
    token,
};
use crate::credentials::secret_files;
use crate::terminal::output;

/// Does what the command line asks for.
pub async fn run() -> ExitCode {
    // Before anything quotes them.
    let words = std::env::args_os().skip(1).map(|word| word.to_string_lossy().into_owned());
    if let Err(error) = arguments::refuse_secrets(words) {
        output::failure(&error.into(), false);
        return ExitCode::from(2);
    }
    let arguments = Arguments::parse();
    output::start(arguments.command.tells(), arguments.debug);
    let json = arguments.json;
    match Box::pin(execute(arguments)).await {
        Ok(code) => code,
        // `evertoken list | head -1`.
        Err(error) if error::nobody_reads(&error) => ExitCode::SUCCESS,
        Err(error) => {
            output::failure(&error, json);
            error::exit_code(&error)
        }
    }
}

async fn execute(Arguments { json, command, .. }: Arguments) -> Result<ExitCode> {
    let variables = secret_files::read(Variables::of_process())?;
    match command {
        Command::Serve(options) => serve::serve(options, &variables, json).await,
        Command::Sandbox(options) => sandbox::serve(options, json).await,
        Command::Demo(options) => demo::demo(options, json),
        Command::List(options) => list::list(options, &variables, json).await,
        Command::Completions(options) => completions::print(&options),
        Command::Man(options) => man::write(&options),
        Command::Show(options) => show::show(options, &variables, json).await,
        Command::Refresh(options) => refresh::refresh(options, &variables, json).await,
        Command::Remove(options) => remove::remove(options, &variables, json).await,
        Command::Token(options) => token::token(options, &variables, json).await,
        Command::Invite(options) => invite::invite(*options, &variables, json).await,
        Command::Setup(options) => setup::setup(options, &variables, json).await,
        Command::Doctor(options) => doctor::doctor(options, &variables, json).await,
        Command::Import(options) => import::import(*options, &variables, json).await,
        Command::Export(options) => export::export(options, &variables, json).await,
        Command::Debug(options) => debug::debug(options, &variables, json).await,
    }
}
