//! `POST /oauth/access_token`: an authorization code for a short-lived token (Meta, "Business Login for Instagram").

use axum::Json;
use axum::extract::{Request, State as Shared};
use axum::response::Response;
use serde_json::{Map, Value, json};
use time::OffsetDateTime;

use crate::Sandbox;
use crate::account::InstagramId;
use crate::answer::Answer;
use crate::code_refusal::CodeRefusal;
use crate::counters::Endpoint;
use crate::grants::{CODE_LIFE, Kind};
use crate::params::Params;
use crate::settings::{Envelope, IdForm, ListForm, Shapes};
use crate::state::State;
use crate::visit::Visit;

/// Credentials count in the body only, as at Instagram (nextauthjs/next-auth#4705): the query and an `Authorization`
/// header are not looked at.
pub(crate) async fn exchange(Shared(sandbox): Shared<Sandbox>, request: Request) -> Response {
    let visit = Visit::new(&sandbox, Endpoint::Code);
    let params = Params::from_body(request).await;
    let account = params.get("code").and_then(|code| Some(sandbox.state().codes.get(code)?.account));
    visit.answer(account, |state, now| exchange_code(state, &params, now).unwrap_or_else(Answer::from)).await
}

/// A request that is refused leaves the code as it was, so that a stranger's wrong secret burns nobody's code. What
/// Instagram does there is not documented; assumed.
fn exchange_code(state: &mut State, params: &Params, now: OffsetDateTime) -> Result<Answer, CodeRefusal> {
    if params.get("client_id") != Some(&state.app.app_id) {
        return Err(CodeRefusal::UnknownApp);
    }
    if params.get("client_secret") != Some(&state.app.app_secret) {
        return Err(CodeRefusal::WrongSecret);
    }
    if params.get("grant_type") != Some("authorization_code") {
        return Err(CodeRefusal::WrongGrantType);
    }
    let redirect_uri = params.get("redirect_uri").ok_or(CodeRefusal::NoRedirectUri)?;
    let code = params.get("code").ok_or(CodeRefusal::NoCode)?;
    let code = state.codes.get_mut(code).ok_or(CodeRefusal::UnknownCode)?;
    if code.used {
        return Err(CodeRefusal::UsedCode);
    }
    if now >= code.issued_at.saturating_add(CODE_LIFE) {
        return Err(CodeRefusal::ExpiredCode);
    }
    if code.redirect_uri != redirect_uri {
        return Err(CodeRefusal::OtherRedirectUri);
    }
    code.used = true;
    let (account, scopes) = (code.account, code.scopes.clone());
    let token = state.issue_token(account, Kind::Short, scopes.clone(), now);
    Ok(Answer::new("ok", Json(body(&token, account, &scopes, state.app.shapes))))
}

/// `token_type` and `expires_in` are absent (nextauthjs/next-auth#8868). The id is the app-scoped one.
fn body(token: &str, account: InstagramId, scopes: &[String], shapes: Shapes) -> Value {
    let mut body = Map::new();
    body.insert("access_token".to_owned(), token.into());
    let user_id = match shapes.user_id {
        IdForm::Integer => json!(account.0),
        IdForm::String => json!(account),
    };
    body.insert("user_id".to_owned(), user_id);
    let permissions = match shapes.permissions {
        ListForm::Array => Some(json!(scopes)),
        ListForm::String => Some(json!(scopes.join(","))),
        ListForm::Absent => None,
    };
    if let Some(permissions) = permissions {
        body.insert("permissions".to_owned(), permissions);
    }
    shapes.code_answer.wrap(body.into())
}

impl Envelope {
    /// The object, wrapped or not.
    pub(crate) fn wrap(self, object: Value) -> Value {
        match self {
            Self::Flat => object,
            Self::Data => json!({"data": [object]}),
        }
    }
}
