//! The HTML pages: templates compiled from `templates/`, with one inline style sheet and no scripts. The only asset from
//! elsewhere is the operator's logo.

use askama::Template;
use axum::response::{Html, IntoResponse, Response};
use http::StatusCode;

use crate::brand::Brand;
use crate::links::TextPart;
use crate::texts::Phrases;

/// The style sheet that every page embeds.
pub(crate) const STYLE: &str = include_str!("../templates/style.css");

#[derive(Template)]
#[template(path = "home.html")]
pub(crate) struct HomeTemplate<'a> {
    pub(crate) phrases: &'a Phrases,
    pub(crate) brand: &'a Brand,
    /// The address that starts a login; `None` if an invite is required.
    pub(crate) login_url: Option<&'a str>,
}

/// The landing page of an invite.
#[derive(Template)]
#[template(path = "invite.html")]
pub(crate) struct InviteTemplate<'a> {
    pub(crate) phrases: &'a Phrases,
    pub(crate) brand: &'a Brand,
    /// Who asks.
    pub(crate) from: &'a str,
    pub(crate) note: Option<&'a str>,
    /// What Instagram will ask for, in plain words.
    pub(crate) permissions: Vec<String>,
    /// How to end the connection.
    pub(crate) end: Vec<TextPart>,
    pub(crate) next_url: &'a str,
}

#[derive(Template)]
#[template(path = "connected.html")]
pub(crate) struct ConnectedTemplate<'a> {
    pub(crate) phrases: &'a Phrases,
    pub(crate) brand: &'a Brand,
    pub(crate) heading: &'a str,
    /// When the token expires: the timestamp and the day.
    pub(crate) until: Option<(String, String)>,
    /// Lets the person copy the token: where the form leads, and the receipt that it carries.
    pub(crate) reveal: Option<(&'a str, &'a str)>,
    /// For the operator only.
    pub(crate) stored: Option<StoredToken<'a>>,
}

/// Shows a token. Nothing else does.
#[derive(Template)]
#[template(path = "reveal.html")]
pub(crate) struct RevealTemplate<'a> {
    pub(crate) phrases: &'a Phrases,
    pub(crate) brand: &'a Brand,
    pub(crate) token: &'a str,
}

/// Where a token is stored, and a command that prints it.
pub(crate) struct StoredToken<'a> {
    pub(crate) name: &'a str,
    pub(crate) location: String,
    pub(crate) command: String,
}

#[derive(Template)]
#[template(path = "deletion.html")]
pub(crate) struct DeletionTemplate<'a> {
    pub(crate) phrases: &'a Phrases,
    pub(crate) brand: &'a Brand,
    pub(crate) description: &'a str,
    /// The day of the request, for machines and for people.
    pub(crate) timestamp: &'a str,
    pub(crate) date: &'a str,
}

#[derive(Template)]
#[template(path = "error.html")]
pub(crate) struct ErrorTemplate<'a> {
    pub(crate) phrases: &'a Phrases,
    pub(crate) brand: &'a Brand,
    pub(crate) title: &'a str,
    pub(crate) cause: &'a str,
    pub(crate) remedy: Vec<TextPart>,
    pub(crate) operator: &'a str,
    /// The address that starts the login again, if that can help.
    pub(crate) restart_url: Option<&'a str>,
    pub(crate) contact_url: Option<&'a str>,
    /// The error code, as API clients and the log have it.
    pub(crate) code: &'a str,
    pub(crate) reference: &'a str,
}

pub(crate) fn page(status: StatusCode, template: &impl Template) -> Response {
    match template.render() {
        Ok(html) => (status, Html(html)).into_response(),
        // Writing to a String cannot fail, and no template calls code that can.
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}
