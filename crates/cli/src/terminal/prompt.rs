//! Questions to the person at the terminal, or to a pipe that answers them.

use std::io::{self, BufRead, ErrorKind, IsTerminal, Read};

use secrecy::zeroize::Zeroizing;

use super::output;
use crate::error::{CliError, Result};

/// The longest answer.
const MAX_LENGTH: u64 = 64 * 1024;

/// Asks a question and returns the answer, or `None` if the input has ended. Bytes that are not UTF-8 are replaced.
pub(crate) fn ask(question: &str) -> Result<Option<String>> {
    output::question(question);
    let mut line = Zeroizing::new(Vec::new());
    let length = io::stdin().lock().take(MAX_LENGTH).read_until(b'\n', &mut line).map_err(CliError::ReadTerminal)?;
    Ok((length > 0).then(|| String::from_utf8_lossy(&line).trim().to_owned()))
}

/// Asks for a secret, without echo if standard input is a terminal. Returns the answer as it was pasted.
pub(crate) fn ask_secret(question: &str) -> Result<Option<Zeroizing<String>>> {
    if is_terminal() {
        return match rpassword::prompt_password(question) {
            Ok(answer) => Ok(Some(Zeroizing::new(answer))),
            // Ctrl-C and Ctrl-D.
            Err(error) if matches!(error.kind(), ErrorKind::Interrupted | ErrorKind::UnexpectedEof) => Ok(None),
            Err(error) => Err(CliError::ReadTerminal(error)),
        };
    }
    Ok(ask(question)?.map(Zeroizing::new))
}

/// Whether a person can answer again.
pub(crate) fn is_terminal() -> bool {
    io::stdin().is_terminal()
}
