//! The rule for when to publish an event: a pure function of the documents before and after, and the time.

use time::{Duration, OffsetDateTime};

use super::EventKind;
use crate::document::{Document, HealthState, Outcome};

/// How often an event repeats for an account that needs a person.
const REMIND_EVERY: Duration = Duration::days(7);

/// How many days before the end of the access to data an event reminds of it.
const REMINDERS: [u16; 4] = [30, 14, 7, 3];

/// The event to publish after a document has changed, if any.
///
/// A state that needs a person is published when it changes and then once a week. Consecutive failures are published at
/// the first one and then once a week, which is every `runs_a_week` failures.
pub fn of_change(before: &Document, after: &Document, now: OffsetDateTime, runs_a_week: u32) -> Option<EventKind> {
    let was_healthy = before.health.state == HealthState::Healthy;
    match after.health.state {
        HealthState::Healthy if !was_healthy => Some(EventKind::AccountRecovered),
        HealthState::Healthy if after.issued_at != before.issued_at => Some(EventKind::TokenRefreshed),
        HealthState::Healthy => {
            let new_failure = after.last_attempt != before.last_attempt && has_failed(after);
            let earlier_failures = after.last_attempt.failures.saturating_sub(1);
            let failed = new_failure && earlier_failures.is_multiple_of(runs_a_week.max(1));
            let expiring = || reminder(after, now).map(|_| EventKind::AccessExpiring);
            failed.then_some(EventKind::TokenRefreshFailed).or_else(expiring)
        }
        _ if !is_due(after, now) => None,
        HealthState::Attention => Some(EventKind::OwnerActionNeeded),
        HealthState::LoginRequired => Some(EventKind::LoginRequired),
    }
}

fn has_failed(document: &Document) -> bool {
    let attempt = &document.last_attempt;
    matches!(attempt.outcome, Outcome::Failed | Outcome::Parked | Outcome::Unproven) && attempt.failures > 0
}

/// Whether an event about this account's state is due: none was published yet, or the last one is a week old. For a healthy
/// account, whether a reminder is due.
pub fn is_due(document: &Document, now: OffsetDateTime) -> bool {
    match document.health.state {
        HealthState::Healthy => reminder(document, now).is_some(),
        _ => document.health.announced_at.is_none_or(|at| now - at >= REMIND_EVERY),
    }
}

/// The reminder that is due before access to data ends, as its number of days; `None` if none is due. Only a person's login
/// renews this access.
pub fn reminder(document: &Document, now: OffsetDateTime) -> Option<u16> {
    let left = document.data_access_expires_at? - now;
    let due = REMINDERS.into_iter().rfind(|days| left <= Duration::days(i64::from(*days)))?;
    document.reminded_days.is_none_or(|reminded| reminded > due).then_some(due)
}
