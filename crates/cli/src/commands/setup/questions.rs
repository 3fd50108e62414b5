//! Questions that are asked until the answer is valid.

use evertoken_core::document::ProviderName;
use secrecy::SecretString;

use super::field;
use super::invalid_answer::InvalidAnswer;
use super::setup_error::SetupError;
use crate::error::Result;
use crate::terminal::{output, paragraph, prompt};

/// Asks for a text. An empty answer means the default, if there is one.
pub(super) fn ask<T>(
    question: &str,
    default: Option<&str>,
    parse: impl Fn(&str) -> Result<T, InvalidAnswer>,
) -> Result<T> {
    let question = match default {
        Some(default) => format!("{question} [{default}]: "),
        None => format!("{question}: "),
    };
    loop {
        let answer = prompt::ask(&question)?.ok_or(SetupError::Interrupted)?;
        let answer = if answer.is_empty() { default.unwrap_or_default() } else { &answer };
        match parse(answer) {
            Ok(value) => return Ok(value),
            Err(error) => ask_again(error)?,
        }
    }
}

/// Asks for the app secret of a login, which is not shown.
pub(super) fn ask_secret(login: ProviderName, question: &str) -> Result<SecretString> {
    loop {
        let answer = prompt::ask_secret(&format!("{question}: "))?.ok_or(SetupError::Interrupted)?;
        match field::app_secret(login, &answer) {
            Ok((secret, remark)) => {
                if let Some(remark) = remark {
                    output::note(&remark);
                }
                return Ok(secret);
            }
            Err(error) => ask_again(error)?,
        }
    }
}

/// Waits for Enter.
pub(super) fn confirm(question: &str) -> Result<()> {
    prompt::ask(question)?.ok_or(SetupError::Interrupted)?;
    Ok(())
}

/// A person can answer again; a pipe has given the answer to another question next.
fn ask_again(error: InvalidAnswer) -> Result<()> {
    if !prompt::is_terminal() {
        return Err(SetupError::Answer(error).into());
    }
    paragraph::note(&format!("Not accepted: {}.", error.reason));
    Ok(())
}
