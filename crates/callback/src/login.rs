//! `GET /login`: checks the invite, sets the cookie, sends the person to Instagram.

use std::sync::Arc;

use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::response::{IntoResponse, Response};
use evertoken_core::invite::Invite;
use evertoken_core::login_state::LoginState;
use evertoken_core::ports::{AuthorizeRequest, Clock, Credentials, Provider};
use evertoken_core::signing::{SignatureError, SigningKeys, looks_signed};
use http::header::LOCATION;
use http::{HeaderMap, HeaderValue, StatusCode};
use serde::Deserialize;

use crate::login_cookie::LoginCookie;
use crate::problem::Problem;
use crate::service::Ports;
use crate::settings::Admission;

/// What the link carries.
#[derive(Deserialize)]
pub(crate) struct LoginQuery {
    invite: Option<String>,
}

/// Starts a login.
pub(crate) async fn login<S: Ports>(
    State(service): State<Arc<S>>,
    query: Result<Query<LoginQuery>, QueryRejection>,
) -> Result<Response, Problem> {
    let settings = service.settings();
    let signed = query.ok().and_then(|Query(query)| query.invite);
    // The form is looked at before any secret is fetched: nonsense costs nothing.
    match &signed {
        None if settings.admission == Admission::Invited => return Err(Problem::InviteMissing),
        Some(signed) if !looks_signed(signed) => return Err(Problem::InviteForged),
        _ => {}
    }
    let (app, keys) = tokio::try_join!(service.credentials().app(), service.credentials().signing_keys())?;
    let now = service.clock().now();
    let invite = signed.map(|signed| keys.verify::<Invite>(&signed, now)).transpose().map_err(|error| match error {
        SignatureError::Forged => Problem::InviteForged,
        SignatureError::Expired => Problem::InviteExpired,
    })?;
    if let Some(return_to) = invite.as_ref().and_then(|invite| invite.return_to.as_ref())
        && !settings.may_return_to(return_to)
    {
        return Err(Problem::ReturnNotAllowed);
    }
    let state = LoginState::start(invite, now, service.entropy())?;
    let signed_state = keys.sign(&state);
    let url = service.provider().authorize_url(AuthorizeRequest {
        app_id: &app.id,
        redirect_uri: &settings.redirect_uri(),
        scopes: &settings.scopes,
        state: &signed_state,
    });
    let mut headers = HeaderMap::new();
    LoginCookie::of(&state, &settings.public_url).set(&state.cookie_value(&keys), &mut headers);
    Ok(to_instagram(&url, headers))
}

fn to_instagram(url: &url::Url, mut headers: HeaderMap) -> Response {
    // A serialised URL is ASCII without control characters: always a valid header.
    if let Ok(location) = HeaderValue::from_str(url.as_str()) {
        headers.insert(LOCATION, location);
    }
    (StatusCode::FOUND, headers).into_response()
}

/// A link that starts the same login again: the same invite, until it expires.
pub(crate) fn again<S: Ports>(service: &S, state: &LoginState, keys: &SigningKeys) -> String {
    let public_url = &service.settings().public_url;
    match &state.invite {
        Some(invite) => evertoken_core::invite::link(public_url, &keys.sign(invite)),
        None => evertoken_core::login::below(public_url, "login"),
    }
    .into()
}
