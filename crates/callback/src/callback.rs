//! `GET /callback`: finishes the login.

use std::sync::Arc;

use axum::Extension;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::response::{IntoResponse, Redirect, Response};
use evertoken_core::app::App;
use evertoken_core::connected_account::ConnectedAccount;
use evertoken_core::credentials::{CredentialsError, SigningKeySource};
use evertoken_core::events::Event;
use evertoken_core::login::{self, CodeGrant, Deadlines, Login, Progress};
use evertoken_core::login_state::LoginState;
use evertoken_core::metrics::{Measurement, Metric};
use evertoken_core::public_url;
use evertoken_core::receipt::Receipt;
use evertoken_core::secrets::AuthorizationCode;
use evertoken_core::signing::{Claims, SigningKeys, looks_signed};
use http::HeaderMap;
use serde::Deserialize;
use time::OffsetDateTime;
use tokio::time::{Instant, timeout_at};
use tracing::Instrument;

use crate::authorization_error;
use crate::choice_cookie;
use crate::choose::choose_url;
use crate::duplicate_callback::wait_for_first_request;
use crate::error_page::ErrorPage;
use crate::login_cookie::{LoginCookie, Proof};
use crate::login_in_progress::{LoginInProgress, Opened};
use crate::offered_logins::{app_of, login_of};
use crate::request_error::RequestError;
use crate::restart::restart_url;
use crate::seen_logins::{Advance, Ending, SeenLogins, Turn};
use crate::service::{Ports, publish_in_background};

#[derive(Default, Deserialize)]
pub(crate) struct CallbackQuery {
    code: Option<AuthorizationCode>,
    state: Option<String>,
    error: Option<String>,
    error_description: Option<String>,
}

/// Finishes a login. Checks the state and its cookie before anything else, and uses the code once.
pub(crate) async fn callback<S: Ports>(
    State(shared): State<Arc<S>>,
    Extension(logins): Extension<Arc<SeenLogins>>,
    headers: HeaderMap,
    query: Result<Query<CallbackQuery>, QueryRejection>,
) -> Result<Response, RequestError> {
    let service = shared.as_ref();
    let deadlines = service.environment().settings.time_limits.deadlines(Instant::now());
    // Instagram never sends a malformed query, such as one with a repeated parameter.
    let Query(query) = query.map_err(|_| ErrorPage::StateForged)?;
    let signed_state = query.state.as_deref().filter(|state| looks_signed(state));
    if let Some(error) = &query.error {
        let description = query.error_description.as_deref();
        return authorization_failed(service, &logins, error, description, signed_state, &headers).await;
    }
    let Some(signed_state) = signed_state else {
        return Err(if query.state.is_some() { ErrorPage::StateForged } else { ErrorPage::StateMissing }.into());
    };
    let login = match LoginInProgress::open(service, &headers, signed_state).await? {
        Opened::InProgress(login) => *login,
        Opened::Completed(receipt, keys) => return Ok(redirect(service, &receipt, &keys).into_response()),
    };
    if login.state.expires_at() <= login.now {
        return Err(login.restartable(service, ErrorPage::StateExpired));
    }
    login.require_proof().map_err(|page| login.restartable(service, page))?;
    // The code is used up, and the person is choosing.
    if login.token_for_choice(&headers, signed_state).is_some() {
        return Ok(Redirect::to(choose_url(service, signed_state).as_str()).into_response());
    }
    let finished = match logins.enter(&login.state, login.now) {
        Turn::First(ending) => {
            // In a task of its own, because the server drops this future if the browser closes the connection.
            let finishing = FinishedLogin {
                state: login.state.clone(),
                code: query.code,
                app: login.app.clone(),
                keys: Arc::clone(&login.keys),
                deadlines,
            };
            let finishing = finish_and_report(Arc::clone(&shared), finishing, ending);
            let finished = tokio::spawn(finishing.in_current_span()).await;
            finished.unwrap_or_else(|_| Err(ErrorPage::Internal.into()))
        }
        Turn::Later(later) => later.outcome().await.ok_or_else(|| ErrorPage::StateUsed.into()),
    };
    let LoginInProgress { keys, state, cookie, proof, .. } = &login;
    match finished {
        Ok(Advance::Connected(receipt)) => {
            let cookies = cookie.replace_with_receipt(&keys.sign(&*receipt));
            Ok((cookies, redirect(service, &receipt, keys)).into_response())
        }
        Ok(Advance::Choose(sealed)) => {
            let cookies = cookie.set_choice(&sealed, signed_state, &state.cookie_value(keys), proof.invite());
            Ok((cookies, Redirect::to(choose_url(service, signed_state).as_str())).into_response())
        }
        Err(error) => {
            let cookies = cookie.mark_failed(&state.consumed_value(keys), proof.invite());
            Ok((cookies, login.restartable(service, error)).into_response())
        }
    }
}

