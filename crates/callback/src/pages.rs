//! The pages: compiled templates under `templates/`, one style, no script and no asset from elsewhere.

use std::sync::LazyLock;

use askama::Template;
use axum::response::{Html, IntoResponse, Response};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::StatusCode;
use sha2::{Digest, Sha256};

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
    /// Whether anybody may connect.
    pub(crate) open: bool,
    pub(crate) login: &'a str,
}

/// `GET /connected`.
#[derive(Template)]
#[template(path = "connected.html")]
pub(crate) struct Connected<'a> {
    pub(crate) username: &'a str,
    pub(crate) name: &'a str,
    pub(crate) until: Option<String>,
    pub(crate) location: &'a str,
    pub(crate) command: &'a str,
}

/// Every failure.
#[derive(Template)]
#[template(path = "problem.html")]
pub(crate) struct Problem<'a> {
    pub(crate) title: &'a str,
    pub(crate) cause: &'a str,
    pub(crate) remedy: &'a str,
    /// Where to start again, if that helps.
    pub(crate) again: Option<&'a str>,
    pub(crate) reference: &'a str,
}

/// A page as a response.
pub(crate) fn page(status: StatusCode, template: &impl Template) -> Response {
    match template.render() {
        Ok(html) => (status, Html(html)).into_response(),
        // Writing into a String does not fail, and no template has code of its own that could.
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}
