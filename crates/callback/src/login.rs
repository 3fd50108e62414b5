//! `GET /login`: checks the invite and shows its landing page; then sets the cookie and redirects to Instagram.

use std::sync::Arc;

use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::response::{IntoResponse, Response};
use evertoken_core::credentials::{AppCredentials, SigningKeySource};
use evertoken_core::document::ProviderName;
use evertoken_core::invite::{Invite, start_link};
use evertoken_core::login_state::LoginState;
use evertoken_core::metrics::{Measurement, Metric};
use evertoken_core::provider::{AuthorizeRequest, Provider};
use evertoken_core::signing::{SignatureError, looks_signed};
use evertoken_core::vault::InviteClaims;
use evertoken_core::visible_text::visible;
use http::StatusCode;
use http::header::LOCATION;
use serde::Deserialize;
use url::Url;

use crate::error_page::ErrorPage;
use crate::language::Language;
use crate::links::split_links;
use crate::login_cookie::LoginCookie;
use crate::offered_logins::{app_of, login_of, wanted};
use crate::pages::{InviteTemplate, LoginButton, page};
use crate::request_error::RequestError;
use crate::restart::with_login;
use crate::service::Ports;
use crate::settings::LoginMode;
use crate::texts::{fill, phrases};

#[derive(Deserialize)]
pub(crate) struct LoginQuery {
    invite: Option<String>,
    /// Where to send the person afterwards. Only used for a login without an invite.
    return_to: Option<String>,
    /// Set by the button of the invite's landing page.
    noted: Option<String>,
    /// The login to use, where several are offered: `instagram` or `facebook`.
    provider: Option<String>,
}

pub(crate) async fn login<S: Ports>(
    State(service): State<Arc<S>>,
    language: Language,
    query: Result<Query<LoginQuery>, QueryRejection>,
) -> Result<Response, RequestError> {
    let service = service.as_ref();
    let settings = &service.environment().settings;
    // Evertoken never creates a link with a malformed query, such as one with a repeated parameter.
    let Query(query) = query.map_err(|_| ErrorPage::InviteForged)?;
    // Rejects malformed input before it fetches a secret, so that bad requests cost nothing.
    let return_to = match &query.invite {
        Some(signed) if !looks_signed(signed) => return Err(ErrorPage::InviteForged.into()),
        Some(_) => None,
        None if settings.login_mode == LoginMode::InviteOnly => return Err(ErrorPage::InviteMissing.into()),
        None => query.return_to.as_deref().map(parse_return).transpose()?,
    };
    // In parallel, because this is usually the first request of a process.
    let (keys, app) = tokio::join!(service.signing_keys().signing_keys(), service.app_credentials().app());
    let keys = keys?;
    let now = service.environment().clock.now();
    let invite = query.invite.as_deref().map(|signed| keys.verify::<Invite>(signed, now)).transpose();
    let mut invite = invite.map_err(|error| match error {
        SignatureError::Forged => ErrorPage::InviteForged,
        SignatureError::Expired => ErrorPage::InviteExpired,
    })?;
    let destination = invite.as_ref().and_then(|invite| invite.return_to.as_ref()).or(return_to.as_ref());
    if destination.is_some_and(|url| !settings.may_return_to(url)) {
        return Err(ErrorPage::ReturnNotAllowed.into());
    }
    let of_invite = invite.as_ref().and_then(|invite| invite.provider);
    let wanted = wanted(service, of_invite, query.provider.as_deref())?;
    let name = wanted.or_else(|| service.logins().names().next()).ok_or(ErrorPage::LoginNotOffered)?;
    // Before the landing page, so that nobody reads it and then learns that the service is not set up.
    let app = app?;
    let app = app_of(&app, name)?;
    // If this read fails, the login goes on: it claims the invite before it stores the account.
    if let Some(once) = invite.as_ref().and_then(|invite| invite.once.as_ref())
        && service.vault().is_claimed(once).await.unwrap_or(false)
    {
        return Err(ErrorPage::InviteUsed.into());
    }
    // Taken out of the invite, because the state has no room for a note.
    let note = invite.as_mut().and_then(|invite| invite.note.take());
    let mut state = LoginState::start(invite, now, &*service.environment().entropy)?;
    state.return_to = return_to;
    state.provider = name;
    let signed_state = keys.sign(&state);
    // The callback would reject a state of this length. Only a very long return_to leads to one.
    if !looks_signed(&signed_state) {
        return Err(ErrorPage::ReturnNotAllowed.into());
    }
    if let Some(signed) = query.invite.as_deref().filter(|_| query.noted.is_none()) {
        return Ok(landing_page(service, language, wanted, note.as_deref(), signed));
    }
    let url = login_of(service, name)?.authorize_url(AuthorizeRequest {
        app_id: &app.id,
        redirect_uri: &settings.redirect_uri(),
        scopes: settings.scopes_of(name),
        state: &signed_state,
    });
    let cookies =
        LoginCookie::of(&state, &settings.public_url).set(&state.cookie_value(&keys), query.invite.as_deref());
    service.environment().metrics.record(&[Measurement::one(Metric::LoginsStarted)]);
    Ok((StatusCode::FOUND, cookies, [(LOCATION, String::from(url))]).into_response())
}

/// Tells the person who opened an invite what it is about. Its button starts the login; where several logins are offered,
/// there is one button each.
fn landing_page<S: Ports>(
    service: &S,
    language: Language,
    wanted: Option<ProviderName>,
    note: Option<&str>,
    signed: &str,
) -> Response {
    let settings = &service.environment().settings;
    let (phrases, brand) = (phrases(language), &settings.brand);
    let from = match &brand.name {
        Some(name) => fill(phrases.invite_from_brand, &[("{brand}", name.clone())]),
        None => phrases.invite_from_person.to_owned(),
    };
    let note = note.map(visible);
    let link = start_link(&settings.public_url, signed);
    let names: Vec<_> = service.logins().names().filter(|name| wanted.is_none_or(|wanted| wanted == *name)).collect();
    let scopes = names.first().map_or(&settings.scopes, |name| settings.scopes_of(*name));
    let (purpose, end) = match wanted {
        Some(ProviderName::Facebook) => (phrases.invite_purpose_facebook, phrases.invite_end_facebook),
        Some(ProviderName::Instagram) | None => (phrases.invite_purpose, phrases.invite_end),
    };
    let template = InviteTemplate {
        phrases,
        brand,
        from: &from,
        purpose,
        note: note.as_deref(),
        permissions: scopes.iter().map(|scope| phrases.permission(scope)).collect(),
        end: split_links(end, str::to_owned),
        buttons: names
            .iter()
            .map(|name| LoginButton::new(phrases, *name, with_login(service, link.clone(), *name)))
            .collect(),
        is_choice: names.len() > 1,
    };
    page(StatusCode::OK, &template)
}

/// The URL parser reads a backslash as a slash, and other software does not.
fn parse_return(text: &str) -> Result<Url, ErrorPage> {
    Url::parse(text).ok().filter(|_| !text.contains('\\')).ok_or(ErrorPage::ReturnNotAllowed)
}
