//! `GET /refresh_access_token`: refreshes a long-lived token for another sixty days (Meta, reference page
//! `refresh_access_token`).

use axum::extract::{RawQuery, State};
use axum::response::Response;
use time::{Duration, OffsetDateTime};

use crate::endpoint::Endpoint;
use crate::endpoint_response::EndpointResponse;
use crate::graph_rejection::GraphRejection;
use crate::params::Params;
use crate::request_handler::RequestHandler;
use crate::sandbox::Sandbox;
use crate::shapes::{OlderToken, RefreshedToken};
use crate::state::SandboxState;
use crate::token::{Invalidation, TokenKind};
use crate::token_rejection::TokenRejection;
use crate::token_response::TokenResponse;

/// Meta does not document whether the age counts from the issue or from the last refresh. The stricter reading is
/// assumed.
const MIN_AGE: Duration = Duration::hours(24);

/// The refresh requires neither a secret nor an app id.
pub(crate) async fn refresh(State(sandbox): State<Sandbox>, RawQuery(query): RawQuery) -> Response {
    let handler = RequestHandler::new(&sandbox, Endpoint::Refresh);
    let params = Params::from_query(query.as_deref());
    let account = sandbox.state().account_of(params.get("access_token"));
    handler.handle_graph(account, |state, now| refresh_token(state, &params, now)).await
}

fn refresh_token(
    state: &mut SandboxState,
    params: &Params,
    now: OffsetDateTime,
) -> Result<EndpointResponse, GraphRejection> {
    if params.get("grant_type") != Some("ig_refresh_token") {
        return Err(GraphRejection::WrongGrantType);
    }
    let sent = params.get("access_token").ok_or(TokenRejection::Missing)?;
    let (token, _) = state.check_token(Some(sent), now)?;
    if token.kind == TokenKind::Short {
        return Err(GraphRejection::WrongTokenKind);
    }
    token.require_base_scope()?;
    if now < token.issued_at.saturating_add(MIN_AGE) {
        return Err(GraphRejection::TokenTooYoung);
    }
    let (account, scopes) = (token.account, token.scopes.clone());
    let refreshed = match state.shapes.refreshed_token {
        RefreshedToken::New => {
            if state.shapes.older_token == OlderToken::Dies
                && let Some(older) = state.tokens.get_mut(sent)
            {
                older.invalidation = Some(Invalidation::Superseded);
            }
            state.issue_token(account, TokenKind::Long, scopes, now)
        }
        RefreshedToken::Same => {
            let lifetime = state.lifetime(TokenKind::Long);
            if let Some(token) = state.tokens.get_mut(sent) {
                token.issued_at = now;
                token.expires_at = now.saturating_add(lifetime);
            }
            sent.to_owned()
        }
        RefreshedToken::Dud => state.new_token_text(),
    };
    Ok(TokenResponse::new(refreshed, state.shapes.long_lived_seconds).into())
}
