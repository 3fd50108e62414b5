//! `GET /connected`: shows the connected account and when its token expires, but never the token itself. Where the token is
//! stored is shown only to operators who asked for it in the invite, and a button that shows the token only if the invite
//! allows it, in the browser that logged in.

use std::sync::Arc;

use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::response::Response;
use evertoken_core::credentials::SigningKeySource;
use evertoken_core::public_url;
use evertoken_core::receipt::Receipt;
use evertoken_core::signing::looks_signed;
use http::header::CONTENT_SECURITY_POLICY;
use http::{HeaderMap, HeaderValue, StatusCode};
use serde::Deserialize;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use crate::error_page::ErrorPage;
use crate::language::Language;
use crate::login_cookie;
use crate::pages::{ConnectedTemplate, StoredToken, page};
use crate::request_error::RequestError;
use crate::security_policy::{Forms, content_security_policy};
use crate::service::Ports;
use crate::texts::{fill, phrases};

#[derive(Deserialize)]
pub(crate) struct ConnectedQuery {
    receipt: String,
}

/// Shows the contents of the receipt, without access to the vault.
pub(crate) async fn connected<S: Ports>(
    State(service): State<Arc<S>>,
    language: Language,
    headers: HeaderMap,
    query: Result<Query<ConnectedQuery>, QueryRejection>,
) -> Result<Response, RequestError> {
    let signed = query.ok().map(|Query(query)| query.receipt).filter(|receipt| looks_signed(receipt));
    let signed = signed.ok_or(ErrorPage::ReceiptInvalid)?;
    let keys = service.signing_keys().signing_keys().await?;
    let (settings, now) = (&service.environment().settings, service.environment().clock.now());
    let receipt = keys.verify::<Receipt>(&signed, now).map_err(|_| ErrorPage::ReceiptInvalid)?;
    let may_reveal =
        receipt.reveal_claim(now).is_some() && login_cookie::proves(&receipt, &headers, &settings.public_url, &keys);
    let reveal_url = public_url::join(&settings.public_url, "reveal");
    let (phrases, locator) = (phrases(language), &service.environment().locator);
    let day = |at: OffsetDateTime| Some((at.format(&Rfc3339).ok()?, phrases.date(at.date())));
    let mut response = page(
        StatusCode::OK,
        &ConnectedTemplate {
            phrases,
            brand: &settings.brand,
            heading: &fill(phrases.connected_heading, &[("{username}", receipt.username.clone())]),
            others: &receipt.others,
            through_facebook: receipt.through_facebook,
            until: receipt.token_expires_at.and_then(day),
            reveal: may_reveal.then_some((reveal_url.as_str(), signed.as_str())),
            stored: receipt.show_location.then(|| StoredToken {
                name: receipt.name.as_str(),
                location: locator.location(&receipt.name),
                command: locator.read_command(&receipt.name),
            }),
        },
    );
    if may_reveal && let Ok(policy) = HeaderValue::from_str(&content_security_policy(&settings.brand, Forms::Here)) {
        response.headers_mut().insert(CONTENT_SECURITY_POLICY, policy);
    }
    Ok(response)
}
