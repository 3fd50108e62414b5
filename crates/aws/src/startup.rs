//! Reports that a Lambda function cannot start.

use std::error::Error;
use std::process::ExitCode;

/// Prints the error to standard error and returns exit status 2. Lambda logs the line and reports the start as failed.
#[expect(clippy::print_stderr, reason = "logging may not be set up yet")]
pub fn refuse_to_start(error: &dyn Error) -> ExitCode {
    eprintln!("evertoken cannot start: {error}");
    ExitCode::from(2)
}
