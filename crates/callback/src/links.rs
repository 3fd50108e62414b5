//! Finds the links to Instagram in a text.

#[derive(Debug, PartialEq, Eq)]
pub(crate) enum TextPart<'a> {
    Text(&'a str),
    Link(&'a str),
}

/// Splits a text into plain parts and links. Only addresses on www.instagram.com become links, because a text may contain
/// names that a stranger chose.
pub(crate) fn split_links(text: &str) -> Vec<TextPart<'_>> {
    text.split_inclusive(' ')
        .flat_map(|word| {
            let address = word.trim_end_matches([' ', ',', '.', ';']);
            match (address.starts_with("https://www.instagram.com/"), word.strip_prefix(address)) {
                (true, Some(rest)) => vec![TextPart::Link(address), TextPart::Text(rest)],
                _ => vec![TextPart::Text(word)],
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_only_addresses_on_instagram() {
        let text = "Open https://www.instagram.com/accounts/manage_access/, then https://evil.example";
        let expected = [
            TextPart::Text("Open "),
            TextPart::Link("https://www.instagram.com/accounts/manage_access/"),
            TextPart::Text(", "),
            TextPart::Text("then "),
            TextPart::Text("https://evil.example"),
        ];
        assert_eq!(split_links(text), expected);
    }
}
