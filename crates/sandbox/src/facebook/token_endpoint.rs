//! `/oauth/access_token` on Facebook's Graph host: exchanges a code, or a token (Meta, "Manually build a login flow" and
//! "Get long-lived tokens").

use axum::extract::{FromRequestParts, Request, State};
use axum::response::Response;
use serde_json::{Map, Value};
use time::OffsetDateTime;

use crate::endpoint::Endpoint;
use crate::facebook::rejection::FacebookRejection;
use crate::facebook::respond::respond;
use crate::facebook::shapes::ExpiresIn;
use crate::facebook::state::FacebookState;
use crate::facebook::{code_exchange, token_exchange};
use crate::graph_request::GraphRequest;
use crate::params::Params;
use crate::sandbox::Sandbox;
use crate::state::SandboxState;

/// `GET` and `POST`: the parameters are in the query or in a form.
pub(crate) async fn exchange(State(sandbox): State<Sandbox>, request: Request) -> Response {
    let (mut parts, body) = request.into_parts();
    let Ok(call) = GraphRequest::from_request_parts(&mut parts, &()).await;
    let query = Params::from_query(parts.uri.query());
    let params = query.followed_by(Params::from_body(Request::from_parts(parts, body)).await);
    let person = {
        let facebook = &sandbox.state().facebook;
        let of_code = params.get("code").and_then(|code| Some(facebook.codes.get(code)?.person.into()));
        of_code.or_else(|| facebook.person_of(params.get("fb_exchange_token")))
    };
    respond(&sandbox, Endpoint::FacebookToken, person, |state, now| {
        call.check_version(now)?;
        match params.get("grant_type") {
            None | Some("authorization_code") => code_exchange::exchange(state, &params, now),
            Some("fb_exchange_token") => token_exchange::exchange(state, &params, now),
            Some(_) => Err(FacebookRejection::InvalidParameter("grant_type")),
        }
    })
    .await
}

pub(crate) fn check_client(state: &SandboxState, params: &Params) -> Result<(), FacebookRejection> {
    let app = &state.facebook.app;
    match params.get("client_id") {
        None => return Err(FacebookRejection::MissingClientId),
        Some(id) if id != app.id => return Err(FacebookRejection::UnknownApp),
        Some(_) => {}
    }
    if params.get("client_secret") != Some(&app.secret) {
        return Err(FacebookRejection::WrongSecret);
    }
    Ok(())
}

/// `expires_in` is left out for a token without an expiry date.
pub(crate) fn body(facebook: &FacebookState, token: String, now: OffsetDateTime) -> Value {
    let expires_at = facebook.tokens.get(&token).and_then(|token| token.expires_at);
    let mut body = Map::new();
    body.insert("access_token".to_owned(), token.into());
    body.insert("token_type".to_owned(), "bearer".into());
    if let (Some(expires_at), ExpiresIn::Present) = (expires_at, facebook.shapes.expires_in) {
        body.insert("expires_in".to_owned(), (expires_at - now).whole_seconds().into());
    }
    body.into()
}
