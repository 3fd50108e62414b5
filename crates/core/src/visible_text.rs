//! Text from elsewhere, with its hidden characters made visible.

use std::borrow::Cow;

/// Replaces characters that control a terminal, change the direction of text or are invisible with their codes, as in
/// `\\u{202e}`.
///
/// Instagram's user names consist of letters, digits, dots and underscores. Other text can come from a response, a document or
/// an invite that somebody has altered, and it must not disguise a name in a terminal, a log or a page.
pub fn visible(text: &str) -> Cow<'_, str> {
    if !text.chars().any(is_hidden) {
        return Cow::Borrowed(text);
    }
    let escape = |c: char| if is_hidden(c) { c.escape_unicode().to_string() } else { c.to_string() };
    Cow::Owned(text.chars().map(escape).collect())
}

/// Whether a character is a control character (which includes line breaks), a line or paragraph separator, a mark of the
/// Unicode bidirectional algorithm (UAX #9) or another invisible format character. Joiners are allowed, because emoji and
/// some scripts need them.
pub fn is_hidden(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_mark_of_the_bidirectional_algorithm_and_no_invisible_character_remains() {
        // UAX #9, section 2.
        let marks = "\u{61c}\u{200e}\u{200f}\u{202a}\u{202b}\u{202c}\u{202d}\u{202e}\u{2066}\u{2067}\u{2068}\u{2069}";
        let invisible = "\u{ad}\u{180e}\u{200b}\u{2060}\u{feff}\u{fff9}\u{e0041}";
        for c in marks.chars().chain(invisible.chars()) {
            assert_eq!(visible(&c.to_string()), c.escape_unicode().to_string());
        }
    }

    #[test]
    fn shows_hidden_characters_by_their_codes() {
        assert_eq!(visible("blue_bottle.7"), "blue_bottle.7");
        assert_eq!(visible("a\u{1b}[2J\u{202e}b\n\u{9b}\u{2066}"), "a\\u{1b}[2J\\u{202e}b\\u{a}\\u{9b}\\u{2066}");
        for kept in ["Grüße an Zoë", "مرحبا", "👩\u{200d}🍳 ❤\u{fe0f}"] {
            assert_eq!(visible(kept), kept);
        }
    }
}
