//! `GET /me`: the profile of a token's account (Meta, "Get started" for Instagram Login).

use axum::Json;
use axum::extract::{Path, RawQuery, State};
use axum::response::Response;
use http::header::AUTHORIZATION;
use http::{HeaderMap, Uri};
use serde_json::{Map, Value, json};
use time::macros::date;
use time::{Date, OffsetDateTime};

use crate::account::Account;
use crate::endpoint::Endpoint;
use crate::endpoint_response::EndpointResponse;
use crate::graph_rejection::GraphRejection;
use crate::params::Params;
use crate::request_handler::RequestHandler;
use crate::sandbox::Sandbox;
use crate::state::SandboxState;

/// The versions of the Graph API and the day on which each expires (Meta, Graph API changelog). Meta serves a request
/// for an expired version with a younger one. The sandbox rejects it, to make an outdated version visible.
const VERSIONS: [(&str, Option<Date>); 6] = [
    ("v21.0", Some(date!(2027 - 01 - 21))),
    ("v22.0", Some(date!(2027 - 05 - 20))),
    ("v23.0", Some(date!(2027 - 10 - 08))),
    ("v24.0", Some(date!(2028 - 02 - 18))),
    ("v25.0", Some(date!(2028 - 07 - 29))),
    ("v26.0", None),
];

pub(crate) async fn me(State(sandbox): State<Sandbox>, RawQuery(query): RawQuery, headers: HeaderMap) -> Response {
    respond(&sandbox, query.as_deref(), &headers, |_| Ok(())).await
}

pub(crate) async fn versioned_me(
    State(sandbox): State<Sandbox>,
    Path(version): Path<String>,
    uri: Uri,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Response {
    let check_version = |now: OffsetDateTime| {
        let is_supported = |expires_on: Option<Date>| expires_on.is_none_or(|day| now.date() < day);
        if VERSIONS.iter().any(|(known, expires_on)| *known == version && is_supported(*expires_on)) {
            return Ok(());
        }
        Err(GraphRejection::UnknownPath(uri.path().to_owned()))
    };
    respond(&sandbox, query.as_deref(), &headers, check_version).await
}

/// Accepts the token in the query or as a bearer token.
async fn respond(
    sandbox: &Sandbox,
    query: Option<&str>,
    headers: &HeaderMap,
    check_version: impl FnOnce(OffsetDateTime) -> Result<(), GraphRejection>,
) -> Response {
    let handler = RequestHandler::new(sandbox, Endpoint::Me);
    let params = Params::from_query(query);
    let bearer = headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok()?.strip_prefix("Bearer "));
    let token = params.get("access_token").or(bearer);
    let account = sandbox.state().account_of(token);
    handler
        .handle_graph(account, |state, now| {
            check_version(now)?;
            read_profile(state, token, params.get("fields").unwrap_or("id"), now)
        })
        .await
}

/// The requested fields.
fn read_profile(
    state: &SandboxState,
    token: Option<&str>,
    fields: &str,
    now: OffsetDateTime,
) -> Result<EndpointResponse, GraphRejection> {
    let (token, account) = state.check_token(token, now)?;
    token.require_base_scope()?;
    let profile = fields
        .split(',')
        .map(|field| Ok((field.to_owned(), read_field(account, field)?)))
        .collect::<Result<Map<_, _>, GraphRejection>>()?;
    Ok(EndpointResponse::new("ok", Json(state.shapes.profile.wrap(profile.into()))))
}

fn read_field(account: &Account, field: &str) -> Result<Value, GraphRejection> {
    Ok(match field {
        "id" => json!(account.app_scoped_id),
        "user_id" => json!(account.account_id),
        "username" | "name" => json!(account.username),
        "account_type" => json!(account.account_type),
        "profile_picture_url" => json!(format!("https://sandbox.invalid/{}.jpg", account.username)),
        "followers_count" | "follows_count" | "media_count" => json!(0),
        _ => return Err(GraphRejection::UnknownField(field.to_owned())),
    })
}
