//! What a command prints: data to standard output, everything else to standard error.

use std::io::{self, Write};

use anstream::{AutoStream, ColorChoice};
use anstyle::{AnsiColor, Style};
use evertoken_core::visible_text::visible;
use serde::Serialize;
use serde_json::json;
use tracing::level_filters::LevelFilter;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{Layer, fmt};

use crate::error::{CliError, Result, hint};
use crate::output_format::OutputFormat;
use crate::vault::vault_option::VaultOption;

/// Log targets that only show warnings: their other lines repeat what an event says.
const QUIET: [&str; 4] = [
    "evertoken_core::events::publish",
    "evertoken_callback::request_log",
    "evertoken_callback::callback",
    "evertoken_core::refresh::renewal",
];

/// The crates of the AWS SDK. They warn about each place without credentials, and our own error names the cause.
const AWS_SDK: &str = "aws_";

/// Starts the log. It shows Evertoken's own lines, and warnings of other crates: at lower levels those log URLs, with and
/// without `--debug`. Warnings of the AWS SDK are shown with `--debug` only. The command itself reports the warnings of the
/// `reported` targets.
pub(crate) fn start_log(reported: &[&'static str], debug: bool) {
    let colors = AutoStream::choice(&io::stderr()) != ColorChoice::Never;
    let filter = Targets::new().with_default(LevelFilter::WARN).with_target("evertoken", LevelFilter::INFO);
    let filter = if debug {
        filter.with_target("evertoken", LevelFilter::DEBUG)
    } else {
        let filter = filter.with_target(AWS_SDK, LevelFilter::ERROR);
        let filter = QUIET.into_iter().fold(filter, |filter, target| filter.with_target(target, LevelFilter::WARN));
        reported.iter().fold(filter, |filter, target| filter.with_target(*target, LevelFilter::ERROR))
    };
    let lines = fmt::layer().with_writer(io::stderr).with_ansi(colors).with_target(false).without_time();
    // Fails only if a log was started before, and then that one stays.
    tracing_subscriber::registry().with(lines.with_filter(filter)).try_init().ok();
}

/// Whether standard output shows colors: it is a terminal, and `NO_COLOR` is not set.
pub(crate) fn has_colors() -> bool {
    AutoStream::choice(&io::stdout()) != ColorChoice::Never
}

const ERROR: Style = AnsiColor::Red.on_default().bold();
const WARNING: Style = AnsiColor::Yellow.on_default().bold();
const NOTE: Style = AnsiColor::Cyan.on_default().bold();
const HINT: Style = AnsiColor::Green.on_default().bold();

/// Prints why the command failed and what to do about it, and which vault it worked on if the command line does not say.
/// In JSON: `{"error":{"message","help"}}` on one line.
pub(crate) fn error(error: &CliError, format: OutputFormat, vault: &VaultOption) {
    // A path or a name may come from elsewhere.
    let (message, hint) = (shown(&error.to_string()), shown(&hint(error, vault)));
    let origin = vault.origin().filter(|_| error.concerns_vault()).map(|origin| shown(&origin));
    if format == OutputFormat::Json {
        let mut error = json!({ "message": message, "help": hint });
        if let (Some(origin), Some(error)) = (origin, error.as_object_mut()) {
            error.insert("vault".to_owned(), origin.into());
        }
        return note(&json!({ "error": error }).to_string());
    }
    note(&format!("{ERROR}error:{ERROR:#} {message}"));
    if let Some(origin) = origin {
        remark(&origin);
    }
    note(&format!("{HINT}hint:{HINT:#} {hint}"));
}

/// A text with its hidden characters made visible, except line breaks.
fn shown(text: &str) -> String {
    text.split('\n').map(visible).collect::<Vec<_>>().join("\n")
}

/// Prints something that the user should know although the command did its work.
pub(crate) fn warning(text: &str) {
    note(&format!("{WARNING}warning:{WARNING:#} {text}"));
}

/// Prints something that explains the rest.
pub(crate) fn remark(text: &str) {
    note(&format!("{NOTE}note:{NOTE:#} {text}"));
}

/// Prints which vault a command works on, unless the command line or `EVERTOKEN_STACK` says so.
pub(crate) fn vault_origin(vault: &VaultOption) {
    if let Some(origin) = vault.origin() {
        remark(&shown(&origin));
    }
}

/// Prints a line to standard error. Colors are stripped unless standard error shows them.
pub(crate) fn note(line: &str) {
    anstream::eprintln!("{line}");
}

/// Prints a question to standard error, without a line break.
pub(crate) fn question(question: &str) {
    anstream::eprint!("{question}");
}

/// The program's name as the user typed it, for commands that they can paste.
pub(crate) fn invocation() -> String {
    std::env::args_os().next().map_or_else(|| "evertoken".into(), |name| name.to_string_lossy().into_owned())
}

/// Prints a line of data to standard output.
pub(crate) fn data(line: &str) -> Result<()> {
    bytes(format!("{line}\n").as_bytes())
}

/// Prints data to standard output as it is.
pub(crate) fn bytes(bytes: &[u8]) -> Result<()> {
    let mut out = io::stdout().lock();
    out.write_all(bytes).and_then(|()| out.flush()).map_err(CliError::Output)
}

/// Prints a value as one line of JSON.
pub(crate) fn json_line(value: &impl Serialize) -> Result<()> {
    data(&serde_json::to_string(value)?)
}

/// Prints a value as indented JSON.
pub(crate) fn json(value: &impl Serialize) -> Result<()> {
    data(&serde_json::to_string_pretty(value)?)
}

/// Prints the URL of a server, the first line of its output.
pub(crate) fn url(url: &str, format: OutputFormat) -> Result<()> {
    match format {
        OutputFormat::Text => data(url),
        OutputFormat::Json => json_line(&json!({ "url": url })),
    }
}

/// Prints a line of data with colors, which are stripped unless standard output shows them.
pub(crate) fn styled(line: &str) -> Result<()> {
    styled_part(&format!("{line}\n"))
}

/// Prints text with colors or cursor movements, without a line break.
pub(crate) fn styled_part(text: &str) -> Result<()> {
    let mut out = anstream::stdout().lock();
    write!(out, "{text}").and_then(|()| out.flush()).map_err(CliError::Output)
}
