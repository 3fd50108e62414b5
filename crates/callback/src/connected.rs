//! `GET /connected`: shows the connected account and when its token expires, but never the token itself. Where the token is
//! stored is shown only to operators who asked for it in the invite.

use std::sync::Arc;

use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::response::Response;
use evertoken_core::credentials::SigningKeySource;
use evertoken_core::receipt::Receipt;
use evertoken_core::signing::looks_signed;
use http::StatusCode;
use serde::Deserialize;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use crate::error_page::ErrorPage;
use crate::language::Language;
use crate::pages::{ConnectedTemplate, StoredToken, page};
use crate::request_error::RequestError;
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
    query: Result<Query<ConnectedQuery>, QueryRejection>,
) -> Result<Response, RequestError> {
    let signed = query.ok().map(|Query(query)| query.receipt).filter(|receipt| looks_signed(receipt));
    let signed = signed.ok_or(ErrorPage::ReceiptInvalid)?;
    let keys = service.signing_keys().signing_keys().await?;
    let receipt =
        keys.verify::<Receipt>(&signed, service.environment().clock.now()).map_err(|_| ErrorPage::ReceiptInvalid)?;
    let (phrases, locator) = (phrases(language), &service.environment().locator);
    let day = |at: OffsetDateTime| Some((at.format(&Rfc3339).ok()?, phrases.date(at.date())));
    Ok(page(
        StatusCode::OK,
        &ConnectedTemplate {
            phrases,
            brand: &service.environment().settings.brand,
            heading: &fill(phrases.connected_heading, &[("{username}", receipt.username.clone())]),
            until: receipt.token_expires_at.and_then(day),
            stored: receipt.show_location.then(|| StoredToken {
                name: receipt.name.as_str(),
                location: locator.location(&receipt.name),
                command: locator.read_command(&receipt.name),
            }),
        },
    ))
}
