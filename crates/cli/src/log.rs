//! What a person at the terminal is told: on standard error, since data goes to standard output.

use std::io::{self, IsTerminal};

use tracing::level_filters::LevelFilter;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{Layer, fmt};

/// Where only warnings are for a person: a request that went well is no news, and an event says itself what happened.
const QUIET: [&str; 4] = [
    "evertoken_callback::announcing",
    "evertoken_callback::answer",
    "evertoken_callback::callback",
    "evertoken_core::refresh::renewal",
];

/// Starts it. Evertoken's own words only, and other crates' warnings: at lower levels those write URLs, with `--debug` as
/// without.
pub(crate) fn start(debug: bool) {
    let colours = io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none();
    let filter = Targets::new().with_default(LevelFilter::WARN).with_target("evertoken", LevelFilter::INFO);
    let filter = if debug {
        filter.with_target("evertoken", LevelFilter::DEBUG)
    } else {
        QUIET.into_iter().fold(filter, |filter, target| filter.with_target(target, LevelFilter::WARN))
    };
    let lines = fmt::layer().with_writer(io::stderr).with_ansi(colours).with_target(false).without_time();
    // Fails only if logging was started before; then that stays.
    tracing_subscriber::registry().with(lines.with_filter(filter)).try_init().ok();
}

/// Why the command ended.
#[expect(clippy::print_stderr, reason = "the command's last word")]
pub(crate) fn failure(error: &anyhow::Error) {
    eprintln!("error: {error:#}");
}

/// A remark for the person.
#[expect(clippy::print_stderr, reason = "it is for the person at the terminal")]
pub(crate) fn say(remark: &str) {
    eprintln!("{remark}");
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
