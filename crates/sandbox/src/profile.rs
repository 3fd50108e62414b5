//! `GET /me`: the profile of a token's account (Meta, "Get started" for Instagram Login).

use axum::Json;
use axum::extract::State;
use axum::response::Response;
use serde_json::{Map, Value, json};
use time::OffsetDateTime;

use crate::account::Account;
use crate::endpoint::Endpoint;
use crate::endpoint_response::EndpointResponse;
use crate::graph_rejection::GraphRejection;
use crate::graph_request::GraphRequest;
use crate::media_library::MediaLibrary;
use crate::request_handler::RequestHandler;
use crate::sandbox::Sandbox;
use crate::state::SandboxState;

pub(crate) async fn me(State(sandbox): State<Sandbox>, request: GraphRequest) -> Response {
    let handler = RequestHandler::new(&sandbox, Endpoint::Me);
    let account = sandbox.state().account_of(request.token());
    handler
        .handle_graph(account, |state, now| {
            request.check_version(now)?;
            read_profile(state, request.token(), request.params.get("fields").unwrap_or("id"), now)
        })
        .await
}

/// The requested fields.
fn read_profile(
    state: &mut SandboxState,
    token: Option<&str>,
    fields: &str,
    now: OffsetDateTime,
) -> Result<EndpointResponse, GraphRejection> {
    let (token, account) = state.check_token(token, now)?;
    token.require_base_scope()?;
    let account = account.clone();
    let profile = fields
        .split(',')
        .map(|field| Ok((field.to_owned(), read_field(&account, &mut state.media, field)?)))
        .collect::<Result<Map<_, _>, GraphRejection>>()?;
    Ok(EndpointResponse::new("ok", Json(state.shapes.profile.wrap(profile.into()))))
}

fn read_field(account: &Account, media: &mut MediaLibrary, field: &str) -> Result<Value, GraphRejection> {
    Ok(match field {
        "id" => json!(account.app_scoped_id),
        "user_id" => json!(account.account_id),
        "username" | "name" => json!(account.username),
        "account_type" => json!(account.account_type),
        "profile_picture_url" => json!(format!("https://sandbox.invalid/{}.jpg", account.username)),
        "media_count" => json!(media.of(account).all().len()),
        "followers_count" | "follows_count" => json!(0),
        _ => return Err(GraphRejection::UnknownField(field.to_owned())),
    })
}
