//! The handlers of `/dialog/oauth`: the consent page and the redirect to the app.

use axum::extract::{Path, RawQuery, Request, State};
use axum::response::Response;
use http::header::{CACHE_CONTROL, LOCATION};
use http::{HeaderValue, StatusCode};
use time::OffsetDateTime;

use crate::endpoint::Endpoint;
use crate::endpoint_response::EndpointResponse;
use crate::facebook::app::ConfiguredToken;
use crate::facebook::authorization_code::{CodeGrant, FacebookCode};
use crate::facebook::dialog_page::{DialogErrorPage, DialogPage, asks_for_pages};
use crate::facebook::dialog_request::{DialogError, DialogRequest};
use crate::facebook::granted::Granted;
use crate::facebook::id::FacebookId;
use crate::facebook::person::{Person, PersonKind};
use crate::params::Params;
use crate::request_handler::RequestHandler;
use crate::sandbox::Sandbox;
use crate::state::SandboxState;

pub(crate) async fn show(
    State(sandbox): State<Sandbox>,
    Path(version): Path<String>,
    RawQuery(query): RawQuery,
) -> Response {
    let handler = RequestHandler::new(&sandbox, Endpoint::FacebookDialog);
    let params = Params::from_query(query.as_deref());
    handler
        .handle(None, |state, now| match DialogRequest::parse(state, &version, &params, now) {
            Ok(request) => DialogPage::new(state, &version, &request).response(),
            Err(error) => DialogErrorPage::response(&error),
        })
        .await
}

pub(crate) async fn submit(State(sandbox): State<Sandbox>, Path(version): Path<String>, request: Request) -> Response {
    let handler = RequestHandler::new(&sandbox, Endpoint::FacebookDialog);
    let params = Params::from_body(request).await;
    let person = {
        let persons = &sandbox.state().facebook.persons;
        params.get("person").and_then(|name| persons.find(name).ok()).map(|person| person.id.into())
    };
    handler
        .handle(person, |state, now| {
            let decided = DialogRequest::parse(state, &version, &params, now)
                .and_then(|request| decide(request, state, &params, now));
            decided.unwrap_or_else(|error| DialogErrorPage::response(&error))
        })
        .await
}

/// Redirects to the app with a code or an error.
fn decide(
    request: DialogRequest,
    state: &mut SandboxState,
    params: &Params,
    now: OffsetDateTime,
) -> Result<EndpointResponse, DialogError> {
    match params.get("decision") {
        Some("allow") => {}
        Some("cancel") => {
            let error = [
                ("error", "access_denied"),
                ("error_code", "200"),
                ("error_description", "Permissions error"),
                ("error_reason", "user_denied"),
            ];
            return Ok(redirect(request, "denied", &error));
        }
        _ => return Err(DialogError::new("no_decision", "Choose Allow or Cancel.")),
    }
    let person = params.get("person").and_then(|name| state.facebook.persons.find(name).ok());
    let person = person.filter(|person| person.kind == PersonKind::Person).cloned();
    let person = person.ok_or_else(|| DialogError::new("unknown_person", "There is no such person."))?;
    let declined = declined(&request, params)?;
    let pages = chosen_pages(state, &request, params, &person)?;
    let scopes: Vec<String> = request.scopes.iter().filter(|scope| !declined.contains(scope)).cloned().collect();
    let grant = match request.token {
        ConfiguredToken::User => {
            remember(state, &request, &person, &scopes, declined, pages, now);
            CodeGrant::User
        }
        ConfiguredToken::SystemUser => CodeGrant::SystemUser { is_dated: false, scopes, pages },
        ConfiguredToken::SystemUserFor60Days => CodeGrant::SystemUser { is_dated: true, scopes, pages },
    };
    // Somebody who gets here has logged in to Facebook and followed its instructions.
    if let Some(person) = state.facebook.persons.get_mut(person.id) {
        person.revoked = false;
        person.password_changed = false;
        person.checkpointed = false;
    }
    let redirect_uri = request.redirect_uri.clone();
    let code = FacebookCode { person: person.id, redirect_uri, grant, issued_at: now, used: false };
    let code = state.facebook.issue_code(code);
    Ok(redirect(request, "allowed", &[("code", &code)]))
}

/// Under Facebook Login for Business, the app gets every requested permission or none.
fn declined(request: &DialogRequest, params: &Params) -> Result<Vec<String>, DialogError> {
    let declined: Vec<String> = params.all("declined").map(str::to_owned).collect();
    let can_decline =
        |scope: &String| request.can_decline && scope != "public_profile" && request.scopes.contains(scope);
    match declined.iter().find(|scope| !can_decline(scope)) {
        Some(scope) => Err(DialogError::new("cannot_decline", format!("The permission {scope} cannot be declined."))),
        None => Ok(declined),
    }
}

/// The pages that the form names, or those of the earlier choice.
fn chosen_pages(
    state: &SandboxState,
    request: &DialogRequest,
    params: &Params,
    person: &Person,
) -> Result<Vec<FacebookId>, DialogError> {
    if !asks_for_pages(state, request, person) {
        return Ok(state.facebook.granted.get(&person.id).map(|granted| granted.pages.clone()).unwrap_or_default());
    }
    let mut chosen = Vec::new();
    for value in params.all("page") {
        // The page shows the boxes of everybody, and the browser submits all that are ticked.
        let id = match value.split_once('/') {
            Some((label, _)) if label != person.label => continue,
            Some((_, id)) => id,
            None => value,
        };
        let offered = person.offered_pages().find(|page| Ok(page.id) == id.parse());
        let page = offered.ok_or_else(|| DialogError::new("unknown_page", "There is no such page."))?;
        chosen.push(page.id);
    }
    Ok(chosen)
}

/// Adds to what the person has granted before. A person who is not asked again keeps what was declined.
fn remember(
    state: &mut SandboxState,
    request: &DialogRequest,
    person: &Person,
    scopes: &[String],
    declined: Vec<String>,
    pages: Vec<FacebookId>,
    now: OffsetDateTime,
) {
    let granted = state.facebook.granted.entry(person.id).or_default();
    if person.revoked {
        *granted = Granted::default();
    }
    let keeps = |scope: &&String| request.asks_again || !granted.declined.contains(scope);
    let added: Vec<String> = scopes.iter().filter(keeps).cloned().collect();
    granted.add_scopes(&added);
    granted.decline(declined);
    granted.pages = pages;
    granted.at = Some(now);
}

/// Redirects the browser to the app. Facebook adds `#_=_`, which a browser does not send to the app.
fn redirect(request: DialogRequest, outcome: &'static str, pairs: &[(&str, &str)]) -> EndpointResponse {
    let mut url = request.target;
    url.query_pairs_mut().extend_pairs(pairs).extend_pairs(request.state.map(|state| ("state", state)));
    url.set_fragment(Some("_=_"));
    let Ok(location) = HeaderValue::try_from(url.as_str()) else { return EndpointResponse::internal_error() };
    let headers = [(LOCATION, location), (CACHE_CONTROL, HeaderValue::from_static("no-store"))];
    EndpointResponse::new(outcome, (StatusCode::FOUND, headers))
}
