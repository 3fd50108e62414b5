//! `GET /me`: who a token belongs to (Meta, "Get started" for Instagram Login).

use axum::Json;
use axum::extract::{Path, RawQuery, State as Shared};
use axum::response::Response;
use http::header::AUTHORIZATION;
use http::{HeaderMap, Uri};
use serde_json::{Map, Value, json};
use time::macros::date;
use time::{Date, OffsetDateTime};

use crate::Sandbox;
use crate::account::Account;
use crate::answer::Answer;
use crate::counters::Endpoint;
use crate::graph_refusal::GraphRefusal;
use crate::params::Params;
use crate::state::State;
use crate::visit::Visit;

/// The versions of the Graph API and the day on which each ends (Meta, Graph API changelog). Meta answers a version
/// that has ended with a younger one; here it is refused, so that it is noticed.
const VERSIONS: [(&str, Option<Date>); 6] = [
    ("v21.0", Some(date!(2027 - 01 - 21))),
    ("v22.0", Some(date!(2027 - 05 - 20))),
    ("v23.0", Some(date!(2027 - 10 - 08))),
    ("v24.0", Some(date!(2028 - 02 - 18))),
    ("v25.0", Some(date!(2028 - 07 - 29))),
    ("v26.0", None),
];

/// `/me` without a version works too.
pub(crate) async fn me(Shared(sandbox): Shared<Sandbox>, RawQuery(query): RawQuery, headers: HeaderMap) -> Response {
    answer(&sandbox, query.as_deref(), &headers, |_| Ok(())).await
}

pub(crate) async fn versioned_me(
    Shared(sandbox): Shared<Sandbox>,
    Path(version): Path<String>,
    uri: Uri,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Response {
    let check = |now: OffsetDateTime| {
        let lives = |end: Option<Date>| end.is_none_or(|end| now.date() < end);
        if VERSIONS.iter().any(|(known, end)| *known == version && lives(*end)) {
            return Ok(());
        }
        Err(GraphRefusal::UnknownPath(uri.path().to_owned()))
    };
    answer(&sandbox, query.as_deref(), &headers, check).await
}

/// The token may come in the query or as a bearer token.
async fn answer(
    sandbox: &Sandbox,
    query: Option<&str>,
    headers: &HeaderMap,
    check_version: impl FnOnce(OffsetDateTime) -> Result<(), GraphRefusal>,
) -> Response {
    let visit = Visit::new(sandbox, Endpoint::Me);
    let params = Params::from_query(query);
    let bearer = headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok()?.strip_prefix("Bearer "));
    let token = params.get("access_token").or(bearer);
    let account = sandbox.state().account_of(token);
    visit
        .answer_graph(account, |state, now| {
            check_version(now)?;
            read(state, token, params.get("fields").unwrap_or("id"), now)
        })
        .await
}

/// Only the fields that are asked for are given; without any it is the id alone.
fn read(state: &State, token: Option<&str>, fields: &str, now: OffsetDateTime) -> Result<Answer, GraphRefusal> {
    let (token, account) = state.use_token(token, now)?;
    token.require_base_scope()?;
    let profile = fields
        .split(',')
        .map(|field| Ok((field.to_owned(), field_of(account, field).ok_or_else(|| unknown(field))?)))
        .collect::<Result<Map<_, _>, _>>()?;
    Ok(Answer::new("ok", Json(state.app.shapes.profile.wrap(profile.into()))))
}

fn unknown(field: &str) -> GraphRefusal {
    GraphRefusal::UnknownField(field.to_owned())
}

fn field_of(account: &Account, field: &str) -> Option<Value> {
    let value = match field {
        "id" => json!(account.app_scoped_id),
        "user_id" => json!(account.account_id),
        "username" | "name" => json!(account.username),
        "account_type" => json!(account.account_type),
        "profile_picture_url" => json!(format!("https://sandbox.invalid/{}.jpg", account.username)),
        "followers_count" | "follows_count" | "media_count" => json!(0),
        _ => return None,
    };
    Some(value)
}
