//! `POST /deauthorize`, `POST /data-deletion` and `GET /data-deletion/{code}`: Meta's callbacks for a removed app (Meta, "Data
//! Deletion Request Callback").
//!
//! Meta does not document whether it retries. Each callback is therefore idempotent, and an unknown person is not an error,
//! because a 404 could cause retries. A request that the vault could not complete is kept and tried again.

use std::sync::Arc;

use axum::Json;
use axum::body::Bytes;
use axum::extract::rejection::{BytesRejection, PathRejection};
use axum::extract::{Path, State};
use axum::response::Response;
use evertoken_aws::ATTEMPTS_HEADER;
use evertoken_core::credentials::{AppCredentials, SigningKeySource};
use evertoken_core::deletion::{Deleted, Deletion};
use evertoken_core::events::{Event, EventKind};
use evertoken_core::metrics::{Measurement, Metric};
use evertoken_core::public_url;
use evertoken_core::removal_queue::{DeferredRemoval, RemovalCallback};
use evertoken_core::vault::{
    AccountIndex, AccountStore, FoundAccounts, OutageCause, ParkedDocuments, Removal, VaultError,
};
use evertoken_instagram::signed_request;
use http::{HeaderMap, StatusCode};
use serde::Deserialize;
use serde_json::{Value, json};
use time::UtcOffset;
use tokio::time::{Instant, timeout};

use crate::error_page::ErrorPage;
use crate::language::Language;
use crate::pages::{DeletionTemplate, page};
use crate::request_error::RequestError;
use crate::service::{Ports, publish_in_background};
use crate::texts::phrases;

/// In bytes.
pub(crate) const MAX_BODY: usize = 64 * 1024;

#[derive(Deserialize)]
struct MetaCallback {
    signed_request: String,
}

