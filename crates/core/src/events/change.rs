//! The rule for when to publish an event: a pure function of the documents before and after, and the time.

use time::{Duration, OffsetDateTime};

use super::EventKind;
use crate::document::{Document, HealthState, Outcome};

/// How often an event repeats for an account that needs a person.
const REMIND_EVERY: Duration = Duration::days(7);

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
            (new_failure && earlier_failures.is_multiple_of(runs_a_week.max(1)))
                .then_some(EventKind::TokenRefreshFailed)
        }
        _ if !is_due(after, now) => None,
        HealthState::Attention => Some(EventKind::OwnerActionNeeded),
        HealthState::LoginRequired => Some(EventKind::LoginRequired),
    }
}

fn has_failed(document: &Document) -> bool {
    let attempt = &document.last_attempt;
    matches!(attempt.outcome, Outcome::Failed | Outcome::Parked) && attempt.failures > 0
}

/// Whether an event about this account's state is due: none was published yet, or the last one is a week old.
pub fn is_due(document: &Document, now: OffsetDateTime) -> bool {
    document.health.state != HealthState::Healthy
        && document.health.announced_at.is_none_or(|at| now - at >= REMIND_EVERY)
}
