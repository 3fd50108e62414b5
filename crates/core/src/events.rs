//! Events about accounts, and the rule for when to publish one: a pure function of the document before and after.

#[cfg(any(test, feature = "test-support"))]
mod memory;
mod reconnect;

use serde_json::{Value, json};
use time::{Duration, OffsetDateTime};

use crate::account::AccountName;
use crate::connected_account::ConnectedAccount;
use crate::document::{Document, HealthState, Outcome};

#[cfg(any(test, feature = "test-support"))]
pub use memory::MemoryEvents;
pub use reconnect::WithReconnect;

/// How often an event repeats for an account that needs a person.
const REMIND_EVERY: Duration = Duration::days(7);

/// The `source` of all events.
pub const SOURCE: &str = "evertoken";

/// The kind of an event, EventBridge's `detail-type`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum EventKind {
    /// An account's first login.
    AccountConnected,
    /// A later login of an account.
    AccountReconnected,
    /// A token was renewed.
    TokenRefreshed,
    /// A token could not be renewed for a reason that may be temporary.
    TokenRefreshFailed,
    /// The account's owner must act on Instagram.
    OwnerActionNeeded,
    /// Only a new login helps.
    LoginRequired,
    /// A token works again without a login.
    AccountRecovered,
    /// The owner removed the app.
    AccountDisconnected,
    /// The owner's data was deleted.
    DataDeleted,
}

impl EventKind {
    /// The `detail-type`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::AccountConnected => "Account Connected",
            Self::AccountReconnected => "Account Reconnected",
            Self::TokenRefreshed => "Token Refreshed",
            Self::TokenRefreshFailed => "Token Refresh Failed",
            Self::OwnerActionNeeded => "Owner Action Needed",
            Self::LoginRequired => "Login Required",
            Self::AccountRecovered => "Account Recovered",
            Self::AccountDisconnected => "Account Disconnected",
            Self::DataDeleted => "Data Deleted",
        }
    }

    /// Whether the event should carry a reconnect link.
    pub fn asks_for_login(self) -> bool {
        matches!(self, Self::OwnerActionNeeded | Self::LoginRequired | Self::AccountDisconnected)
    }
}

/// An event about an account. Contains no token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// The kind of event.
    pub kind: EventKind,
    /// When it happened.
    pub at: OffsetDateTime,
    /// The account's name in the vault.
    pub name: String,
    /// The professional account's id.
    pub account_id: String,
    /// The Instagram user name.
    pub username: String,
    /// When the token expires.
    pub expires_at: Option<OffsetDateTime>,
    /// The account's health; `None` if the account was deleted.
    pub health: Option<HealthState>,
    /// Cause and remedy.
    pub reason: Option<String>,
    /// A link that reconnects the account.
    pub reconnect_url: Option<String>,
    /// A random reference that also appears in the log.
    pub reference: String,
}

impl Event {
    /// An event about an account with this document.
    pub fn about(document: &Document, kind: EventKind, at: OffsetDateTime, reference: impl Into<String>) -> Self {
        Self {
            kind,
            at,
            name: document.name.to_string(),
            account_id: document.account_id.to_string(),
            username: document.username.clone(),
            expires_at: document.expires_at,
            health: Some(document.health.state),
            reason: document.health.message.clone(),
            reconnect_url: None,
            reference: reference.into(),
        }
    }

    /// The event for a completed login.
    pub fn connected(login: &ConnectedAccount, at: OffsetDateTime, reference: impl Into<String>) -> Self {
        Self {
            kind: if login.reconnected { EventKind::AccountReconnected } else { EventKind::AccountConnected },
            at,
            name: login.name.to_string(),
            account_id: login.account_id.to_string(),
            username: login.username.clone(),
            expires_at: login.expires_at,
            health: Some(HealthState::Healthy),
            reason: None,
            reconnect_url: None,
            reference: reference.into(),
        }
    }

    /// The event for an account that its owner removed. If it was deleted before, only its name is known.
    pub fn removed(
        name: &AccountName,
        document: Option<&Document>,
        kind: EventKind,
        at: OffsetDateTime,
        reference: impl Into<String>,
    ) -> Self {
        Self {
            kind,
            at,
            name: name.to_string(),
            account_id: document.map_or_else(String::new, |document| document.account_id.to_string()),
            username: document.map_or_else(String::new, |document| document.username.clone()),
            expires_at: None,
            health: None,
            reason: None,
            reconnect_url: None,
            reference: reference.into(),
        }
    }

    /// EventBridge's `detail`, version 1.
    pub fn detail(&self) -> Value {
        let expires_at = self.expires_at.and_then(|at| at.format(&time::format_description::well_known::Rfc3339).ok());
        json!({
            "version": 1,
            "name": self.name,
            "account_id": self.account_id,
            "username": self.username,
            "expires_at": expires_at,
            "health": self.health,
            "reason": self.reason,
            "reconnect_url": self.reconnect_url,
            "reference": self.reference,
        })
    }
}

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
            let LastFailure { failed, number } = LastFailure::of(after);
            let tried = after.last_attempt != before.last_attempt;
            (tried && failed && (number - 1).is_multiple_of(runs_a_week.max(1)))
                .then_some(EventKind::TokenRefreshFailed)
        }
        _ if !is_due(after, now) => None,
        HealthState::Attention => Some(EventKind::OwnerActionNeeded),
        HealthState::LoginRequired => Some(EventKind::LoginRequired),
    }
}

struct LastFailure {
    failed: bool,
    /// Counted from 1.
    number: u32,
}

impl LastFailure {
    fn of(document: &Document) -> Self {
        let attempt = &document.last_attempt;
        let failed = matches!(attempt.outcome, Outcome::Failed | Outcome::Parked) && attempt.failures > 0;
        Self { failed, number: attempt.failures.max(1) }
    }
}

/// Whether an event about this account's state is due: none was published yet, or the last one is a week old.
pub fn is_due(document: &Document, now: OffsetDateTime) -> bool {
    document.health.state != HealthState::Healthy
        && document.health.announced_at.is_none_or(|at| now - at >= REMIND_EVERY)
}

/// Publishes events.
pub trait Events: Send + Sync + 'static {
    /// Whether events are published at all. If not, nothing is recorded about them in documents either.
    fn is_enabled(&self) -> bool;

    /// Publishes an event. A failure loses this event and nothing else.
    fn send(&self, event: Event) -> impl Future<Output = Result<(), EventError>> + Send;
}

impl<T: Events> Events for Option<T> {
    fn is_enabled(&self) -> bool {
        self.as_ref().is_some_and(T::is_enabled)
    }

    async fn send(&self, event: Event) -> Result<(), EventError> {
        match self {
            Some(events) => events.send(event).await,
            None => Ok(()),
        }
    }
}

/// An event was not published. Contains nothing of the event.
#[derive(Clone, Debug, thiserror::Error, PartialEq, Eq)]
#[error("cannot publish the event ({code})")]
pub struct EventError {
    /// The receiver's own error code.
    pub code: String,
}

#[cfg(test)]
mod tests;