/// Deletes the accounts of a person who removed the app. The operator can restore them for seven days.
pub(crate) async fn deauthorize<S: Ports>(
    State(service): State<Arc<S>>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<Json<Value>, RequestError> {
    let removed = remove(&service, body, &headers, RemovalCallback::Deauthorize).await;
    count_failure(service.as_ref(), removed)?;
    Ok(Json(json!({ "status": "ok" })))
}

/// Deletes the accounts of a person who asked for it, immediately and permanently, including those deleted before.
pub(crate) async fn data_deletion<S: Ports>(
    State(service): State<Arc<S>>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<Json<Value>, RequestError> {
    let code = count_failure(service.as_ref(), delete(&service, body, &headers).await)?;
    let url = public_url::join(&service.environment().settings.public_url, &format!("data-deletion/{code}"));
    Ok(Json(json!({ "url": url, "confirmation_code": code })))
}

/// Returns the confirmation code.
async fn delete<S: Ports>(
    service: &Arc<S>,
    body: Result<Bytes, BytesRejection>,
    headers: &HeaderMap,
) -> Result<String, RequestError> {
    let what = remove(service, body, headers, RemovalCallback::DataDeletion).await?;
    // Last: without the keys, Meta gets no confirmation code, but the accounts are deleted.
    let keys = service.signing_keys().signing_keys().await?;
    Ok(Deletion { at: service.environment().clock.now(), what }.code(&keys))
}

/// Records a failed request. Bodies that Meta would not send come from strangers and do not count. A signature that does not
/// match counts, because it may be one of Meta's, made with a secret that is not stored.
fn count_failure<S: Ports, T>(service: &S, result: Result<T, RequestError>) -> Result<T, RequestError> {
    if let Err(error) = &result
        && !matches!(error.page(), ErrorPage::SignedRequestMalformed | ErrorPage::BodyTooLarge)
    {
        service.environment().metrics.record(&[Measurement::one(Metric::RemovalsFailed)]);
    }
    result
}

/// Shows what was deleted and when, without access to the vault.
pub(crate) async fn deletion_status<S: Ports>(
    State(service): State<Arc<S>>,
    language: Language,
    code: Result<Path<String>, PathRejection>,
) -> Result<Response, RequestError> {
    // Rejects malformed input before it fetches a secret, so that bad requests cost nothing.
    let Path(code) = code.map_err(|_| ErrorPage::DeletionUnknown)?;
    if code.len() > 100 || !code.bytes().all(|b| b.is_ascii_alphanumeric()) {
        return Err(ErrorPage::DeletionUnknown.into());
    }
    let keys = service.signing_keys().signing_keys().await?;
    let deletion = Deletion::read(&code, &keys).ok_or(ErrorPage::DeletionUnknown)?;
    let phrases = phrases(language);
    let day = deletion.at.to_offset(UtcOffset::UTC).date();
    let description = match deletion.what {
        Deleted::Account => phrases.deletion_account,
        Deleted::Nothing => phrases.deletion_nothing,
    };
    let (timestamp, date) = (&day.to_string(), &phrases.date(day));
    let brand = &service.environment().settings.brand;
    Ok(page(StatusCode::OK, &DeletionTemplate { phrases, brand, description, timestamp, date }))
}

/// How often the queue has sent a request again; 0 for a request of Meta.
fn attempts(headers: &HeaderMap) -> u32 {
    headers.get(ATTEMPTS_HEADER).and_then(|value| value.to_str().ok()?.parse().ok()).unwrap_or(0)
}

async fn remove<S: Ports>(
    service: &Arc<S>,
    body: Result<Bytes, BytesRejection>,
    headers: &HeaderMap,
    callback: RemovalCallback,
) -> Result<Deleted, RequestError> {
    let body = body.map_err(|rejection| match rejection.status() {
        StatusCode::PAYLOAD_TOO_LARGE => ErrorPage::BodyTooLarge,
        _ => ErrorPage::SignedRequestMalformed,
    })?;
    let signed_request = parse(&body).ok_or(ErrorPage::SignedRequestMalformed)?;
    let attempts = attempts(headers);
    // What is left is done when the request is sent again.
    let limit = service.environment().settings.time_limits.removal;
    let removed = match timeout(limit, remove_signed(service, callback, &signed_request)).await {
        Ok(Err(error)) if attempts > 0 && error.page() == ErrorPage::SignedRequestOutdated => {
            // The request was carried out when it came, and the owner has connected the account again since.
            Ok(Removed { what: Deleted::Nothing, may_miss_recent: false })
        }
        Ok(removed) => removed,
        Err(_) => Err(VaultError::Unavailable { cause: OutageCause::Network, code: "timeout".to_owned() }.into()),
    };
    // A request which succeeds is tried again once.
    let must_retry = match &removed {
        Ok(removed) => removed.may_miss_recent && attempts == 0,
        Err(RequestError::Vault(_)) => true,
        // Verified when it first came. Another request cannot be verified now, and anybody could fill the queue.
        Err(RequestError::Credentials(_)) => attempts > 0,
        Err(_) => false,
    };
    if must_retry && let Some(queue) = &service.environment().removals {
        let removal = DeferredRemoval { callback, signed_request, attempts: attempts.saturating_add(1) };
        if let Err(error) = queue.defer(removal).await {
            tracing::error!(http.route = callback.path(), "{error}");
        }
    }
    Ok(removed?.what)
}

/// Tries a removal request again that was deferred. Returns whether it is done: completed, or refused for good.
pub async fn retry_removal<S: Ports>(service: &Arc<S>, removal: &DeferredRemoval) -> bool {
    let route = removal.callback.path();
    let code = match remove_signed(service, removal.callback, &removal.signed_request).await {
        Ok(_) => {
            tracing::info!(http.route = route, "a queued removal request is done");
            return true;
        }
        Err(RequestError::Vault(error)) => {
            tracing::error!(http.route = route, "a queued removal request failed and is tried again: {error}");
            return false;
        }
        Err(RequestError::Credentials(error)) => {
            tracing::error!(http.route = route, "a queued removal request failed and is tried again: {error}");
            return false;
        }
        Err(error) => error.page().code(),
    };
    tracing::error!(
        http.route = route,
        error.code = code,
        "a queued removal request is refused now, and not tried again"
    );
    true
}

/// What a removal request did.
struct Removed {
    what: Deleted,
    /// Whether an account that was stored a few minutes ago can have been missed.
    may_miss_recent: bool,
}

async fn remove_signed<S: Ports>(
    service: &Arc<S>,
    callback: RemovalCallback,
    signed_request: &str,
) -> Result<Removed, RequestError> {
    let (removal, kind) = match callback {
        RemovalCallback::Deauthorize => (Removal::Recoverable, EventKind::AccountDisconnected),
        RemovalCallback::DataDeletion => (Removal::ForGood, EventKind::DataDeleted),
    };
    let app = service.app_credentials().app().await?;
    let request = signed_request::verify(&app, signed_request, service.environment().clock.now())?;
    let FoundAccounts { accounts, removed, former, may_miss_recent } = service.vault().find(&request.user_id).await?;
    let (accounts, reconnected): (Vec<_>, Vec<_>) =
        accounts.into_iter().partition(|account| request.is_about(&account.document));
    if accounts.is_empty() && removed.is_empty() && former.is_empty() && !reconnected.is_empty() {
        return Err(ErrorPage::SignedRequestOutdated.into());
    }
    // An account that cannot be deleted does not stop the others from being deleted.
    let mut failure = None;
    for name in &former {
        if let Err(error) = service.vault().forget_earlier(name).await {
            failure.get_or_insert(error);
            continue;
        }
        tracing::info!(account.name = %name, "earlier documents of another account deleted at their owner's request");
    }
    let mut leaving: Vec<_> =
        accounts.into_iter().map(|account| (account.document.name.clone(), Some(account))).collect();
    if removal == Removal::ForGood {
        // Their documents can no longer be read.
        leaving.extend(removed.into_iter().map(|name| (name, None)));
    }
    let what = if leaving.is_empty() && former.is_empty() { Deleted::Nothing } else { Deleted::Account };
    for (name, account) in leaving {
        if let Err(error) = service.vault().remove(&name, removal).await {
            failure.get_or_insert(error);
            continue;
        }
        tracing::info!(account.name = %name, removal = ?removal, "account removed at its owner's request");
        let now = service.environment().clock.now();
        let deadline = service.environment().settings.time_limits.deadlines(Instant::now()).response;
        publish_in_background(service, deadline, move |reference| {
            Event::removed(&name, account.as_ref(), kind, now, reference)
        });
    }
    failure.map_or(Ok(Removed { what, may_miss_recent }), |error| Err(error.into()))
}

/// Reads a form, as Meta documents it, or JSON. No form starts with a brace.
fn parse(body: &[u8]) -> Option<String> {
    let body = body.trim_ascii();
    let callback: Option<MetaCallback> = if body.starts_with(b"{") {
        serde_json::from_slice(body).ok()
    } else {
        // Rejects a repeated field.
        serde_urlencoded::from_bytes(body).ok()
    };
    callback.map(|callback| callback.signed_request).filter(|text| text.contains('.'))
}