/// What Instagram has redirected back, checked.
struct FinishedLogin {
    state: LoginState,
    code: Option<AuthorizationCode>,
    app: Result<Arc<App>, CredentialsError>,
    keys: Arc<SigningKeys>,
    deadlines: Deadlines,
}

/// Finishes the login, counts it, and tells the requests that wait for it how it went on.
async fn finish_and_report<S: Ports>(
    service: Arc<S>,
    login: FinishedLogin,
    ending: Ending,
) -> Result<Advance, RequestError> {
    let now = service.environment().clock.now();
    let finished = match finish(service.as_ref(), &login).await {
        Ok(Progress::Connected(connected)) => {
            report_connected(&service, &connected, now, login.deadlines.response);
            Ok(Advance::Connected(Box::new(Receipt::new(&connected, &login.state, now))))
        }
        Ok(Progress::Choose(choice)) => {
            choice_cookie::seal(&choice.token.token, &login.state, now, &login.keys, &*service.environment().entropy)
                .map(Advance::Choose)
                .map_err(RequestError::from)
        }
        // The process that has the first request reports the login.
        Err(error) if error.is_used_code() => {
            let waiting = wait_for_first_request(service.vault(), &login.state);
            let first = timeout_at(login.deadlines.login, waiting).await.ok().flatten();
            first
                .map(|connected| Advance::Connected(Box::new(Receipt::new(&connected, &login.state, now))))
                .ok_or(error)
        }
        Err(error) => Err(error),
    };
    match finished {
        Ok(advance) => {
            ending.succeeded(advance.clone());
            Ok(advance)
        }
        Err(error) => {
            service.environment().metrics.record(&[Measurement::one(Metric::LoginsFailed)]);
            drop(ending);
            Err(error)
        }
    }
}

async fn finish<S: Ports>(service: &S, finished: &FinishedLogin) -> Result<Progress, RequestError> {
    let FinishedLogin { state, code, app, deadlines, .. } = finished;
    let code = code.as_ref().filter(|code| !code.is_empty()).ok_or(ErrorPage::CodeMissing)?;
    let app = app.as_ref().map_err(Clone::clone)?;
    let provider = login_of(service, state.provider)?;
    let settings = &service.environment().settings;
    let app = app_of(app, state.provider)?;
    let login = Login {
        app: &app,
        scopes: settings.scopes_of(state.provider),
        invite: state.invite.as_ref(),
        id: Some(&state.login_id()),
        now: service.environment().clock.now(),
        deadlines: *deadlines,
    };
    let grant = CodeGrant { code, redirect_uri: &settings.redirect_uri() };
    Ok(login::finish(provider, service.vault(), login, grant).await?)
}

/// Logs, counts and publishes a completed login.
pub(crate) fn report_connected<S: Ports>(
    service: &Arc<S>,
    connected: &ConnectedAccount,
    now: OffsetDateTime,
    deadline: Instant,
) {
    tracing::info!(
        account.name = %connected.name,
        account.username = connected.username,
        account.reconnected = connected.reconnected,
        "account connected"
    );
    service.environment().metrics.record(&[Measurement::one(Metric::LoginsCompleted)]);
    let connected = connected.clone();
    publish_in_background(service, deadline, move |reference| Event::connected(&connected, now, reference));
}

/// Handles an error instead of a code: the person canceled, or may not log in to this app. The error page needs no state,
/// but with a valid state it links to a new login.
async fn authorization_failed<S: Ports>(
    service: &S,
    logins: &SeenLogins,
    error: &str,
    description: Option<&str>,
    signed_state: Option<&str>,
    request: &HeaderMap,
) -> Result<Response, RequestError> {
    let error = authorization_error::classify(error, description.unwrap_or_default());
    let Some(signed_state) = signed_state else { return Err(error) };
    let keys = service.signing_keys().signing_keys().await?;
    let now = service.environment().clock.now();
    let Ok(state) = keys.verify::<LoginState>(signed_state, now) else { return Err(error) };
    let cookie = LoginCookie::of(&state, &service.environment().settings.public_url);
    let proof = cookie.proof(&state, request, &keys);
    let error = error.with_restart_url(restart_url(service, &state, &proof, &keys));
    if !matches!(proof, Proof::Started(_)) {
        return Err(error);
    }
    if let Turn::First(ending) = logins.enter(&state, now) {
        service.environment().metrics.record(&[Measurement::one(Metric::LoginsFailed)]);
        drop(ending);
    }
    Ok((cookie.mark_failed(&state.consumed_value(&keys), proof.invite()), error).into_response())
}

/// Redirects to the return address if there is one, and to `/connected` otherwise.
pub(crate) fn redirect<S: Ports>(service: &S, receipt: &Receipt, keys: &SigningKeys) -> Redirect {
    if let Some(return_to) = &receipt.return_to {
        return Redirect::to(return_to.as_str());
    }
    let mut url = public_url::join(&service.environment().settings.public_url, "connected");
    url.query_pairs_mut().append_pair("receipt", &keys.sign(receipt));
    Redirect::to(url.as_str())
}
