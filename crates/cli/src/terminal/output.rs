//! What a person at the terminal is told: on standard error, since data goes to standard output.

use std::io;

use anstream::{AutoStream, ColorChoice};
use anstyle::{AnsiColor, Style};
use serde_json::json;
use tracing::level_filters::LevelFilter;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{Layer, fmt};

use crate::error;

/// Where only warnings are for a person: a request that went well is no news, and an event says itself what happened.
const QUIET: [&str; 4] = [
    "evertoken_core::events::publish",
    "evertoken_callback::request_log",
    "evertoken_callback::callback",
    "evertoken_core::refresh::renewal",
];

/// Starts it. Evertoken's own words only, and other crates' warnings: at lower levels those write URLs, with `--debug` as
/// without. `told` are targets whose warnings the command itself tells.
pub(crate) fn start(told: &[&'static str], debug: bool) {
    // Where there is a terminal that shows them, and nobody has set NO_COLOR.
    let colours = AutoStream::choice(&io::stderr()) != ColorChoice::Never;
    let filter = Targets::new().with_default(LevelFilter::WARN).with_target("evertoken", LevelFilter::INFO);
    let filter = if debug {
        filter.with_target("evertoken", LevelFilter::DEBUG)
    } else {
        let filter = QUIET.into_iter().fold(filter, |filter, target| filter.with_target(target, LevelFilter::WARN));
        told.iter().fold(filter, |filter, target| filter.with_target(*target, LevelFilter::ERROR))
    };
    let lines = fmt::layer().with_writer(io::stderr).with_ansi(colours).with_target(false).without_time();
    // Fails only if logging was started before; then that stays.
    tracing_subscriber::registry().with(lines.with_filter(filter)).try_init().ok();
}

/// Whether standard output is a terminal that shows colours, and nobody has set `NO_COLOR`.
pub(crate) fn has_colours() -> bool {
    AutoStream::choice(&io::stdout()) != ColorChoice::Never
}

const ERROR: Style = AnsiColor::Red.on_default().bold();
const HELP: Style = AnsiColor::Green.on_default().bold();

/// Why the command ended and what helps. In JSON it is one line: `{"error":{"message","help"}}`.
pub(crate) fn failure(error: &anyhow::Error, json: bool) {
    let (message, help) = (problem::message(error), problem::help(error));
    if json {
        return say(&json!({ "error": { "message": message, "help": help } }).to_string());
    }
    say(&format!("{ERROR}error:{ERROR:#} {message}"));
    if let Some(help) = help {
        say(&format!("{HELP}help:{HELP:#} {help}"));
    }
}

/// A remark for the person; in colours where the terminal shows them.
pub(crate) fn say(remark: &str) {
    anstream::eprintln!("{remark}");
}

/// How this command was called, so that a line that is shown can be pasted.
pub(crate) fn command() -> String {
    std::env::args_os().next().map_or_else(|| "evertoken".into(), |name| name.to_string_lossy().into_owned())
}

/// A line of data.
pub(crate) fn data(line: &str) -> io::Result<()> {
    use io::Write;
    let mut out = io::stdout().lock();
    writeln!(out, "{line}")?;
    out.flush()
}

/// Where a server of ours is: the first line that it writes.
pub(crate) fn url(url: &str, json: bool) -> io::Result<()> {
    if json { data(&json!({ "url": url }).to_string()) } else { data(url) }
}

/// A line of data with colours in it, which are dropped where nobody sees them.
pub(crate) fn styled(line: &str) -> io::Result<()> {
    styled_part(&format!("{line}\n"))
}

/// The same without a line's end: also for what moves a terminal's cursor.
pub(crate) fn styled_part(text: &str) -> io::Result<()> {
    use io::Write;
    let mut out = anstream::stdout().lock();
    write!(out, "{text}")?;
    out.flush()
}

/// A question, to be answered on the same line.
pub(crate) fn ask(question: &str) {
    anstream::eprint!("{question}");
}
