//! What an attempt has changed in an account document.

use crate::document::{Document, HealthState, LastAttempt};
use crate::provider::CheckedToken;

/// Whether two documents of an account that needs a person differ only in the time and the number of attempts.
pub(super) fn differs_only_in_time(document: &Document, next: &Document) -> bool {
    let LastAttempt { at, failures, .. } = document.last_attempt;
    let attempt = LastAttempt { at, failures, ..next.last_attempt.clone() };
    document.health.state != HealthState::Healthy
        && attempt == document.last_attempt
        && Document { last_attempt: attempt, ..next.clone() } == *document
}

/// The document with another end of the access to data, if a check has found one. Reminders start again.
pub(super) fn with_data_access(document: &Document, token: &CheckedToken) -> Option<Document> {
    let found = token.data_access_expires_at?;
    (document.data_access_expires_at != Some(found)).then(|| Document {
        data_access_expires_at: Some(found),
        reminded_days: None,
        ..document.clone()
    })
}
