//! The pages of `/dialog/oauth`.

use askama::Template;
use http::StatusCode;

use crate::consent_page::page;
use crate::endpoint_response::EndpointResponse;
use crate::facebook::app::ConfiguredToken;
use crate::facebook::dialog_request::{DialogError, DialogRequest};
use crate::facebook::person::{Person, PersonKind};
use crate::state::SandboxState;

#[derive(Template)]
#[template(path = "facebook_dialog.html")]
pub(crate) struct DialogPage<'a> {
    app_id: &'a str,
    version: &'a str,
    request: &'a DialogRequest,
    persons: Vec<PersonChoice<'a>>,
    /// The permissions, and whether each can be declined.
    scopes: Vec<(&'a str, bool)>,
}

struct PersonChoice<'a> {
    label: &'a str,
    name: &'a str,
    /// The pages to choose from. `None` if the earlier choice is used.
    pages: Option<Vec<PageChoice<'a>>>,
}

struct PageChoice<'a> {
    /// The person and the page, because the same page may be offered to several people.
    value: String,
    name: &'a str,
    /// The linked account's username.
    account: Option<&'a str>,
}

impl<'a> DialogPage<'a> {
    pub(crate) fn new(state: &'a SandboxState, version: &'a str, request: &'a DialogRequest) -> Self {
        let persons = state.facebook.persons.iter().filter(|person| person.kind == PersonKind::Person);
        Self {
            app_id: &state.facebook.app.id,
            version,
            request,
            persons: persons.map(|person| choice(state, request, person)).collect(),
            scopes: request
                .scopes
                .iter()
                .map(|scope| (scope.as_str(), request.can_decline && scope != "public_profile"))
                .collect(),
        }
    }

    pub(crate) fn response(&self) -> EndpointResponse {
        page("consent_shown", StatusCode::OK, self)
    }
}

fn choice<'a>(state: &'a SandboxState, request: &DialogRequest, person: &'a Person) -> PersonChoice<'a> {
    let pages = person.offered_pages().map(|page| PageChoice {
        value: format!("{}/{}", person.label, page.id),
        name: &page.name,
        account: page.account().and_then(|id| Some(state.professional_account(id)?.username.as_str())),
    });
    let pages = asks_for_pages(state, request, person).then(|| pages.collect());
    PersonChoice { label: &person.label, name: &person.name, pages }
}

/// Whether a person chooses pages. After the first login, Facebook uses the earlier choice unless `auth_type` says otherwise.
pub(crate) fn asks_for_pages(state: &SandboxState, request: &DialogRequest, person: &Person) -> bool {
    let has_logged_in = state.facebook.granted.get(&person.id).is_some_and(|granted| granted.at.is_some());
    let is_first = !has_logged_in || person.revoked;
    is_first || request.asks_again || request.token != ConfiguredToken::User
}

#[derive(Template)]
#[template(path = "facebook_error.html")]
pub(crate) struct DialogErrorPage<'a> {
    message: &'a str,
}

impl<'a> DialogErrorPage<'a> {
    pub(crate) fn response(error: &'a DialogError) -> EndpointResponse {
        page(error.outcome, StatusCode::BAD_REQUEST, &Self { message: &error.message })
    }
}
