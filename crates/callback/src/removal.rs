//! `POST /deauthorize`, `POST /data-deletion` and `GET /data-deletion/{code}`: what Meta asks for when somebody removes the
//! app (Meta, "Data Deletion Request Callback").
//!
//! Nobody documents whether Meta repeats a request, so each may come again, and an unknown person is no error: a 404 would
//! only invite repetitions.

use evertoken_core::credentials::AppCredentials;
use evertoken_core::credentials::SigningKeySource;
use evertoken_core::vault::AccountIndex;
use evertoken_core::vault::AccountStore;
use std::sync::Arc;

use axum::Json;
use axum::body::Bytes;
use axum::extract::rejection::{BytesRejection, PathRejection};
use axum::extract::{Path, State};
use axum::response::Response;
use evertoken_core::clock::Clock;
use evertoken_core::deletion::{Deleted, Deletion};
use evertoken_core::events::{Event, EventKind};
use evertoken_core::public_url;
use evertoken_core::vault::{FoundAccounts, Removal};
use evertoken_instagram::signed_request;
use http::StatusCode;
use serde::Deserialize;
use serde_json::{Value, json};
use time::format_description::well_known::Rfc3339;

use crate::announcing::announce;
use crate::language::Language;
use crate::pages::{self, page};
use crate::problem::Problem;
use crate::service::Ports;
use crate::texts::phrases;
use crate::topic::Topic;

/// The largest body that is read, in bytes.
pub(crate) const LARGEST_BODY: usize = 64 * 1024;

#[derive(Deserialize)]
struct Posted {
    signed_request: String,
}

/// Somebody has removed the app: their documents go, and the operator can have them back for seven days.
pub(crate) async fn deauthorize<S: Ports>(
    State(service): State<Arc<S>>,
    body: Result<Bytes, BytesRejection>,
) -> Result<Json<Value>, Problem> {
    remove(service.as_ref(), body, Removal::Recoverable).await?;
    Ok(Json(json!({ "status": "ok" })))
}

/// Somebody wants their data deleted: at once and for good, what was removed before included.
pub(crate) async fn data_deletion<S: Ports>(
    State(service): State<Arc<S>>,
    body: Result<Bytes, BytesRejection>,
) -> Result<Json<Value>, Problem> {
    let service = service.as_ref();
    // First: without it no answer could be given for what is then done.
    let keys = service.signing_keys().signing_keys().await?;
    let what = remove(service, body, Removal::ForGood).await?;
    let code = Deletion { at: service.environment().clock.now(), what }.code(&keys);
    let url = public_url::join(&service.environment().settings.public_url, &format!("data-deletion/{code}"));
    Ok(Json(json!({ "url": url, "confirmation_code": code })))
}

/// Says what was deleted and when. The vault is not asked.
pub(crate) async fn deleted<S: Ports>(
    State(service): State<Arc<S>>,
    language: Language,
    code: Result<Path<String>, PathRejection>,
) -> Result<Response, Problem> {
    // The form first: nonsense costs no secret.
    let Path(code) = code.map_err(|_| Topic::DeletionUnknown)?;
    if code.len() > 100 || !code.bytes().all(|b| b.is_ascii_alphanumeric()) {
        return Err(Topic::DeletionUnknown.into());
    }
    let keys = service.signing_keys().signing_keys().await?;
    let deletion = Deletion::read(&code, &keys).ok_or(Topic::DeletionUnknown)?;
    let at = deletion.at.format(&Rfc3339).unwrap_or_default();
    let day: String = at.chars().take(10).collect();
    let say = phrases(language);
    let what = match deletion.what {
        Deleted::Account => say.deletion_account,
        Deleted::Nothing => say.deletion_nothing,
    };
    Ok(page(StatusCode::OK, &pages::Deletion { say, what, day: &day }))
}

async fn remove<S: Ports>(
    service: &S,
    body: Result<Bytes, BytesRejection>,
    removal: Removal,
) -> Result<Deleted, Problem> {
    let body = body.map_err(|rejection| match rejection.status() {
        StatusCode::PAYLOAD_TOO_LARGE => Topic::BodyTooLarge,
        _ => Topic::SignedRequestMalformed,
    })?;
    let signed_request = read(&body).ok_or(Topic::SignedRequestMalformed)?;
    let app = service.app_credentials().app().await?;
    let id = signed_request::verify(&app, &signed_request)?;
    let FoundAccounts { accounts, removed } = service.vault().find(&id).await?;
    let documents = accounts.into_iter().map(|account| (account.document.name.clone(), Some(account.document)));
    let mut leaving: Vec<_> = documents.collect();
    if removal == Removal::ForGood {
        // Their documents cannot be read any more.
        leaving.extend(removed.into_iter().map(|name| (name, None)));
    }
    let kind = match removal {
        Removal::Recoverable => EventKind::AccountDisconnected,
        Removal::ForGood => EventKind::DataDeleted,
    };
    for (name, document) in &leaving {
        service.vault().remove(name, removal).await?;
        tracing::info!(account.name = %name, removal = ?removal, "an account was removed because its owner asked for it");
        let now = service.environment().clock.now();
        announce(service, |reference| Event::removed(name, document.as_ref(), kind, now, reference)).await;
    }
    Ok(if leaving.is_empty() { Deleted::Nothing } else { Deleted::Account })
}

/// A form, as Meta documents it, or JSON. The body says which it is: no form begins with a brace.
fn read(body: &[u8]) -> Option<String> {
    let body = body.trim_ascii();
    let posted: Option<Posted> = if body.starts_with(b"{") {
        serde_json::from_slice(body).ok()
    } else {
        // A field that comes twice is refused.
        serde_urlencoded::from_bytes(body).ok()
    };
    posted.map(|posted| posted.signed_request).filter(|text| text.contains('.'))
}
