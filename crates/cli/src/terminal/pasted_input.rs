//! Secrets that a person pastes, without the characters that pasting adds.

use std::io::{self, IsTerminal, Read};

use secrecy::{ExposeSecret, SecretString};

use crate::error::{CliError, Result};

/// The longest input. Tokens have about 200 characters.
const MAX_LENGTH: u64 = 64 * 1024;

/// The text of a secret and what was removed from it.
#[derive(Clone, Debug)]
pub(crate) struct PastedInput {
    text: SecretString,
    removed: Vec<&'static str>,
}

impl PastedInput {
    /// Removes what no token and no app secret contains: whitespace, line breaks, quotes, invisible characters.
    pub(crate) fn clean(text: &str) -> Self {
        let mut removed = Vec::new();
        let kept: String = text.chars().filter(|c| foreign(*c).is_none()).collect();
        for what in text.chars().filter_map(foreign) {
            if !removed.contains(&what) {
                removed.push(what);
            }
        }
        Self { text: SecretString::from(kept), removed }
    }

    pub(crate) fn expose(&self) -> &str {
        self.text.expose_secret()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.expose().is_empty()
    }

    /// Says what was removed, for example "Removed from the token: line breaks and quotes.".
    pub(crate) fn remark(&self, what: &str) -> Option<String> {
        let (last, first) = self.removed.split_last()?;
        let removed = if first.is_empty() { (*last).to_owned() } else { format!("{} and {last}", first.join(", ")) };
        Some(format!("Removed from the {what}: {removed}."))
    }
}

/// What to call a character that no secret from Meta contains.
fn foreign(c: char) -> Option<&'static str> {
    match c {
        '\n' | '\r' => Some("line breaks"),
        '"' | '\'' | '`' | '\u{2018}'..='\u{201f}' | '«' | '»' => Some("quotes"),
        '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{feff}' => Some("invisible characters"),
        c if c.is_whitespace() => Some("spaces"),
        c if c.is_control() => Some("invisible characters"),
        _ => None,
    }
}

/// Reads a secret: without echo from a terminal, otherwise all of standard input.
pub(crate) fn read(prompt: &str, what: &'static str) -> Result<PastedInput> {
    let text = if io::stdin().is_terminal() {
        SecretString::from(rpassword::prompt_password(prompt).map_err(CliError::ReadTerminal)?)
    } else {
        let mut text = String::new();
        let read = io::stdin().lock().take(MAX_LENGTH).read_to_string(&mut text);
        read.map_err(|source| CliError::ReadInput { what, source })?;
        SecretString::from(text)
    };
    let pasted = PastedInput::clean(text.expose_secret());
    if pasted.is_empty() { Err(CliError::EmptyInput(what)) } else { Ok(pasted) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn removes_what_pasting_adds_and_says_so() {
        let table = [
            ("IGAAx", "IGAAx", None),
            ("IGAAx\n", "IGAAx", Some("Removed from the token: line breaks.")),
            (" \"IGAA\r\nx\" ", "IGAAx", Some("Removed from the token: spaces, quotes and line breaks.")),
            (
                "\u{feff}\u{201c}IGAAx\u{201d}",
                "IGAAx",
                Some("Removed from the token: invisible characters and quotes."),
            ),
        ];
        for (text, token, remark) in table {
            let pasted = PastedInput::clean(text);
            assert_eq!((pasted.expose(), pasted.remark("token").as_deref()), (token, remark));
        }
    }

    #[test]
    fn debug_does_not_reveal_the_secret() {
        assert!(!format!("{:?}", PastedInput::clean("hunter22")).contains("hunter22"));
    }
}
