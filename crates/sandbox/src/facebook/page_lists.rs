//! The lists of pages: `/me/accounts`, `/me/assigned_pages`, `/me/businesses`, `/{business}/owned_pages` and
//! `/{business}/client_pages` (Meta, reference pages "User/accounts" and "Business").

use axum::extract::State;
use axum::response::Response;
use serde_json::{Map, Value, json};
use time::OffsetDateTime;

use crate::endpoint::Endpoint;
use crate::facebook::caller::Caller;
use crate::facebook::fields::{BUSINESS, PAGE, requested};
use crate::facebook::id::FacebookId;
use crate::facebook::page::{Business, BusinessRelation, Page};
use crate::facebook::page_json;
use crate::facebook::paging::{Part, part};
use crate::facebook::rejection::FacebookRejection;
use crate::facebook::respond::respond;
use crate::graph_request::GraphRequest;
use crate::sandbox::Sandbox;
use crate::state::SandboxState;

/// The fields of `/me/accounts` if the request names none (Meta's sample).
const ACCOUNTS_DEFAULT: &str = "access_token,category,name,id,tasks";

/// The pages that the person has granted, except for hidden ones.
pub(crate) async fn accounts(State(sandbox): State<Sandbox>, request: GraphRequest) -> Response {
    list(&sandbox, &request, Endpoint::FacebookAccounts, |state, caller, request, now| {
        caller.require_user("accounts")?;
        caller.require_for_list("pages_show_list")?;
        let pages: Vec<_> = caller.pages.iter().filter(|page| !page.hidden).cloned().collect();
        write_pages(state, caller, &pages, request, ACCOUNTS_DEFAULT, now)
    })
    .await
}

/// The granted pages to which a business has assigned the user.
pub(crate) async fn assigned_pages(State(sandbox): State<Sandbox>, request: GraphRequest) -> Response {
    list(&sandbox, &request, Endpoint::FacebookBusinesses, |state, caller, request, now| {
        caller.require_user("assigned_pages")?;
        caller.require_for_list("pages_show_list")?;
        let pages: Vec<_> = caller.pages.iter().filter(|page| page.business.is_some()).cloned().collect();
        write_pages(state, caller, &pages, request, "id,name", now)
    })
    .await
}

/// The business portfolios in which the person has a page.
pub(crate) async fn businesses(State(sandbox): State<Sandbox>, request: GraphRequest) -> Response {
    list(&sandbox, &request, Endpoint::FacebookBusinesses, |state, caller, request, _| {
        caller.require_user("businesses")?;
        caller.require_for_list("business_management")?;
        let fields = requested(request, "id,name", &BUSINESS)?;
        let businesses = businesses_of(caller);
        let part = part(&businesses, |business| business.id, request)?;
        let write = |business: &Business| {
            let members = fields.iter().map(|field| {
                let value =
                    if field.name == "id" { state.facebook.shapes.id(business.id) } else { json!(business.name) };
                (field.name.to_owned(), value)
            });
            Value::from(members.collect::<Map<_, _>>())
        };
        let data = part.items.iter().map(write).collect();
        Ok(body(data, part))
    })
    .await
}

pub(crate) async fn owned_pages(State(sandbox): State<Sandbox>, request: GraphRequest) -> Response {
    pages_of_business(&sandbox, &request, BusinessRelation::Owned).await
}

pub(crate) async fn client_pages(State(sandbox): State<Sandbox>, request: GraphRequest) -> Response {
    pages_of_business(&sandbox, &request, BusinessRelation::Client).await
}

/// All pages of a business on which the person has a role, also those that were not chosen in the dialog: a user token
/// inherits what the person can do (Meta, "Facebook Login for Business").
async fn pages_of_business(sandbox: &Sandbox, request: &GraphRequest, relation: BusinessRelation) -> Response {
    list(sandbox, request, Endpoint::FacebookBusinesses, |state, caller, request, now| {
        caller.require_user("owned_pages")?;
        caller.require_for_list("business_management")?;
        let id = request.path_param("node").unwrap_or_default();
        let business = id.parse::<FacebookId>().ok();
        if !businesses_of(caller).iter().any(|known| Some(known.id) == business) {
            return Err(FacebookRejection::UnknownObject(id.to_owned()));
        }
        let is_wanted = |page: &&Page| {
            let of = page.business.as_ref();
            of.is_some_and(|of| Some(of.id) == business && of.relation == relation)
        };
        let pages: Vec<_> = caller.person.offered_pages().filter(is_wanted).cloned().collect();
        write_pages(state, caller, &pages, request, "id,name", now)
    })
    .await
}

async fn list(
    sandbox: &Sandbox,
    request: &GraphRequest,
    endpoint: Endpoint,
    operation: impl FnOnce(&mut SandboxState, &Caller, &GraphRequest, OffsetDateTime) -> Result<Value, FacebookRejection>,
) -> Response {
    let person = sandbox.state().facebook.person_of(request.token());
    respond(sandbox, endpoint, person, |state, now| {
        let caller = state.caller(request, now)?;
        operation(state, &caller, request, now)
    })
    .await
}

fn write_pages(
    state: &mut SandboxState,
    caller: &Caller,
    pages: &[Page],
    request: &GraphRequest,
    default: &str,
    now: OffsetDateTime,
) -> Result<Value, FacebookRejection> {
    let fields = requested(request, default, &PAGE)?;
    let part = part(pages, |page| page.id, request)?;
    let written = part.items.iter().map(|page| page_json::page(state, caller, page, &fields, now));
    let data = written.collect::<Result<_, _>>()?;
    Ok(body(data, part))
}

fn body<T>(data: Vec<Value>, part: Part<'_, T>) -> Value {
    let mut body = Map::from_iter([("data".to_owned(), data.into())]);
    body.extend(part.paging.map(|paging| ("paging".to_owned(), paging)));
    body.into()
}

/// Each once, in the order of the pages.
fn businesses_of(caller: &Caller) -> Vec<Business> {
    let mut businesses: Vec<Business> = Vec::new();
    for business in caller.person.offered_pages().filter_map(|page| page.business.as_ref()) {
        if !businesses.iter().any(|known| known.id == business.id) {
            businesses.push(business.clone());
        }
    }
    businesses
}
