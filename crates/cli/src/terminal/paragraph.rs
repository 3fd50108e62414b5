//! Text for people, wrapped at words.

use terminal_size::{Width, terminal_size_of};

use super::output;

/// The width without a terminal, and the largest one: longer lines are hard to read.
const WIDEST: usize = 100;

/// Prints text to standard error. Each of its lines is wrapped, and continues with the line's own indent.
pub(crate) fn note(text: &str) {
    let width = terminal_size_of(std::io::stderr()).map_or(WIDEST, |(Width(width), _)| usize::from(width).min(WIDEST));
    text.lines().for_each(|line| output::note(&wrap(line, width)));
}

/// A word that is longer than the width, such as a URL, has a line of its own.
fn wrap(line: &str, width: usize) -> String {
    let indent: String = line.chars().take_while(|c| *c == ' ').collect();
    let (mut wrapped, mut length) = (indent.clone(), indent.chars().count());
    let mut is_first = true;
    // Several spaces in a row align columns and stay together with the word before them.
    for word in line.trim_start().split_inclusive(' ') {
        let visible = word.trim_end().chars().count();
        if !is_first && length + visible > width {
            wrapped.truncate(wrapped.trim_end_matches(' ').len());
            wrapped.push('\n');
            wrapped.push_str(&indent);
            length = indent.chars().count();
        }
        wrapped.push_str(word);
        length += word.chars().count();
        is_first = false;
    }
    wrapped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wraps_at_words_and_keeps_the_indent() {
        assert_eq!(wrap("one two three", 8), "one two\nthree");
        assert_eq!(wrap("   one two three", 11), "   one two\n   three");
        assert_eq!(wrap("see https://connect.example.com now", 10), "see\nhttps://connect.example.com\nnow");
        assert_eq!(wrap("right:  a", 80), "right:  a");
        assert_eq!(wrap("Größe zwei", 10), "Größe zwei");
        assert_eq!(wrap("", 5), "");
    }
}
