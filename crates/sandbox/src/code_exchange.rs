//! `POST /oauth/access_token`: exchanges an authorization code for a short-lived token (Meta, "Business Login for
//! Instagram").

use axum::Json;
use axum::extract::{Request, State};
use axum::response::Response;
use serde_json::{Map, Value, json};
use time::OffsetDateTime;

use crate::account::InstagramId;
use crate::authorization_code::CODE_LIFETIME;
use crate::code_rejection::CodeRejection;
use crate::endpoint::Endpoint;
use crate::endpoint_response::EndpointResponse;
use crate::params::{BodyEncoding, Params};
use crate::request_handler::RequestHandler;
use crate::sandbox::Sandbox;
use crate::shapes::{FormEncoding, IdFormat, ListFormat, Shapes};
use crate::state::SandboxState;
use crate::token::TokenKind;

/// Like Instagram, reads credentials from the body only (nextauthjs/next-auth#4705): the query and an `Authorization`
/// header are ignored.
pub(crate) async fn exchange(State(sandbox): State<Sandbox>, request: Request) -> Response {
    let handler = RequestHandler::new(&sandbox, Endpoint::Code);
    let encoding = BodyEncoding::of(request.headers());
    let params = Params::from_body(request).await;
    let account = params.get("code").and_then(|code| Some(sandbox.state().codes.get(code)?.account));
    handler
        .handle(account, |state, now| {
            check_encoding(state.shapes, encoding)
                .and_then(|()| exchange_code(state, &params, now))
                .unwrap_or_else(EndpointResponse::from)
        })
        .await
}

fn check_encoding(shapes: Shapes, encoding: BodyEncoding) -> Result<(), CodeRejection> {
    match (shapes.code_request, encoding) {
        (FormEncoding::Multipart, BodyEncoding::Urlencoded) | (FormEncoding::Urlencoded, BodyEncoding::Multipart) => {
            Err(CodeRejection::WrongEncoding)
        }
        _ => Ok(()),
    }
}

/// A rejected request leaves the code usable, so that a request with a wrong secret cannot invalidate it. Instagram's
/// behavior is not documented; assumed.
fn exchange_code(
    state: &mut SandboxState,
    params: &Params,
    now: OffsetDateTime,
) -> Result<EndpointResponse, CodeRejection> {
    if params.get("client_id") != Some(&state.app.id) {
        return Err(CodeRejection::UnknownApp);
    }
    if params.get("client_secret") != Some(&state.app.secret) {
        return Err(CodeRejection::WrongSecret);
    }
    if params.get("grant_type") != Some("authorization_code") {
        return Err(CodeRejection::WrongGrantType);
    }
    let redirect_uri = params.get("redirect_uri").ok_or(CodeRejection::MissingRedirectUri)?;
    let code = params.get("code").ok_or(CodeRejection::MissingCode)?;
    let code = state.codes.get_mut(code).ok_or(CodeRejection::UnknownCode)?;
    if code.used {
        return Err(CodeRejection::UsedCode);
    }
    if now >= code.issued_at.saturating_add(CODE_LIFETIME) {
        return Err(CodeRejection::ExpiredCode);
    }
    if code.redirect_uri != redirect_uri {
        return Err(CodeRejection::RedirectUriMismatch);
    }
    code.used = true;
    let (account, scopes) = (code.account, code.scopes.clone());
    let token = state.issue_token(account, TokenKind::Short, scopes.clone(), now);
    Ok(EndpointResponse::new("ok", Json(body(&token, account, &scopes, state.shapes))))
}

/// Instagram sends neither `token_type` nor `expires_in` (nextauthjs/next-auth#8868). `user_id` is the app-scoped id.
fn body(token: &str, account: InstagramId, scopes: &[String], shapes: Shapes) -> Value {
    let mut body = Map::new();
    body.insert("access_token".to_owned(), token.into());
    let user_id = match shapes.user_id {
        IdFormat::Integer => json!(account.0),
        IdFormat::String => json!(account),
    };
    body.insert("user_id".to_owned(), user_id);
    let permissions = match shapes.permissions {
        ListFormat::Array => Some(json!(scopes)),
        ListFormat::String => Some(json!(scopes.join(","))),
        ListFormat::Absent => None,
    };
    if let Some(permissions) = permissions {
        body.insert("permissions".to_owned(), permissions);
    }
    shapes.code_answer.wrap(body.into())
}
