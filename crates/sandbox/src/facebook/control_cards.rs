//! The people on the control page, and the forms that change them.

use axum::extract::{Request, State};
use axum::response::Response;
use time::OffsetDateTime;

use crate::control_page::{ControlPage, invalid};
use crate::facebook::page::Page;
use crate::facebook::person::Person;
use crate::facebook::token::{FacebookToken, TokenOwner};
use crate::params::Params;
use crate::state::SandboxState;
use crate::what_happened::{day, reason};

/// A person who has logged in, or a system user with a token.
pub(crate) struct PersonCard {
    pub(crate) label: String,
    pub(crate) name: String,
    /// Until when the app can read Instagram.
    pub(crate) data_access: String,
    pub(crate) pages: Vec<PageCard>,
}

/// A page of a person.
pub(crate) struct PageCard {
    pub(crate) id: String,
    pub(crate) name: String,
    /// The linked account and what became of the newest token. Not the token.
    pub(crate) token: String,
    pub(crate) works: bool,
    pub(crate) has_role: bool,
    pub(crate) is_linked: bool,
}

/// The cards of the people who have logged in, and the names of the others.
pub(crate) fn cards(state: &SandboxState, now: OffsetDateTime) -> (Vec<PersonCard>, Vec<String>) {
    let (mut cards, mut others) = (Vec::new(), Vec::new());
    for person in state.facebook.persons.iter() {
        if state.facebook.tokens.values().any(|token| token.person == person.id) {
            cards.push(card(state, person, now));
        } else {
            others.push(person.name.clone());
        }
    }
    (cards, others)
}

fn card(state: &SandboxState, person: &Person, now: OffsetDateTime) -> PersonCard {
    let data_access = match state.facebook.data_access_expires_at(person.id) {
        None => "Data access does not end.".to_owned(),
        Some(at) if now >= at => format!("Data access ended on {}.", day(at)),
        Some(at) => format!("Data access ends on {}.", day(at)),
    };
    let pages = person.pages.iter().map(|page| page_card(state, person, page, now)).collect();
    PersonCard { label: person.label.clone(), name: person.name.clone(), data_access, pages }
}

fn page_card(state: &SandboxState, person: &Person, page: &Page, now: OffsetDateTime) -> PageCard {
    let account = page.account().and_then(|id| state.professional_account(id));
    let linked = account.map_or_else(|| "no account".to_owned(), |account| format!("@{}", account.username));
    let status = newest_token(state, person, page).map(|(text, token)| {
        let checked = state.facebook.check_token(Some(text), now);
        checked.and_then(|_| state.facebook.check_data_access(token, now))
    });
    let (works, token) = match status {
        None => (true, "no token".to_owned()),
        Some(Err(rejection)) => (false, format!("rejected: {}", reason(rejection.outcome()))),
        Some(Ok(())) if account.is_none() => (false, "rejected: no account is linked".to_owned()),
        Some(Ok(())) => (true, "works".to_owned()),
    };
    PageCard {
        id: page.id.to_string(),
        name: page.name.clone(),
        token: format!("{linked}, newest token: {token}"),
        works,
        has_role: !page.role_lost,
        is_linked: !page.unlinked,
    }
}

/// A page's own token, or that of a system user.
fn newest_token<'a>(state: &'a SandboxState, person: &Person, page: &Page) -> Option<(&'a String, &'a FacebookToken)> {
    let is_wanted = |token: &FacebookToken| match token.owner {
        TokenOwner::Page(id) => id == page.id,
        TokenOwner::SystemUser => true,
        TokenOwner::User => false,
    };
    let tokens = state.facebook.tokens.iter().filter(|(_, token)| token.person == person.id && is_wanted(token));
    tokens.max_by_key(|(_, token)| token.issued_at)
}

/// Does what a person can do on Facebook.
pub(crate) async fn change(State(control): State<ControlPage>, request: Request) -> Response {
    let params = Params::from_body(request).await;
    let person = params.get("person").unwrap_or_default();
    let sandbox = &control.sandbox;
    let known = sandbox.person(person).ok();
    let name = known.as_ref().map_or(person, |person| person.name.as_str());
    let page_name = |id: &str| {
        let page = known.as_ref().and_then(|person| person.page(id.parse().ok()?));
        page.map_or_else(|| id.to_owned(), |page| page.name.clone())
    };
    let (changed, what) = match (params.get("change"), params.get("page")) {
        (Some("password"), None) => (
            sandbox.update_person(person, |person| person.password_changed = true),
            format!("{name} changed the password"),
        ),
        (Some("removal"), None) => {
            (sandbox.update_person(person, |person| person.revoked = true), format!("{name} removed the app"))
        }
        (Some("checkpoint"), None) => (
            sandbox.update_person(person, |person| person.checkpointed = true),
            format!("{name} has to confirm something on Facebook"),
        ),
        (Some("role"), Some(page)) => (
            sandbox.update_page(person, page, |page| page.role_lost = !page.role_lost),
            format!("The role of {name} on {} was changed", page_name(page)),
        ),
        (Some("link"), Some(page)) => (
            sandbox.update_page(person, page, |page| page.unlinked = !page.unlinked),
            format!("The account of {} was linked or unlinked", page_name(page)),
        ),
        _ => return invalid("change must be password, removal or checkpoint, or with a page role or link"),
    };
    control.done(changed, &what)
}
