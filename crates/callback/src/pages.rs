//! The HTML pages: templates compiled from `templates/`, with one inline style sheet and no scripts. The only asset from
//! elsewhere is the operator's logo.

use askama::Template;
use axum::response::{Html, IntoResponse, Response};
use evertoken_core::document::ProviderName;
use http::StatusCode;
use url::Url;

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
    /// The buttons that start a login; none if an invite is required.
    pub(crate) buttons: Vec<LoginButton>,
    /// Whether there is more than one button.
    pub(crate) is_choice: bool,
}

/// A button that starts a login.
pub(crate) struct LoginButton {
    pub(crate) url: String,
    /// Its text where it is one of several.
    pub(crate) label: &'static str,
    /// Its text on the landing page of an invite, where it is the only one.
    pub(crate) proceed: &'static str,
    /// Who should take it.
    pub(crate) hint: &'static str,
    /// Who sees the password.
    pub(crate) password: &'static str,
}

impl LoginButton {
    pub(crate) fn new(phrases: &'static Phrases, login: ProviderName, url: Url) -> Self {
        let (label, proceed, hint, password) = match login {
            ProviderName::Instagram => (
                phrases.login_instagram,
                phrases.invite_continue,
                phrases.login_instagram_hint,
                phrases.invite_password,
            ),
            ProviderName::Facebook => (
                phrases.login_facebook,
                phrases.invite_continue_facebook,
                phrases.login_facebook_hint,
                phrases.invite_password_facebook,
            ),
        };
        Self { url: url.into(), label, proceed, hint, password }
    }
}

/// The accounts to choose from after a login through Facebook.
#[derive(Template)]
#[template(path = "choose.html")]
pub(crate) struct ChooseTemplate<'a> {
    pub(crate) phrases: &'a Phrases,
    pub(crate) brand: &'a Brand,
    /// Where the form leads.
    pub(crate) action: &'a str,
    /// The signed state of the login.
    pub(crate) state: &'a str,
    /// Whether several may be chosen.
    pub(crate) many: bool,
    pub(crate) accounts: Vec<OfferedAccount<'a>>,
}

/// An account to choose.
pub(crate) struct OfferedAccount<'a> {
    pub(crate) id: &'a str,
    pub(crate) username: &'a str,
    pub(crate) name: Option<&'a str>,
    /// The name of its Facebook Page.
    pub(crate) page: Option<&'a str>,
    pub(crate) picture: Option<&'a Url>,
}

/// The landing page of an invite.
#[derive(Template)]
#[template(path = "invite.html")]
pub(crate) struct InviteTemplate<'a> {
    pub(crate) phrases: &'a Phrases,
    pub(crate) brand: &'a Brand,
    /// Who asks.
    pub(crate) from: &'a str,
    /// What it is for.
    pub(crate) purpose: &'a str,
    pub(crate) note: Option<&'a str>,
    /// What Instagram will ask for, in plain words.
    pub(crate) permissions: Vec<String>,
    /// How to end the connection.
    pub(crate) end: Vec<TextPart>,
    pub(crate) buttons: Vec<LoginButton>,
    /// Whether there is more than one button.
    pub(crate) is_choice: bool,
}

#[derive(Template)]
#[template(path = "connected.html")]
pub(crate) struct ConnectedTemplate<'a> {
    pub(crate) phrases: &'a Phrases,
    pub(crate) brand: &'a Brand,
    pub(crate) heading: &'a str,
    /// The usernames of the other accounts that were connected.
    pub(crate) others: &'a [String],
    /// Whether the connection must be confirmed again on Facebook.
    pub(crate) through_facebook: bool,
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
