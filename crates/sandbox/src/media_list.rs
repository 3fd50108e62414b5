//! `GET /me/media` and `GET /{media}/children`: an account's posts, and the parts of an album (Meta, reference pages "IG
//! User/media" and "IG Media/children").

use axum::Json;
use axum::extract::State;
use axum::response::Response;
use serde_json::{Map, Value, json};
use time::{Duration, OffsetDateTime};
use url::form_urlencoded;

use crate::account::Account;
use crate::call_usage::CallUsage;
use crate::endpoint::Endpoint;
use crate::endpoint_response::EndpointResponse;
use crate::graph_rejection::GraphRejection;
use crate::graph_request::GraphRequest;
use crate::media_fields::{self, Field};
use crate::media_json::PostWriter;
use crate::media_link::LinkSigner;
use crate::media_page::{Page, PageRequest, cursor};
use crate::request_handler::RequestHandler;
use crate::sandbox::Sandbox;
use crate::state::SandboxState;

pub(crate) const USAGE: &str = "x-business-use-case-usage";

pub(crate) async fn posts(State(sandbox): State<Sandbox>, request: GraphRequest) -> Response {
    respond(&sandbox, &request, list_posts).await
}

pub(crate) async fn children(State(sandbox): State<Sandbox>, request: GraphRequest) -> Response {
    respond(&sandbox, &request, list_children).await
}

type Operation = fn(&mut SandboxState, &GraphRequest, &Account, OffsetDateTime) -> Result<Value, GraphRejection>;

/// Every response to an account's call shows how much of the account's budget is used.
async fn respond(sandbox: &Sandbox, request: &GraphRequest, operation: Operation) -> Response {
    let handler = RequestHandler::new(sandbox, Endpoint::Media);
    let account = sandbox.state().account_of(request.token());
    handler
        .handle(account, |state, now| {
            let subcode_format = state.shapes.error_subcode;
            let usage = account.and_then(|id| {
                let account = state.accounts.get(id)?;
                account.call_usage?.header(account.account_id)
            });
            let mut response = match answer(state, request, operation, now) {
                Ok(body) => EndpointResponse::new("ok", Json(body)),
                Err(rejection) => rejection.response(subcode_format),
            };
            if let Some(usage) = usage {
                response.response.headers_mut().insert(USAGE, usage);
            }
            response
        })
        .await
}

fn answer(
    state: &mut SandboxState,
    request: &GraphRequest,
    operation: Operation,
    now: OffsetDateTime,
) -> Result<Value, GraphRejection> {
    request.check_version(now)?;
    let (token, account) = state.check_token(request.token(), now)?;
    token.require_base_scope()?;
    if account.call_usage.is_some_and(CallUsage::is_exhausted) {
        return Err(GraphRejection::TooManyCalls);
    }
    let account = account.clone();
    operation(state, request, &account, now)
}

pub(crate) fn list_posts(
    state: &mut SandboxState,
    request: &GraphRequest,
    account: &Account,
    now: OffsetDateTime,
) -> Result<Value, GraphRejection> {
    let fields = requested_fields(state, request)?;
    let page_request = PageRequest::parse(&request.params)?;
    let links = links(state, request, now);
    let page = page_request.of(state.media.of(account).all());
    let writer = PostWriter { account, links: &links };
    let data: Vec<_> = page.posts.iter().map(|post| writer.post(post, &fields)).collect();
    let mut body = Map::from_iter([("data".to_owned(), data.into())]);
    if let Some(paging) = paging(&page, request) {
        body.insert("paging".to_owned(), paging);
    }
    Ok(body.into())
}

pub(crate) fn list_children(
    state: &mut SandboxState,
    request: &GraphRequest,
    account: &Account,
    now: OffsetDateTime,
) -> Result<Value, GraphRejection> {
    let fields = requested_fields(state, request)?;
    let links = links(state, request, now);
    let id = request.path_param("media").unwrap_or_default();
    let post = id.parse().ok().and_then(|id| state.media.of(account).get(id).ok());
    let post = post.ok_or_else(|| GraphRejection::UnknownObject(id.to_owned()))?;
    Ok(PostWriter { account, links: &links }.children(post, &fields))
}

fn requested_fields<'a>(state: &SandboxState, request: &'a GraphRequest) -> Result<Vec<Field<'a>>, GraphRejection> {
    media_fields::parse(request.params.get("fields").unwrap_or("id"), &state.app.refused_fields)
}

fn links(state: &mut SandboxState, request: &GraphRequest, now: OffsetDateTime) -> LinkSigner {
    LinkSigner {
        key: state.media.signing_key.clone(),
        origin: request.origin.clone(),
        expires_at: now.saturating_add(Duration::seconds(state.shapes.media_link_seconds.into())),
        listing: state.media.next_listing(),
    }
}

/// Left out on an empty page. Like Instagram's, the links contain the token.
fn paging(page: &Page<'_>, request: &GraphRequest) -> Option<Value> {
    let (first, last) = (cursor(page.posts.first()?), cursor(page.posts.last()?));
    let mut paging = json!({"cursors": {"before": first, "after": last}});
    let link = |name, cursor: &str| {
        let params = ["access_token", "fields", "limit"].into_iter().filter_map(|name| {
            let value = if name == "access_token" { request.token() } else { request.params.get(name) };
            Some((name, value?))
        });
        let query: String =
            form_urlencoded::Serializer::new(String::new()).extend_pairs(params.chain([(name, cursor)])).finish();
        json!(format!("{}{}?{query}", request.origin, request.path))
    };
    let links = [("next", page.has_next, "after", &last), ("previous", page.has_previous, "before", &first)];
    for (key, _, name, cursor) in links.into_iter().filter(|(_, exists, ..)| *exists) {
        paging.as_object_mut()?.insert(key.to_owned(), link(name, cursor));
    }
    Some(paging)
}
