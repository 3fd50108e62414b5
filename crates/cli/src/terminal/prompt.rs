//! Questions to the person at the terminal, or to a pipe that answers them.

use std::io::{self, BufRead, IsTerminal};

use secrecy::zeroize::Zeroizing;

use super::output;
use super::pasted_input::PastedInput;
use crate::error::{CliError, Result};

/// Asks a question and returns the answer, or `None` if the input has ended.
pub(crate) fn ask(question: &str) -> Result<Option<String>> {
    output::question(question);
    let mut line = String::new();
    let length = io::stdin().lock().read_line(&mut line).map_err(CliError::ReadTerminal)?;
    Ok((length > 0).then(|| line.trim().to_owned()))
}

/// Asks for a secret, without echo if standard input is a terminal.
pub(crate) fn ask_secret(question: &str) -> Result<Option<PastedInput>> {
    if io::stdin().is_terminal() {
        let line = Zeroizing::new(rpassword::prompt_password(question).map_err(CliError::ReadTerminal)?);
        return Ok(Some(PastedInput::clean(&line)));
    }
    Ok(ask(question)?.map(Zeroizing::new).map(|line| PastedInput::clean(&line)))
}
