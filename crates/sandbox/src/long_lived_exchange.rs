//! `GET /access_token`: exchanges a short-lived token for a long-lived one (Meta, reference page `access_token`).

use axum::extract::{RawQuery, State};
use axum::response::Response;
use time::OffsetDateTime;

use crate::endpoint::Endpoint;
use crate::endpoint_response::EndpointResponse;
use crate::graph_rejection::GraphRejection;
use crate::params::Params;
use crate::request_handler::RequestHandler;
use crate::sandbox::Sandbox;
use crate::state::SandboxState;
use crate::token::TokenKind;
use crate::token_response::TokenResponse;

/// As documented, reads secret and token from the query only.
pub(crate) async fn exchange(State(sandbox): State<Sandbox>, RawQuery(query): RawQuery) -> Response {
    let handler = RequestHandler::new(&sandbox, Endpoint::Exchange);
    let params = Params::from_query(query.as_deref());
    let account = sandbox.state().account_of(params.get("access_token"));
    handler.handle_graph(account, |state, now| exchange_token(state, &params, now)).await
}

fn exchange_token(
    state: &mut SandboxState,
    params: &Params,
    now: OffsetDateTime,
) -> Result<EndpointResponse, GraphRejection> {
    if params.get("grant_type") != Some("ig_exchange_token") {
        return Err(GraphRejection::WrongGrantType);
    }
    if params.get("client_secret") != Some(&state.app.secret) {
        return Err(GraphRejection::WrongSecret);
    }
    let (token, _) = state.check_token(params.get("access_token"), now)?;
    if token.kind == TokenKind::Long {
        return Err(GraphRejection::WrongTokenKind);
    }
    let (account, scopes) = (token.account, token.scopes.clone());
    let token = state.issue_token(account, TokenKind::Long, scopes, now);
    Ok(TokenResponse::new(token, state.shapes.long_lived_seconds).into())
}
