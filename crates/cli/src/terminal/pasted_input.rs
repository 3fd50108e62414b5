//! Secrets that a person pastes: read without echo, and rid of what the pasting added.

use std::io::{self, IsTerminal, Read};

use anyhow::{Context, Result, bail};
use secrecy::{ExposeSecret, SecretString};

/// Tokens have some 200 characters; nobody pastes this much by intention.
const MOST: u64 = 64 * 1024;

/// A secret's text and what was taken away from it.
#[derive(Clone, Debug)]
pub(crate) struct PastedInput {
    text: SecretString,
    dropped: Vec<&'static str>,
}

impl PastedInput {
    /// Takes away what no token and no app secret has: white space, line breaks, quotes, invisible characters.
    pub(crate) fn clean(text: &str) -> Self {
        let mut dropped = Vec::new();
        let kept: String = text.chars().filter(|c| foreign(*c).is_none()).collect();
        for what in text.chars().filter_map(foreign) {
            if !dropped.contains(&what) {
                dropped.push(what);
            }
        }
        Self { text: SecretString::from(kept), dropped }
    }

    /// What is left.
    pub(crate) fn expose(&self) -> &str {
        self.text.expose_secret()
    }

    /// Whether nothing is left.
    pub(crate) fn is_empty(&self) -> bool {
        self.expose().is_empty()
    }

    /// A remark for the person, as "Line breaks and quotes around or in the token were dropped."; none if nothing was.
    pub(crate) fn remark(&self, what: &str) -> Option<String> {
        let (last, first) = self.dropped.split_last()?;
        let dropped = if first.is_empty() { (*last).to_owned() } else { format!("{} and {last}", first.join(", ")) };
        Some(format!("Dropped from the {what}: {dropped}."))
    }
}

/// What a character is that belongs to no secret of Meta's.
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

/// Reads a secret: without echo where a person types, else all of standard input.
pub(crate) fn read(prompt: &str, what: &str) -> Result<PastedInput> {
    let text = if io::stdin().is_terminal() {
        SecretString::from(rpassword::prompt_password(prompt).context("the terminal could not be read")?)
    } else {
        let mut text = String::new();
        let read = io::stdin().lock().take(MOST).read_to_string(&mut text);
        read.with_context(|| format!("the {what} could not be read from standard input"))?;
        SecretString::from(text)
    };
    let pasted = PastedInput::clean(text.expose_secret());
    if pasted.is_empty() {
        bail!("no {what} came: paste it into standard input, never onto the command line");
    }
    Ok(pasted)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_pasting_adds_is_dropped_and_told() {
        let table = [
            ("IGAAx", "IGAAx", None),
            ("IGAAx\n", "IGAAx", Some("Dropped from the token: line breaks.")),
            (" \"IGAA\r\nx\" ", "IGAAx", Some("Dropped from the token: spaces, quotes and line breaks.")),
            (
                "\u{feff}\u{201c}IGAAx\u{201d}",
                "IGAAx",
                Some("Dropped from the token: invisible characters and quotes."),
            ),
        ];
        for (text, token, remark) in table {
            let pasted = PastedInput::clean(text);
            assert_eq!((pasted.expose(), pasted.remark("token").as_deref()), (token, remark));
        }
    }

    #[test]
    fn its_debug_shows_nothing() {
        assert!(!format!("{:?}", PastedInput::clean("hunter22")).contains("hunter22"));
    }
}
