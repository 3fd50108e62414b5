//! The content security policy of every response (W3C, "Content Security Policy Level 3").

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256};

use crate::brand::{Brand, BrandColor};
use crate::pages::STYLE;

/// Where the forms of a page may lead.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Forms {
    /// The page has no form.
    None,
    /// To this service.
    Here,
}

/// Allows the embedded style sheet, by its hash, and the operator's logo, by its origin.
pub(crate) fn content_security_policy(brand: &Brand, forms: Forms) -> String {
    let colors = brand.color.map(BrandColor::style).unwrap_or_default();
    let hash = STANDARD.encode(Sha256::new().chain_update(STYLE).chain_update(colors).finalize());
    let images = brand.logo.as_ref().map(|logo| format!(" img-src {};", logo.origin())).unwrap_or_default();
    let forms = match forms {
        Forms::None => "'none'",
        Forms::Here => "'self'",
    };
    format!(
        "default-src 'none'; style-src 'sha256-{hash}';{images} base-uri 'none'; form-action {forms}; frame-ancestors 'none'"
    )
}
