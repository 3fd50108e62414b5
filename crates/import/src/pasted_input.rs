//! Secrets that a person pastes, without the characters that pasting adds.

use secrecy::{ExposeSecret, SecretBox};

/// The text of a secret and what was removed from it.
#[derive(Debug)]
pub struct PastedInput {
    text: SecretBox<String>,
    removed: Vec<&'static str>,
}

impl PastedInput {
    /// Removes what no token and no app secret contains: whitespace, line breaks, quotes, invisible characters.
    pub fn clean(text: &str) -> Self {
        let mut removed = Vec::new();
        // Large enough from the start: a text that moves leaves a copy behind.
        let mut kept = String::with_capacity(text.len());
        kept.extend(text.chars().filter(|c| foreign(*c).is_none()));
        for what in text.chars().filter_map(foreign) {
            if !removed.contains(&what) {
                removed.push(what);
            }
        }
        Self { text: SecretBox::new(Box::new(kept)), removed }
    }

    /// The secret in plain text.
    pub fn expose(&self) -> &str {
        self.text.expose_secret()
    }

    /// Whether nothing is left.
    pub fn is_empty(&self) -> bool {
        self.expose().is_empty()
    }

    /// Says what was removed, for example "Removed from the token: line breaks and quotes.".
    pub fn remark(&self, what: &str) -> Option<String> {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn removes_what_pasting_adds_and_says_so() {
        let table = [
            ("IGAAx", "IGAAx", None),
            ("IGAAx\n", "IGAAx", Some("Removed from the token: line breaks.")),
            (" \"IGAA\r\nx\" ", "IGAAx", Some("Removed from the token: spaces, quotes and line breaks.")),
            ("IGAA\u{200b}\u{a0}x", "IGAAx", Some("Removed from the token: invisible characters and spaces.")),
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
