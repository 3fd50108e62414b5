//! All text on the pages, one module per language. The compiler checks that each language is complete.

mod english;
mod explanation;
mod german;
mod phrases;
mod spanish;

use crate::error_page::ErrorPage;
use crate::language::Language;

pub(crate) use explanation::Explanation;
pub(crate) use phrases::Phrases;

pub(crate) fn phrases(language: Language) -> &'static Phrases {
    match language {
        Language::English => &english::PHRASES,
        Language::German => &german::PHRASES,
        Language::Spanish => &spanish::PHRASES,
    }
}

pub(crate) fn explanation(language: Language, page: ErrorPage) -> Explanation {
    match language {
        Language::English => english::errors::explanation(page),
        Language::German => german::errors::explanation(page),
        Language::Spanish => spanish::errors::explanation(page),
    }
}

/// Replaces the placeholders in a text.
pub(crate) fn fill(text: &str, placeholders: &[(&'static str, String)]) -> String {
    placeholders.iter().fold(text.to_owned(), |text, (placeholder, value)| text.replace(placeholder, value))
}

#[cfg(test)]
mod tests;
