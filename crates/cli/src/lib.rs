#![doc = include_str!("../README.md")]
#![cfg_attr(
    test,
    allow(
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic,
        clippy::indexing_slicing,
        reason = "a test may stop at the first surprise"
    )
)]

mod app_check;
mod app_store;
mod arguments;
mod debug;
mod doctor;
mod export;
mod family;
pub mod file_vault;
mod import;
mod invite;
mod list;
mod listen;
mod log;
mod logged_events;
mod own_credentials;
mod pasted;
mod place;
mod refresh_loop;
mod sandbox;
mod serve;
mod setup;
mod stack;
mod token;

use std::process::ExitCode;

use anyhow::Result;
use arguments::{Arguments, Command};
use clap::Parser;
use evertoken_core::variables::{VariableError, Variables};

/// Does what the command line asks for.
pub async fn run() -> ExitCode {
    // Before anything quotes them.
    let words = std::env::args_os().skip(1).map(|word| word.to_string_lossy().into_owned());
    if let Err(error) = arguments::refuse_secrets(words) {
        log::failure(&error.into());
        return ExitCode::from(2);
    }
    let arguments = Arguments::parse();
    log::start(arguments.debug);
    match execute(arguments).await {
        Ok(code) => code,
        Err(error) => {
            log::failure(&error);
            ExitCode::from(if error.is::<VariableError>() { 2 } else { 1 })
        }
    }
}

async fn execute(Arguments { json, command, .. }: Arguments) -> Result<ExitCode> {
    let variables = Variables::of_process();
    match command {
        Command::Serve(options) => serve::serve(options, &variables).await,
        Command::Sandbox(options) => sandbox::serve(options).await,
        Command::List(options) => list::list(options, &variables, json).await,
        Command::Token(options) => token::token(options, &variables, json).await,
        Command::Invite(options) => invite::invite(*options, &variables, json).await,
        Command::Setup(options) => setup::setup(options, &variables, json).await,
        Command::Doctor(options) => doctor::doctor(options, &variables, json).await,
        Command::Import(options) => import::import(*options, &variables, json).await,
        Command::Export(options) => export::export(options, &variables, json).await,
        Command::Debug(options) => debug::debug(options, &variables, json).await,
    }
}
