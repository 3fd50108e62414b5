//! `GET /connected`: who is connected, until when, and how to read the token; never the token.

use evertoken_core::credentials::SigningKeySource;
use std::sync::Arc;

use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::response::Response;
use evertoken_core::clock::Clock;
use evertoken_core::receipt::Receipt;
use evertoken_core::signing::looks_signed;
use http::StatusCode;
use serde::Deserialize;
use time::format_description::well_known::Rfc3339;

use crate::language::Language;
use crate::pages::{self, page};
use crate::problem::Problem;
use crate::service::Ports;
use crate::texts::{fill, phrases};
use crate::topic::Topic;

/// What the callback handed on.
#[derive(Deserialize)]
pub(crate) struct ConnectedQuery {
    receipt: String,
}

/// Shows what the receipt says. The vault is not asked.
pub(crate) async fn connected<S: Ports>(
    State(service): State<Arc<S>>,
    language: Language,
    query: Result<Query<ConnectedQuery>, QueryRejection>,
) -> Result<Response, Problem> {
    let signed = query.ok().map(|Query(query)| query.receipt).filter(|receipt| looks_signed(receipt));
    let signed = signed.ok_or(Topic::ReceiptInvalid)?;
    let keys = service.signing_keys().signing_keys().await?;
    let receipt =
        keys.verify::<Receipt>(&signed, service.environment().clock.now()).map_err(|_| Topic::ReceiptInvalid)?;
    let say = phrases(language);
    Ok(page(
        StatusCode::OK,
        &pages::Connected {
            say,
            heading: &fill(say.connected_heading, &[("{username}", receipt.username.clone())]),
            name: receipt.name.as_str(),
            until: receipt.token_expires_at.and_then(|at| Some((at.format(&Rfc3339).ok()?, at.date().to_string()))),
            location: &service.environment().locator.location(&receipt.name),
            command: &service.environment().locator.read_command(&receipt.name),
        },
    ))
}
