//! The HTML pages: templates compiled from `templates/`, with one inline style sheet and no scripts or external assets.

use std::sync::LazyLock;

use askama::Template;
use axum::response::{Html, IntoResponse, Response};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::StatusCode;
use sha2::{Digest, Sha256};

use crate::links::TextPart;
use crate::texts::Phrases;

/// The style sheet that every page embeds.
pub(crate) const STYLE: &str = include_str!("../templates/style.css");

/// Allows the embedded style sheet, by its hash, and nothing else.
pub(crate) static CONTENT_SECURITY_POLICY: LazyLock<String> = LazyLock::new(|| {
    let hash = STANDARD.encode(Sha256::digest(STYLE));
    format!(
        "default-src 'none'; style-src 'sha256-{hash}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )
});

#[derive(Template)]
#[template(path = "home.html")]
pub(crate) struct HomeTemplate<'a> {
    pub(crate) phrases: &'a Phrases,
    /// The address that starts a login; `None` if an invite is required.
    pub(crate) login_url: Option<&'a str>,
}

#[derive(Template)]
#[template(path = "invite_note.html")]
pub(crate) struct InviteNoteTemplate<'a> {
    pub(crate) phrases: &'a Phrases,
    pub(crate) note: &'a str,
    pub(crate) next_url: &'a str,
}

#[derive(Template)]
#[template(path = "connected.html")]
pub(crate) struct ConnectedTemplate<'a> {
    pub(crate) phrases: &'a Phrases,
    pub(crate) heading: &'a str,
    pub(crate) name: &'a str,
    /// When the token expires: the timestamp and the day.
    pub(crate) until: Option<(String, String)>,
    /// For the operator only.
    pub(crate) stored: Option<StoredToken>,
}

/// Where a token is stored, and a command that prints it.
pub(crate) struct StoredToken {
    pub(crate) location: String,
    pub(crate) command: String,
}

#[derive(Template)]
#[template(path = "deletion.html")]
pub(crate) struct DeletionTemplate<'a> {
    pub(crate) phrases: &'a Phrases,
    pub(crate) description: &'a str,
    pub(crate) date: &'a str,
}

#[derive(Template)]
#[template(path = "error.html")]
pub(crate) struct ErrorTemplate<'a> {
    pub(crate) phrases: &'a Phrases,
    pub(crate) title: &'a str,
    pub(crate) cause: &'a str,
    pub(crate) remedy: Vec<TextPart<'a>>,
    pub(crate) operator: &'a str,
    /// The address that starts the login again, if that can help.
    pub(crate) restart_url: Option<&'a str>,
    pub(crate) reference: &'a str,
}

pub(crate) fn page(status: StatusCode, template: &impl Template) -> Response {
    match template.render() {
        Ok(html) => (status, Html(html)).into_response(),
        // Writing to a String cannot fail, and no template calls code that can.
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}
