//! `GET /access_token`: a short-lived token for a long-lived one (Meta, reference page `access_token`).

use axum::Json;
use axum::extract::{RawQuery, State as Shared};
use axum::response::Response;
use serde_json::{Value, json};
use time::OffsetDateTime;

use crate::Sandbox;
use crate::answer::Answer;
use crate::counters::Endpoint;
use crate::grants::Kind;
use crate::graph_refusal::GraphRefusal;
use crate::params::Params;
use crate::settings::Shapes;
use crate::state::State;
use crate::visit::Visit;

/// Secret and token count in the query only, as documented.
pub(crate) async fn exchange(Shared(sandbox): Shared<Sandbox>, RawQuery(query): RawQuery) -> Response {
    let visit = Visit::new(&sandbox, Endpoint::Exchange);
    let params = Params::from_query(query.as_deref());
    let account = sandbox.state().account_of(params.get("access_token"));
    visit.answer_graph(account, |state, now| extend(state, &params, now)).await
}

fn extend(state: &mut State, params: &Params, now: OffsetDateTime) -> Result<Answer, GraphRefusal> {
    if params.get("grant_type") != Some("ig_exchange_token") {
        return Err(GraphRefusal::WrongGrantType);
    }
    if params.get("client_secret") != Some(&state.app.app_secret) {
        return Err(GraphRefusal::WrongSecret);
    }
    let (token, _) = state.use_token(params.get("access_token"), now)?;
    if token.kind == Kind::Long {
        return Err(GraphRefusal::WrongKind);
    }
    let (account, scopes) = (token.account, token.scopes.clone());
    let token = state.issue_token(account, Kind::Long, scopes, now);
    Ok(Answer::new("ok", Json(body(&token, state.app.shapes))))
}

/// The answer of this exchange and of the refresh.
pub(crate) fn body(token: &str, shapes: Shapes) -> Value {
    json!({"access_token": token, "token_type": "bearer", "expires_in": shapes.long_lived_seconds})
}
