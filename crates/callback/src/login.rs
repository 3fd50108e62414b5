//! `GET /login`: checks the invite, sets the cookie, sends the person to Instagram.

use evertoken_core::credentials::AppCredentials;
use evertoken_core::credentials::SigningKeySource;
use std::sync::Arc;

use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::response::{IntoResponse, Response};
use evertoken_core::clock::Clock;
use evertoken_core::invite::{Invite, link};
use evertoken_core::login_state::LoginState;
use evertoken_core::metrics::Metrics;
use evertoken_core::metrics::{Measurement, Metric};
use evertoken_core::provider::{AuthorizeRequest, Provider};
use evertoken_core::public_url;
use evertoken_core::signing::{SignatureError, SigningKeys, looks_signed};
use http::header::LOCATION;
use http::{HeaderMap, HeaderValue, StatusCode};
use serde::Deserialize;
use url::Url;

use crate::language::Language;
use crate::login_cookie::LoginCookie;
use crate::pages::{self, page};
use crate::problem::Problem;
use crate::service::Ports;
use crate::settings::Admission;
use crate::texts::phrases;
use crate::topic::Topic;

/// What the link carries.
#[derive(Deserialize)]
pub(crate) struct LoginQuery {
    invite: Option<String>,
    /// Where logins are open: where to go afterwards.
    return_to: Option<String>,
    /// Set once the invite's note was read.
    noted: Option<String>,
}

/// Starts a login.
pub(crate) async fn login<S: Ports>(
    State(service): State<Arc<S>>,
    language: Language,
    query: Result<Query<LoginQuery>, QueryRejection>,
) -> Result<Response, Problem> {
    let service = service.as_ref();
    let settings = &service.environment().settings;
    // What cannot be read, a parameter that comes twice for example, is no link of ours.
    let Query(query) = query.map_err(|_| Topic::InviteForged)?;
    // The form is looked at before any secret is fetched: nonsense costs nothing.
    let return_to = match &query.invite {
        Some(signed) if !looks_signed(signed) => return Err(Topic::InviteForged.into()),
        Some(_) => None,
        None if settings.admission == Admission::Invited => return Err(Topic::InviteMissing.into()),
        None => query.return_to.as_deref().map(parse_return).transpose()?,
    };
    // Both at once: this is a process's first request, as a rule.
    let (keys, app) = tokio::join!(service.signing_keys().signing_keys(), service.app_credentials().app());
    let keys = keys?;
    let now = service.environment().clock.now();
    let invite = query.invite.as_deref().map(|signed| keys.verify::<Invite>(signed, now)).transpose();
    let mut invite = invite.map_err(|error| match error {
        SignatureError::Forged => Topic::InviteForged,
        SignatureError::Expired => Topic::InviteExpired,
    })?;
    let destination = invite.as_ref().and_then(|invite| invite.return_to.as_ref()).or(return_to.as_ref());
    if destination.is_some_and(|url| !settings.may_return_to(url)) {
        return Err(Topic::ReturnNotAllowed.into());
    }
    // Before the note: nobody is to read a greeting and then that nothing is set up.
    let app = app?;
    // A note is read once; what follows has no room for it.
    if let Some(note) = invite.as_mut().and_then(|invite| invite.note.take())
        && query.noted.is_none()
    {
        let mut next = link(&settings.public_url, query.invite.as_deref().unwrap_or_default());
        next.query_pairs_mut().append_pair("noted", "1");
        let say = phrases(language);
        return Ok(page(StatusCode::OK, &pages::Note { say, text: &note, next: next.as_str() }));
    }
    let mut state = LoginState::start(invite, now, &*service.environment().entropy)?;
    state.return_to = return_to;
    let signed_state = keys.sign(&state);
    // It would not be taken back. Only a very long return_to comes to this.
    if !looks_signed(&signed_state) {
        return Err(Topic::ReturnNotAllowed.into());
    }
    let url = service.provider().authorize_url(AuthorizeRequest {
        app_id: &app.id,
        redirect_uri: &settings.redirect_uri(),
        scopes: &settings.scopes,
        state: &signed_state,
    });
    let mut headers = HeaderMap::new();
    LoginCookie::of(&state, &settings.public_url).set(&state.cookie_value(&keys), &mut headers);
    service.environment().metrics.record(&[Measurement::one(Metric::LoginsStarted)]);
    Ok(to_instagram(&url, headers))
}

fn parse_return(text: &str) -> Result<Url, Topic> {
    Url::parse(text).map_err(|_| Topic::ReturnNotAllowed)
}

fn to_instagram(url: &Url, mut headers: HeaderMap) -> Response {
    // A serialised URL is ASCII without control characters: always a valid header.
    if let Ok(location) = HeaderValue::from_str(url.as_str()) {
        headers.insert(LOCATION, location);
    }
    (StatusCode::FOUND, headers).into_response()
}

/// A link that starts the same login again: the same invite, until it expires.
pub(crate) fn again<S: Ports>(service: &S, state: &LoginState, keys: &SigningKeys) -> String {
    let public_url = &service.environment().settings.public_url;
    if let Some(invite) = &state.invite {
        return link(public_url, &keys.sign(invite)).into();
    }
    let mut url = public_url::join(public_url, "login");
    if let Some(return_to) = &state.return_to {
        url.query_pairs_mut().append_pair("return_to", return_to.as_str());
    }
    url.into()
}
