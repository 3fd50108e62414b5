#![doc = include_str!("../README.md")]

mod amazon;
mod any_credentials;
mod app_check;
mod app_store;
mod arguments;
mod aside;
mod completions;
mod debug;
mod demo;
mod doctor;
mod envelope;
mod export;
mod family;
pub mod file_vault;
mod import;
mod invite;
mod known;
mod list;
mod listen;
mod log;
mod logged_events;
mod manual;
mod own_credentials;
mod pasted;
mod place;
mod problem;
mod receivers;
mod refresh;
mod refresh_loop;
mod remove;
mod sandbox;
mod secret_files;
mod serve;
mod setup;
mod show;
mod stack;
mod summary;
mod table;
mod tls;
mod tls_listener;
mod token;
mod told;
mod webhook;

use std::process::ExitCode;

use anyhow::Result;
use arguments::{Arguments, Command};
use clap::Parser;
use evertoken_core::variables::Variables;

/// Does what the command line asks for.
pub async fn run() -> ExitCode {
    // Before anything quotes them.
    let words = std::env::args_os().skip(1).map(|word| word.to_string_lossy().into_owned());
    if let Err(error) = arguments::refuse_secrets(words) {
        log::failure(&error.into(), false);
        return ExitCode::from(2);
    }
    let arguments = Arguments::parse();
    log::start(arguments.command.tells(), arguments.debug);
    let json = arguments.json;
    match Box::pin(execute(arguments)).await {
        Ok(code) => code,
        // `evertoken list | head -1`.
        Err(error) if problem::nobody_reads(&error) => ExitCode::SUCCESS,
        Err(error) => {
            log::failure(&error, json);
            problem::exit_code(&error)
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
        Command::Man(options) => manual::write(&options),
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
