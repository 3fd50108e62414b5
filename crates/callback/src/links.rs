//! Texts with links.

/// A part of a text.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum TextPart {
    Text(String),
    Link { name: String, url: String },
}

/// Splits a text into plain parts and links, which are written as in Markdown: `[name](https://...)`.
///
/// Takes the text before its placeholders are filled, so that a name which a stranger chose never becomes a link.
pub(crate) fn split_links(text: &'static str, fill: impl Fn(&str) -> String) -> Vec<TextPart> {
    let mut parts = Vec::new();
    let mut rest = text;
    while let Some((before, name, url, after)) = next_link(rest) {
        parts.push(TextPart::Text(fill(before)));
        parts.push(TextPart::Link { name: name.to_owned(), url: url.to_owned() });
        rest = after;
    }
    parts.push(TextPart::Text(fill(rest)));
    parts
}

/// The text before the first link, the link's name and address, and the text after it.
fn next_link(text: &str) -> Option<(&str, &str, &str, &str)> {
    let (before, link) = text.split_once('[')?;
    let (name, link) = link.split_once("](")?;
    let (url, after) = link.split_once(')')?;
    Some((before, name, url, after))
}

/// The same text for a client that shows no links.
pub(crate) fn in_plain_text(parts: &[TextPart]) -> String {
    let plain = |part: &TextPart| match part {
        TextPart::Text(text) => text.clone(),
        TextPart::Link { name, url } => format!("{name} ({url})"),
    };
    parts.iter().map(plain).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_have_names_and_a_filled_placeholder_is_never_a_link() {
        let text = "Hello {name}, open [Apps and websites](https://www.instagram.com/accounts/manage_access/).";
        let parts = split_links(text, |part| part.replace("{name}", "[me](https://evil.example)"));
        let expected = [
            TextPart::Text("Hello [me](https://evil.example), open ".to_owned()),
            TextPart::Link {
                name: "Apps and websites".to_owned(),
                url: "https://www.instagram.com/accounts/manage_access/".to_owned(),
            },
            TextPart::Text(".".to_owned()),
        ];
        assert_eq!(parts, expected);
        assert_eq!(
            in_plain_text(&parts),
            "Hello [me](https://evil.example), open Apps and websites (https://www.instagram.com/accounts/manage_access/)."
        );
    }
}
