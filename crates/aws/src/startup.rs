//! Reports that a Lambda function cannot start.

use std::error::Error;
use std::process::ExitCode;

use crate::logging;

/// Logs the error at level ERROR, which every log level includes, and returns exit status 2. Lambda then reports the start as
/// failed.
///
/// The line is JSON if Lambda's log format is JSON, so that the saved query *Errors* finds it. Otherwise it is plain text on
/// standard error.
#[expect(clippy::print_stderr, reason = "without JSON, the line is for a person at a terminal")]
pub fn refuse_to_start(error: &dyn Error) -> ExitCode {
    if logging::is_json() {
        logging::start();
        tracing::error!(error.code = "cannot_start", "evertoken cannot start: {error}");
    } else {
        eprintln!("evertoken cannot start: {error}");
    }
    ExitCode::from(2)
}
