//! `GET /callback`: finishes the login.

use evertoken_core::credentials::AppCredentials;
use evertoken_core::credentials::SigningKeySource;
use std::sync::Arc;

use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::response::{IntoResponse, Response};
use evertoken_core::app::App;
use evertoken_core::clock::Clock;
use evertoken_core::connected_account::ConnectedAccount;
use evertoken_core::credentials::CredentialsError;
use evertoken_core::events::Event;
use evertoken_core::login::{self, Login, LoginError, Step};
use evertoken_core::login_state::LoginState;
use evertoken_core::metrics::Metrics;
use evertoken_core::metrics::{Measurement, Metric};
use evertoken_core::provider_error::{ProviderError, ProviderErrorKind};
use evertoken_core::public_url;
use evertoken_core::receipt::Receipt;
use evertoken_core::secrets::AuthorizationCode;
use evertoken_core::signing::{Claims, SigningKeys, looks_signed};
use http::header::LOCATION;
use http::{HeaderMap, HeaderValue, StatusCode};
use serde::Deserialize;
use time::OffsetDateTime;
use url::Url;

use crate::announcing::announce;
use crate::login::again;
use crate::login_cookie::LoginCookie;
use crate::problem::Problem;
use crate::second_click::first_ones_outcome;
use crate::service::Ports;
use crate::topic::Topic;

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
    let service = service.as_ref();
    // What cannot be read, a parameter that comes twice for example, is not Instagram's.
    let Query(query) = query.map_err(|_| Topic::StateForged)?;
    let signed_state = query.state.as_deref().filter(|state| looks_signed(state));
    if let Some(error) = &query.error {
        return refused(service, error, query.error_description.as_deref(), signed_state, &headers).await;
    }
    let Some(signed_state) = signed_state else {
        return Err(if query.state.is_some() { Topic::StateForged } else { Topic::StateMissing }.into());
    };
    // Both at once, since a process may begin here. The app's is looked at when it is needed.
    let (keys, app) = tokio::join!(service.signing_keys().signing_keys(), service.app_credentials().app());
    let keys = keys?;
    let now = service.environment().clock.now();
    let state = keys.open::<LoginState>(signed_state).ok_or(Topic::StateForged)?;
    let cookie = LoginCookie::of(&state, &service.environment().settings.public_url);
    let cookie_value = cookie.read(&headers).unwrap_or_default();
    // A reload, a back button or a second click after the login went well: for as long as the receipt holds.
    if let Some(receipt) = keys.verify::<Receipt>(&cookie_value, now).ok().filter(|receipt| receipt.is_for(&state)) {
        return Ok(see_other(&destination(service, &receipt, &keys), HeaderMap::new()));
    }
    let with_start = |problem: Problem| problem.with_start(again(service, &state, &keys));
    if state.expires_at() <= now {
        return Err(with_start(Topic::StateExpired.into()));
    }
    if cookie.read_over(&headers).is_some_and(|mark| state.is_consumed_by(&mark, &keys)) {
        return Err(with_start(Topic::StateUsed.into()));
    }
    if !state.is_bound_to(&cookie_value, &keys) {
        return Err(with_start(Topic::OtherBrowser.into()));
    }
    let mut headers = HeaderMap::new();
    let finished = match finish(service, &state, query.code.as_deref(), app).await {
        Ok(connected) => {
            tell(service, &connected, now).await;
            Ok(connected)
        }
        // Told by the request that stored it.
        Err(problem) if problem.is_used_code() => first_ones_outcome(service.vault(), &state).await.ok_or(problem),
        Err(problem) => Err(problem),
    };
    match finished {
        Ok(connected) => {
            let receipt = Receipt::new(&connected, &state, now);
            cookie.keep_receipt(&keys.sign(&receipt), &mut headers);
            Ok(see_other(&destination(service, &receipt, &keys), headers))
        }
        Err(problem) => {
            service.environment().metrics.record(&[Measurement::one(Metric::LoginsFailed)]);
            // Used up, whatever came of it.
            cookie.end(&state.consumed_value(&keys), &mut headers);
            Ok((headers, with_start(problem)).into_response())
        }
    }
}

