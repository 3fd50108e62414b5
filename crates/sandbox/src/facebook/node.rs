//! `GET /me` and `GET /{id}` with a token of Facebook's: a person, a page or an Instagram account.

use axum::extract::State;
use axum::response::Response;
use serde_json::{Map, Value, json};
use time::OffsetDateTime;

use crate::endpoint::Endpoint;
use crate::facebook::account_node;
use crate::facebook::caller::Caller;
use crate::facebook::fields::{PAGE, USER, requested};
use crate::facebook::id::FacebookId;
use crate::facebook::page_json;
use crate::facebook::rejection::FacebookRejection;
use crate::facebook::respond::respond;
use crate::facebook::token::TokenOwner;
use crate::facebook::token_check::is_facebook_token;
use crate::graph_request::GraphRequest;
use crate::profile;
use crate::sandbox::Sandbox;
use crate::state::SandboxState;

const DEFAULT_FIELDS: &str = "name,id";

/// `GET /me`, on the host that the token belongs to. With a page token it is the page.
pub(crate) async fn me(State(sandbox): State<Sandbox>, request: GraphRequest) -> Response {
    if !request.token().is_some_and(is_facebook_token) {
        return profile::me(State(sandbox), request).await;
    }
    let person = sandbox.state().facebook.person_of(request.token());
    respond(&sandbox, Endpoint::FacebookMe, person, |state, now| {
        let caller = state.caller(&request, now)?;
        match caller.token.owner {
            TokenOwner::Page(page) => read_page(state, &caller, page, &request, now),
            TokenOwner::User | TokenOwner::SystemUser => read_user(state, &caller, &request),
        }
    })
    .await
}

/// `GET /{id}`.
pub(crate) async fn read(State(sandbox): State<Sandbox>, request: GraphRequest) -> Response {
    let id = request.path_param("node").and_then(|id| id.parse::<FacebookId>().ok());
    let is_instagrams = request.token().is_some_and(|token| token.starts_with("IGAA"));
    let (Some(id), false) = (id, is_instagrams) else {
        let unknown = FacebookRejection::UnknownPath(request.path.clone());
        let subcode_format = sandbox.state().shapes.error_subcode;
        return unknown.response(subcode_format).response;
    };
    let person = {
        let state = sandbox.state();
        if state.accounts.iter().any(|account| account.account_id == id.into()) {
            None
        } else {
            Some(state.facebook.person_of(request.token()))
        }
    };
    let Some(person) = person else { return account_node::read(State(sandbox), request).await };
    let is_person = person.is_some_and(|person| FacebookId::from(person) == id);
    let endpoint = if is_person { Endpoint::FacebookMe } else { Endpoint::FacebookPage };
    respond(&sandbox, endpoint, person, |state, now| {
        let caller = state.caller(&request, now)?;
        let is_user = !matches!(caller.token.owner, TokenOwner::Page(_)) && caller.user_id() == id;
        if is_user { read_user(state, &caller, &request) } else { read_page(state, &caller, id, &request, now) }
    })
    .await
}

fn read_user(state: &SandboxState, caller: &Caller, request: &GraphRequest) -> Result<Value, FacebookRejection> {
    let fields = requested(request, DEFAULT_FIELDS, &USER)?;
    let members = fields.iter().map(|field| {
        let value = match field.name {
            "id" => state.facebook.shapes.id(caller.user_id()),
            _ => json!(caller.person.name),
        };
        (field.name.to_owned(), value)
    });
    Ok(members.collect::<Map<_, _>>().into())
}

/// A page that was granted. Its owner needs `pages_read_engagement` (Meta, reference page "Page").
fn read_page(
    state: &mut SandboxState,
    caller: &Caller,
    id: FacebookId,
    request: &GraphRequest,
    now: OffsetDateTime,
) -> Result<Value, FacebookRejection> {
    let fields = requested(request, DEFAULT_FIELDS, &PAGE)?;
    let page = caller.pages.iter().find(|page| page.id == id);
    let page = page.ok_or_else(|| FacebookRejection::UnknownObject(id.to_string()))?;
    caller.require("pages_read_engagement")?;
    page_json::page(state, caller, page, &fields, now)
}
