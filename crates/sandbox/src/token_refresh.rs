//! `GET /refresh_access_token`: another sixty days (Meta, reference page `refresh_access_token`).

use axum::Json;
use axum::extract::{RawQuery, State as Shared};
use axum::response::Response;
use time::{Duration, OffsetDateTime};

use crate::Sandbox;
use crate::answer::Answer;
use crate::counters::Endpoint;
use crate::grants::{Fate, Kind};
use crate::graph_refusal::GraphRefusal;
use crate::long_lived_exchange::body;
use crate::params::Params;
use crate::settings::{OlderToken, RefreshedToken};
use crate::state::State;
use crate::visit::Visit;

/// Whether age counts from the issue or from the last refresh is not documented; assumed is the stricter reading.
const YOUNGEST: Duration = Duration::hours(24);

/// No secret and no app id belong here.
pub(crate) async fn refresh(Shared(sandbox): Shared<Sandbox>, RawQuery(query): RawQuery) -> Response {
    let visit = Visit::new(&sandbox, Endpoint::Refresh);
    let params = Params::from_query(query.as_deref());
    let account = sandbox.state().account_of(params.get("access_token"));
    visit.answer_graph(account, |state, now| renew(state, &params, now)).await
}

fn renew(state: &mut State, params: &Params, now: OffsetDateTime) -> Result<Answer, GraphRefusal> {
    if params.get("grant_type") != Some("ig_refresh_token") {
        return Err(GraphRefusal::WrongGrantType);
    }
    let sent = params.get("access_token").ok_or(GraphRefusal::NoToken)?;
    let (token, _) = state.use_token(Some(sent), now)?;
    if token.kind == Kind::Short {
        return Err(GraphRefusal::WrongKind);
    }
    token.require_base_scope()?;
    if now < token.issued_at.saturating_add(YOUNGEST) {
        return Err(GraphRefusal::TooYoung);
    }
    let (account, scopes) = (token.account, token.scopes.clone());
    let renewed = match state.app.shapes.refreshed_token {
        RefreshedToken::New => {
            if state.app.shapes.older_token == OlderToken::Dies
                && let Some(older) = state.tokens.get_mut(sent)
            {
                older.fate = Some(Fate::Superseded);
            }
            state.issue_token(account, Kind::Long, scopes, now)
        }
        RefreshedToken::Same => {
            let life = state.life(Kind::Long);
            if let Some(same) = state.tokens.get_mut(sent) {
                same.issued_at = now;
                same.expires_at = now.saturating_add(life);
            }
            sent.to_owned()
        }
        RefreshedToken::Dud => state.new_token_text(),
    };
    Ok(Answer::new("ok", Json(body(&renewed, state.app.shapes))))
}
