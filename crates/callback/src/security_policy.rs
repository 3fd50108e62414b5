//! The content security policy of every response (W3C, "Content Security Policy Level 3").

use std::collections::BTreeSet;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256};
use url::Url;

use crate::brand::Brand;
use crate::pages::STYLE;

/// The hash of [`STYLE`], so that no cold start computes it. A test checks it.
const STYLE_HASH: &str = "w/CwKcFQF24CjIHYjRJWr8H0GCwAqQX++7/Mw1V8aZE=";

/// Where the forms of a page may lead.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Forms<'a> {
    /// The page has no form.
    None,
    /// To this service.
    Here,
    /// To this service, which then redirects to another URL. Browsers check that one too.
    HereAndTo(&'a Url),
}

/// Allows the embedded style sheet, by its hash, and the operator's logo, by its origin.
pub(crate) fn content_security_policy(brand: &Brand, forms: Forms<'_>) -> String {
    policy_with_pictures(brand, forms, &[])
}

/// The same, with pictures from elsewhere, by their origins.
pub(crate) fn policy_with_pictures(brand: &Brand, forms: Forms<'_>, pictures: &[&Url]) -> String {
    let hash = brand.color.map_or_else(|| STYLE_HASH.to_owned(), |color| hash_of_style_with(&color.style()));
    let logo = brand.logo.as_ref().map(|logo| logo.origin().clone());
    let pictures = pictures.iter().map(|url| url.origin().ascii_serialization());
    let origins: BTreeSet<String> = logo.into_iter().chain(pictures).collect();
    let images = if origins.is_empty() {
        String::new()
    } else {
        format!(" img-src {};", origins.into_iter().collect::<Vec<_>>().join(" "))
    };
    let forms = match forms {
        Forms::None => "'none'".to_owned(),
        Forms::Here => "'self'".to_owned(),
        Forms::HereAndTo(url) => format!("'self' {}", url.origin().ascii_serialization()),
    };
    format!(
        "default-src 'none'; style-src 'sha256-{hash}';{images} base-uri 'none'; form-action {forms}; frame-ancestors 'none'"
    )
}

/// The hash of the style sheet that a page embeds, with the operator's colors at its end.
fn hash_of_style_with(colors: &str) -> String {
    STANDARD.encode(Sha256::new().chain_update(STYLE).chain_update(colors).finalize())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hash_is_that_of_the_style_sheet() {
        assert_eq!(STYLE_HASH, hash_of_style_with(""));
    }
}
