//! `POST /reveal`: shows the token once to the person who has just logged in, if the invite allows it.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::State;
use axum::extract::rejection::BytesRejection;
use axum::response::Response;
use evertoken_core::credentials::SigningKeySource;
use evertoken_core::events::{Event, EventKind};
use evertoken_core::receipt::Receipt;
use evertoken_core::reveal::{RevealError, reveal as reveal_once};
use evertoken_core::signing::looks_signed;
use http::{HeaderMap, StatusCode};
use serde::Deserialize;
use tokio::time::Instant;

use crate::error_page::ErrorPage;
use crate::language::Language;
use crate::login_cookie;
use crate::pages::{RevealTemplate, page};
use crate::request_error::RequestError;
use crate::service::{Ports, publish_in_background};
use crate::texts::phrases;

#[derive(Deserialize)]
struct RevealForm {
    receipt: String,
}

impl From<RevealError> for RequestError {
    fn from(error: RevealError) -> Self {
        match error {
            RevealError::Refused => ErrorPage::RevealRefused.into(),
            RevealError::Used => ErrorPage::RevealUsed.into(),
            RevealError::Vault(error) => error.into(),
        }
    }
}

/// Requires the receipt of the login and, as its cookie, the browser that logged in. A request from another site does not
/// carry the cookie (`SameSite=Lax`).
pub(crate) async fn reveal<S: Ports>(
    State(service): State<Arc<S>>,
    language: Language,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<Response, RequestError> {
    let environment = service.environment();
    // Rejects malformed input before it fetches a secret, so that bad requests cost nothing.
    let form: Option<RevealForm> = body.ok().and_then(|body| serde_urlencoded::from_bytes(&body).ok());
    let signed = form.map(|form| form.receipt).filter(|receipt| looks_signed(receipt));
    let signed = signed.ok_or(ErrorPage::RevealRefused)?;
    let keys = service.signing_keys().signing_keys().await?;
    let now = environment.clock.now();
    let receipt = keys.verify::<Receipt>(&signed, now).map_err(|_| ErrorPage::RevealRefused)?;
    if !login_cookie::proves(&receipt, &headers, &environment.settings.public_url, &keys) {
        return Err(ErrorPage::RevealRefused.into());
    }
    let account = reveal_once(service.vault(), &receipt, now).await?;
    tracing::info!(account.name = %account.document.name, "token shown to the person who logged in");
    let (shown, deadline) = (account.clone(), environment.settings.time_limits.deadlines(Instant::now()).response);
    publish_in_background(&service, deadline, move |reference| {
        Event::about(&shown, EventKind::TokenRevealed, now, reference)
    });
    let template = RevealTemplate {
        phrases: phrases(language),
        brand: &environment.settings.brand,
        token: account.document.access_token.expose(),
    };
    Ok(page(StatusCode::OK, &template))
}
