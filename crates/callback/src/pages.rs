//! The pages: compiled templates under `templates/`, one style, no script and no asset from elsewhere.

use std::sync::LazyLock;

use askama::Template;
use axum::response::{Html, IntoResponse, Response};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::StatusCode;
use sha2::{Digest, Sha256};

use crate::texts::Phrases;

/// The style of all pages, inside each of them.
pub(crate) const STYLE: &str = include_str!("../templates/style.css");

/// Allows that style, by its hash, and nothing else.
pub(crate) static CONTENT_SECURITY_POLICY: LazyLock<String> = LazyLock::new(|| {
    let hash = STANDARD.encode(Sha256::digest(STYLE));
    format!(
        "default-src 'none'; style-src 'sha256-{hash}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )
});

/// `GET /`.
#[derive(Template)]
#[template(path = "home.html")]
pub(crate) struct Home<'a> {
    pub(crate) say: &'a Phrases,
    /// Whether anybody may connect.
    pub(crate) open: bool,
    pub(crate) login: &'a str,
}

/// `GET /login` with an invite that has a note.
#[derive(Template)]
#[template(path = "note.html")]
pub(crate) struct Note<'a> {
    pub(crate) say: &'a Phrases,
    pub(crate) text: &'a str,
    pub(crate) next: &'a str,
}

/// `GET /connected`.
#[derive(Template)]
#[template(path = "connected.html")]
pub(crate) struct Connected<'a> {
    pub(crate) say: &'a Phrases,
    pub(crate) heading: &'a str,
    pub(crate) name: &'a str,
    /// To the second for machines, and the day for people.
    pub(crate) until: Option<(String, String)>,
    pub(crate) location: &'a str,
    pub(crate) command: &'a str,
}

/// `GET /data-deletion/{code}`.
#[derive(Template)]
#[template(path = "deletion.html")]
pub(crate) struct Deletion<'a> {
    pub(crate) say: &'a Phrases,
    pub(crate) what: &'a str,
    pub(crate) day: &'a str,
}

/// Every failure.
#[derive(Template)]
#[template(path = "problem.html")]
pub(crate) struct Problem<'a> {
    pub(crate) say: &'a Phrases,
    pub(crate) title: &'a str,
    pub(crate) cause: &'a str,
    pub(crate) remedy: Vec<Piece<'a>>,
    /// What only the operator can do.
    pub(crate) operator: Option<&'a str>,
    /// Where to start again, if that helps.
    pub(crate) again: Option<&'a str>,
    pub(crate) reference: &'a str,
}

/// A part of a text.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Piece<'a> {
    Text(&'a str),
    /// An address of Instagram's, to click on.
    Link(&'a str),
}

/// A text with its addresses apart. They end at a space; none of ours ends in a full stop.
pub(crate) fn pieces(text: &str) -> Vec<Piece<'_>> {
    text.split_inclusive(' ')
        .flat_map(|word| {
            let address = word.trim_end_matches([' ', ',', '.', ';']);
            match (address.starts_with("https://www.instagram.com/"), word.strip_prefix(address)) {
                (true, Some(rest)) => vec![Piece::Link(address), Piece::Text(rest)],
                _ => vec![Piece::Text(word)],
            }
        })
        .collect()
}

/// A page as a response.
pub(crate) fn page(status: StatusCode, template: &impl Template) -> Response {
    match template.render() {
        Ok(html) => (status, Html(html)).into_response(),
        // Writing into a String does not fail, and no template has code of its own that could.
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_of_instagram_can_be_clicked_and_no_others() {
        let text = "Open https://www.instagram.com/accounts/manage_access/, then https://evil.example";
        let expected = [
            Piece::Text("Open "),
            Piece::Link("https://www.instagram.com/accounts/manage_access/"),
            Piece::Text(", "),
            Piece::Text("then "),
            Piece::Text("https://evil.example"),
        ];
        assert_eq!(pieces(text), expected);
    }
}
