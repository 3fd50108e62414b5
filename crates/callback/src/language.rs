//! The language that a person prefers: `lang` in the URL, which an invite link can have, or `Accept-Language` (RFC 9110,
//! section 12.5.4).

use std::convert::Infallible;

use axum::extract::FromRequestParts;
use http::HeaderMap;
use http::header::ACCEPT_LANGUAGE;
use http::request::Parts;

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Language {
    /// Also the fallback for all other languages.
    #[default]
    English,
    German,
    Spanish,
}

impl Language {
    /// The language with the highest weight; among equals, the first.
    pub(crate) fn of(headers: &HeaderMap) -> Self {
        let text = headers.get(ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let mut best = (Self::English, 0);
        for range in text.split(',') {
            let mut parts = range.split(';').map(str::trim);
            let language = parts.next().and_then(Self::named);
            let weight = parts.find_map(|part| part.strip_prefix("q=")).map_or(Some(1000), thousandths).unwrap_or(0);
            if let Some(language) = language
                && weight > best.1
            {
                best = (language, weight);
            }
        }
        best.0
    }

    /// The language of an invite link. An unknown one counts as none.
    fn in_query(query: &str) -> Option<Self> {
        query.split('&').find_map(|pair| pair.strip_prefix("lang=")).and_then(Self::named)
    }

    /// `de`, `de-AT` and `DE` are German.
    fn named(range: &str) -> Option<Self> {
        match range.split('-').next().unwrap_or_default().to_ascii_lowercase().as_str() {
            "en" | "*" => Some(Self::English),
            "de" => Some(Self::German),
            "es" => Some(Self::Spanish),
            _ => None,
        }
    }
}

/// Parses a weight (`1`, or `0` with up to three decimals) into thousandths.
fn thousandths(text: &str) -> Option<u16> {
    let (whole, decimals) = text.split_once('.').unwrap_or((text, ""));
    let decimals = format!("{decimals:0<3}");
    let number = (decimals.len() == 3).then(|| format!("{whole}{decimals}").parse().ok()).flatten()?;
    (number <= 1000).then_some(number)
}

impl<S: Sync> FromRequestParts<S> for Language {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(Self::in_query(parts.uri.query().unwrap_or_default()).unwrap_or_else(|| Self::of(&parts.headers)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_language_of_a_link_is_one_that_the_pages_have() {
        assert_eq!(Language::in_query("invite=a.b&lang=de"), Some(Language::German));
        for query in ["", "invite=a.b", "lang=", "lang=fr", "lang=%64e", "xlang=de", "lang=<script>"] {
            assert_eq!(Language::in_query(query), None, "{query}");
        }
    }

    #[test]
    fn picks_the_language_with_the_highest_weight() {
        let table = [
            ("", Language::English),
            ("de", Language::German),
            ("DE-at, en;q=0.5", Language::German),
            ("fr, es;q=0.8, de;q=0.9", Language::German),
            ("fr;q=1.0, es-MX;q=0.7, en;q=0.7", Language::Spanish),
            ("de;q=0, es;q=0.1", Language::Spanish),
            ("ja, zh", Language::English),
            ("*, de;q=0.5", Language::English),
            ("de;q=7, es;q=x, ;;;,,", Language::English),
            ("deutsch", Language::English),
        ];
        for (text, language) in table {
            let headers = std::iter::once((ACCEPT_LANGUAGE, text.parse().unwrap())).collect();
            assert_eq!(Language::of(&headers), language, "{text}");
        }
    }
}
