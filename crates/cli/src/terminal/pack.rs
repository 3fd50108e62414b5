//! Items on as few lines as the width allows.

/// Joins each symbol or label with its text, and the pairs with `gap`, on lines of at most `width` characters. Escape codes
/// count as nothing.
pub(crate) fn pack(pairs: &[(String, impl AsRef<str>)], gap: &str, width: usize) -> Vec<String> {
    let (mut lines, mut line, mut used) = (Vec::new(), String::new(), 0);
    for (first, second) in pairs {
        let item = format!("{first} {}", second.as_ref());
        let length = anstream::adapter::strip_str(&item).to_string().chars().count();
        if used > 0 && used + gap.len() + length > width {
            lines.push(std::mem::take(&mut line));
            used = 0;
        }
        if used > 0 {
            line.push_str(gap);
            used += gap.len();
        }
        line.push_str(&item);
        used += length;
    }
    if used > 0 {
        lines.push(line);
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn starts_a_line_when_the_next_item_would_not_fit() {
        let items = [("\u{1b}[32m+\u{1b}[0m".to_owned(), "one"), ("-".to_owned(), "two"), ("x".to_owned(), "three")];
        assert_eq!(pack(&items, "  ", 80), ["\u{1b}[32m+\u{1b}[0m one  - two  x three"]);
        assert_eq!(pack(&items, "  ", 12), ["\u{1b}[32m+\u{1b}[0m one  - two", "x three"]);
        assert_eq!(pack(&items, "  ", 3).len(), 3);
    }
}
