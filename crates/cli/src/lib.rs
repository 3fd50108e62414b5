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

mod arguments;
mod demo;
pub mod file_vault;
mod invite;
mod list;
mod listen;
mod log;
mod logged_events;
mod own_credentials;
mod place;
mod refresh_loop;
mod sandbox;
mod serve;
mod token;

use std::process::ExitCode;

use anyhow::Result;
use arguments::{Arguments, Command};
use clap::Parser;
use evertoken_core::variables::{VariableError, Variables};

/// Does what the command line asks for.
pub async fn run() -> ExitCode {
    let arguments = Arguments::parse();
    log::start();
    match execute(arguments).await {
        Ok(code) => code,
        Err(error) => {
            log::failure(&error);
            ExitCode::from(if error.is::<VariableError>() { 2 } else { 1 })
        }
    }
}

async fn execute(Arguments { json, command }: Arguments) -> Result<ExitCode> {
    let variables = Variables::of_process();
    match command {
        Command::Serve(options) => serve::serve(options, &variables).await,
        Command::Sandbox(options) => sandbox::serve(options).await,
        Command::Demo(options) => demo::demo(options, json),
        Command::List(options) => list::list(options, &variables, json).await,
        Command::Token(options) => token::token(options, &variables, json).await,
        Command::Invite(options) => invite::invite(*options, &variables, json).await,
    }
}