async fn finish<S: Ports>(
    service: &S,
    state: &LoginState,
    code: Option<&str>,
    app: Result<Arc<App>, CredentialsError>,
) -> Result<ConnectedAccount, Problem> {
    let code = AuthorizationCode::from_query(code.unwrap_or_default());
    if code.is_empty() {
        return Err(Topic::CodeMissing.into());
    }
    let app = app?;
    let settings = &service.environment().settings;
    let login = Login {
        app: &app,
        code: &code,
        redirect_uri: &settings.redirect_uri(),
        scopes: &settings.scopes,
        invite: state.invite.as_ref(),
        id: Some(&state.login_id()),
        now: service.environment().clock.now(),
    };
    Ok(login::finish(service.provider(), service.vault(), login).await?)
}

/// Whoever wants to know that an account was connected.
async fn tell<S: Ports>(service: &S, connected: &ConnectedAccount, now: OffsetDateTime) {
    tracing::info!(
        account.name = %connected.name,
        account.username = connected.username,
        account.reconnected = connected.reconnected,
        "an account was connected"
    );
    service.environment().metrics.record(&[Measurement::one(Metric::LoginsCompleted)]);
    announce(service, |reference| Event::connected(connected, now, reference)).await;
}

/// Instagram sent no code: the person cancelled, or may not log in to this app. The state is not needed to say so; where
/// it holds, the page links to a new start.
async fn refused<S: Ports>(
    service: &S,
    error: &str,
    description: Option<&str>,
    signed_state: Option<&str>,
    request: &HeaderMap,
) -> Result<Response, Problem> {
    let problem = explain_refusal(error, description.unwrap_or_default());
    let Some(signed_state) = signed_state else { return Err(problem) };
    let keys = service.signing_keys().signing_keys().await?;
    let Ok(state) = keys.verify::<LoginState>(signed_state, service.environment().clock.now()) else {
        return Err(problem);
    };
    let cookie = LoginCookie::of(&state, &service.environment().settings.public_url);
    // Counted once: the cookie goes with the answer.
    if state.is_bound_to(&cookie.read(request).unwrap_or_default(), &keys) {
        service.environment().metrics.record(&[Measurement::one(Metric::LoginsFailed)]);
    }
    let mut headers = HeaderMap::new();
    cookie.remove(&mut headers);
    Ok((headers, problem.with_start(again(service, &state, &keys))).into_response())
}

/// Meta documents `access_denied` for a cancelled login; the same word comes with a missing role
/// (`jsmrtn/craftagram#16`). The description is looked at and never shown: anybody can write it into a link.
fn explain_refusal(error: &str, description: &str) -> Problem {
    let text = format!("{error} {description}").to_lowercase();
    let says = |sign: &str| text.contains(sign);
    let refusal = if says("insufficient developer role") {
        ProviderErrorKind::InsufficientRole
    } else if says("redirect_uri") || says("redirect uri") {
        ProviderErrorKind::RedirectMismatch
    } else if says("platform app") || says("client_id") {
        ProviderErrorKind::WrongAppCredentials
    } else if says("invalid_scope") || says("invalid scope") {
        return Topic::InvalidScope.into();
    } else if error == "access_denied" {
        return Topic::Cancelled.into();
    } else if error == "temporarily_unavailable" || error == "server_error" {
        // RFC 6749, section 4.1.2.1
        ProviderErrorKind::Unavailable
    } else {
        ProviderErrorKind::RequestRefused
    };
    Problem::Login(LoginError::Provider { step: Step::Authorize, failure: ProviderError::new(refusal) })
}

fn destination<S: Ports>(service: &S, receipt: &Receipt, keys: &SigningKeys) -> Url {
    receipt.return_to.clone().unwrap_or_else(|| {
        let mut url = public_url::join(&service.environment().settings.public_url, "connected");
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
