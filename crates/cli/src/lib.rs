#![doc = include_str!("../README.md")]

mod arguments;
mod aws;
#[cfg(test)]
mod cli_reference;
mod commands;
mod context;
mod credentials;
#[cfg(test)]
mod documented_commands;
mod error;
mod events;
mod exit_status;
mod feeds;
mod output_file;
mod output_format;
mod sandbox_vault;
mod server;
mod terminal;
mod vault;

use std::process::ExitCode;

use evertoken_core::variables::Variables;
use evertoken_core::visible_text::{is_hidden, visible};

use crate::arguments::{Arguments, Command};
use crate::commands::{
    completions, debug, demo, doctor, export, feed, import, invite, list, man, pack, refresh, reindex, remove, sandbox,
    serve, setup, show, token, unpack,
};
use crate::context::Context;
use crate::credentials::secret_files;
use crate::error::Result;
use crate::exit_status::ExitStatus;
use crate::output_format::OutputFormat;
use crate::sandbox_vault::command_in_sandbox;
use crate::terminal::output;
use crate::vault::service_settings::ServiceSettings;
use crate::vault::vault_option::VaultOption;

/// Runs the command line.
pub async fn run() -> ExitCode {
    // Before clap quotes an argument in an error.
    let words = std::env::args_os().skip(1).map(|word| word.to_string_lossy().into_owned());
    if let Err(error) = arguments::reject_secrets(words) {
        output::error(&error, OutputFormat::Text, &VaultOption::default());
        return error.exit_status().into();
    }
    let Arguments { json, debug, mut command } = arguments::parse().unwrap_or_else(|error| {
        let text = error.render().to_string();
        // clap quotes arguments as they are.
        if text.lines().any(|line| line.chars().any(is_hidden)) {
            text.lines().for_each(|line| output::note(&visible(line)));
            std::process::exit(error.exit_code());
        }
        error.exit()
    });
    command.select_vault(&Variables::of_process());
    output::start_log(command.reported_targets(), debug);
    let format = if json { OutputFormat::Json } else { OutputFormat::Text };
    let vault_option = command.vault_option();
    let status = Box::pin(execute(command, format, vault_option.clone())).await.unwrap_or_else(|error| {
        let status = error.exit_status();
        if status != ExitStatus::Ok {
            output::error(&error, format, &vault_option);
        }
        status
    });
    status.into()
}

/// Adds what `evertoken setup` learned about the service of the command's folder.
fn with_settings(context: Context, command: &Command) -> Result<Context> {
    match command.folder().filter(|_| command.uses_service_settings()) {
        Some(dir) => Ok(context.with_variables(ServiceSettings::read(dir)?.fill(context.variables.clone()))),
        None => Ok(context),
    }
}

async fn execute(command: Command, format: OutputFormat, vault_option: VaultOption) -> Result<ExitStatus> {
    let context = Context::new(secret_files::read(Variables::of_process())?, format, vault_option);
    let context = with_settings(context, &command)?;
    let context = &command_in_sandbox::enter(context, command.folder(), command.sandbox_use()).await?;
    match command {
        Command::Serve(options) => Box::pin(serve::serve(options, context)).await,
        Command::Sandbox(options) => sandbox::serve(options, context).await,
        Command::Demo(options) => demo::demo(options, context),
        Command::List(options) => list::list(options, context).await,
        Command::Completions(options) => completions::print(&options, arguments::command_line()),
        Command::Man(options) => man::write(&options, arguments::command_line()),
        Command::Show(options) => show::show(options, context).await,
        Command::Refresh(options) => refresh::refresh(options, context).await,
        Command::Remove(options) => remove::remove(options, context).await,
        Command::Token(options) => token::token(options, context).await,
        Command::Invite(options) => invite::invite(*options, context).await,
        Command::Setup(options) => setup::setup(options, context).await,
        Command::Doctor(options) => doctor::doctor(options, context).await,
        Command::Import(options) => import::import(*options, context).await,
        Command::Export(options) => export::export(options, context).await,
        Command::Pack(options) => pack::pack(options, context).await,
        Command::Unpack(options) => Box::pin(unpack::unpack(options, context)).await,
        Command::Reindex(options) => Box::pin(reindex::reindex(options, context)).await,
        Command::Debug(options) => debug::debug(options, context).await,
        Command::Feed(options) => feed::feed(options, context).await,
    }
}
