//! How a Lambda that cannot start says so.

use std::error::Error;
use std::process::ExitCode;

/// Prints one line, which names the variable and the remedy, and gives exit code 2. Lambda shows the line in the log and
/// reports the start as failed.
#[expect(clippy::print_stderr, reason = "logging may be what could not be set up")]
pub fn refuse_to_start(error: &dyn Error) -> ExitCode {
    eprintln!("evertoken cannot start: {error}");
    ExitCode::from(2)
}
