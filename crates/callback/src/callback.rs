//! `GET /callback`: finishes the login.

use std::sync::Arc;

use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::response::{IntoResponse, Response};
use evertoken_core::failure::{Failure, Problem as Refusal};
use evertoken_core::login::{self, Login, LoginError, Step, below};
use evertoken_core::login_state::{LoginState, Receipt};
use evertoken_core::ports::{Clock, Credentials};
use evertoken_core::secrets::AuthorizationCode;
use evertoken_core::signing::{SignatureError, SigningKeys, looks_signed};
use http::header::LOCATION;
use http::{HeaderMap, HeaderValue, StatusCode};
use serde::Deserialize;
use url::Url;

use crate::login::again;
use crate::login_cookie::LoginCookie;
use crate::problem::Problem;
use crate::service::Ports;

/// What Instagram sends back.
#[derive(Default, Deserialize)]
pub(crate) struct CallbackQuery {
    code: Option<String>,
    state: Option<String>,
    error: Option<String>,
    error_description: Option<String>,
}

/// Finishes a login: the state and its cookie are checked before anything else, and the code is used once.
pub(crate) async fn callback<S: Ports>(
    State(service): State<Arc<S>>,
    headers: HeaderMap,
    query: Result<Query<CallbackQuery>, QueryRejection>,
) -> Result<Response, Problem> {
    let Query(query) = query.unwrap_or_default();
    let signed_state = query.state.as_deref().filter(|state| looks_signed(state));
    if let Some(error) = &query.error {
        return refused(service.as_ref(), error, query.error_description.as_deref(), signed_state).await;
    }
    let Some(signed_state) = signed_state else {
        return Err(if query.state.is_some() { Problem::StateForged } else { Problem::StateMissing });
    };
    let keys = service.credentials().signing_keys().await?;
    let now = service.clock().now();
    let state = keys.verify::<LoginState>(signed_state, now).map_err(|error| match error {
        SignatureError::Forged => Problem::StateForged,
        SignatureError::Expired => Problem::StateExpired,
    })?;
    let cookie = LoginCookie::of(&state, &service.settings().public_url);
    let cookie_value = cookie.read(&headers).unwrap_or_default();
    // A reload, a back button or a second click after the login went well.
    if let Ok(receipt) = keys.verify::<Receipt>(&cookie_value, now) {
        return Ok(see_other(&destination(service.as_ref(), &receipt, &keys), HeaderMap::new()));
    }
    if !state.is_bound_to(&cookie_value, &keys) {
        return Err(Problem::OtherBrowser.with_start(again(service.as_ref(), &state, &keys)));
    }
    let outcome = finish(service.as_ref(), &state, query.code.as_deref()).await;
    let mut headers = HeaderMap::new();
    match outcome {
        Ok(connected) => {
            tracing::info!(
                account.name = %connected.name,
                account.username = connected.username,
                account.reconnected = connected.reconnected,
                "an account was connected"
            );
            let return_to = state.invite.and_then(|invite| invite.return_to);
            let receipt = Receipt::new(&connected, return_to, now);
            cookie.set(&keys.sign(&receipt), &mut headers);
            Ok(see_other(&destination(service.as_ref(), &receipt, &keys), headers))
        }
        Err(problem) => {
            // Used up, whatever came of it.
            cookie.remove(&mut headers);
            let problem = problem.with_start(again(service.as_ref(), &state, &keys));
            Ok((headers, problem).into_response())
        }
    }
}

async fn finish<S: Ports>(service: &S, state: &LoginState, code: Option<&str>) -> Result<login::Connected, Problem> {
    let code = AuthorizationCode::from_query(code.unwrap_or_default());
    if code.is_empty() {
        return Err(Problem::CodeMissing);
    }
    let app = service.credentials().app().await?;
    let settings = service.settings();
    let login = Login {
        app: &app,
        code: &code,
        redirect_uri: &settings.redirect_uri(),
        scopes: &settings.scopes,
        invite: state.invite.as_ref(),
        now: service.clock().now(),
    };
    Ok(login::finish(service.provider(), service.vault(), login).await?)
}

/// Instagram sent no code: the person cancelled, or may not log in to this app. The state is not needed to say so; where
/// it holds, the page links to a new start.
async fn refused<S: Ports>(
    service: &S,
    error: &str,
    description: Option<&str>,
    signed_state: Option<&str>,
) -> Result<Response, Problem> {
    // Meta documents access_denied for a cancelled login; the same word comes with a missing role (jsmrtn/craftagram#16).
    let problem = if description.is_some_and(|text| text.to_lowercase().contains("insufficient developer role")) {
        let failure = Failure::new(Refusal::InsufficientRole);
        Problem::Login(LoginError::Provider { step: Step::Authorize, failure })
    } else if error == "access_denied" {
        Problem::Cancelled
    } else {
        let failure = Failure::new(Refusal::RequestRefused);
        Problem::Login(LoginError::Provider { step: Step::Authorize, failure })
    };
    let Some(signed_state) = signed_state else { return Err(problem) };
    let keys = service.credentials().signing_keys().await?;
    let Ok(state) = keys.verify::<LoginState>(signed_state, service.clock().now()) else { return Err(problem) };
    let mut headers = HeaderMap::new();
    LoginCookie::of(&state, &service.settings().public_url).remove(&mut headers);
    Ok((headers, problem.with_start(again(service, &state, &keys))).into_response())
}

fn destination<S: Ports>(service: &S, receipt: &Receipt, keys: &SigningKeys) -> Url {
    receipt.return_to.clone().unwrap_or_else(|| {
        let mut url = below(&service.settings().public_url, "connected");
        url.query_pairs_mut().append_pair("receipt", &keys.sign(receipt));
        url
    })
}

fn see_other(url: &Url, mut headers: HeaderMap) -> Response {
    // A serialised URL is ASCII without control characters: always a valid header.
    if let Ok(location) = HeaderValue::from_str(url.as_str()) {
        headers.insert(LOCATION, location);
    }
    (StatusCode::SEE_OTHER, headers).into_response()
}
