//! Reads a secret that a person pastes.

use std::io::{self, IsTerminal, Read};

pub(crate) use evertoken_import::pasted_input::PastedInput;
use secrecy::zeroize::Zeroizing;

use crate::error::{CliError, Result};

/// The longest input. Tokens have about 200 characters.
const MAX_LENGTH: u16 = u16::MAX;

/// Reads a secret: without echo from a terminal, otherwise all of standard input.
pub(crate) fn read(prompt: &str, what: &'static str) -> Result<PastedInput> {
    let text = if io::stdin().is_terminal() {
        Zeroizing::new(rpassword::prompt_password(prompt).map_err(CliError::ReadTerminal)?)
    } else {
        // Large enough from the start: a text that moves leaves a copy behind.
        let mut text = Zeroizing::new(String::with_capacity(MAX_LENGTH.into()));
        let read = io::stdin().lock().take(MAX_LENGTH.into()).read_to_string(&mut text);
        read.map_err(|source| CliError::ReadInput { what, source })?;
        text
    };
    let pasted = PastedInput::clean(&text);
    if pasted.is_empty() { Err(CliError::EmptyInput(what)) } else { Ok(pasted) }
}
