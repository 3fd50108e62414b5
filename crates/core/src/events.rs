//! What is announced, and when. Pure: the document before and after, and a time, make an event or none.

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

/// How often somebody is reminded of an account that waits for a person.
const REMIND_EVERY: Duration = Duration::days(7);

/// What an event says in `source`.
pub const SOURCE: &str = "evertoken";

/// What happened, in EventBridge's `detail-type`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum EventKind {
    /// An account's first login.
    AccountConnected,
    /// A login of an account that was there.
    AccountReconnected,
    /// A token was renewed.
    TokenRefreshed,
    /// A token could not be renewed, for a reason that may pass.
    TokenRefreshFailed,
    /// The account's owner must act on Instagram.
    OwnerActionNeeded,
    /// Only a new login helps.
    LoginRequired,
    /// A token works again without a login.
    AccountRecovered,
    /// The owner has removed the app.
    AccountDisconnected,
    /// The owner's data were deleted.
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

    /// Whether a new login is what helps, so that a link to one belongs in the event.
    pub fn asks_for_login(self) -> bool {
        matches!(self, Self::OwnerActionNeeded | Self::LoginRequired | Self::AccountDisconnected)
    }
}

/// Something that happened to an account. Holds no token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// What.
    pub kind: EventKind,
    /// When.
    pub at: OffsetDateTime,
    /// The account's name in the vault.
    pub name: String,
    /// The professional account's id.
    pub account_id: String,
    /// The user name.
    pub username: String,
    /// When the token ends.
    pub expires_at: Option<OffsetDateTime>,
    /// `healthy`, `attention` or `login_required`; none where the account is gone.
    pub health: Option<HealthState>,
    /// Why, in our words.
    pub reason: Option<String>,
    /// A link that repairs it.
    pub reconnect_url: Option<String>,
    /// Also in the log.
    pub reference: String,
}

impl Event {
    /// An event about a document as it stands now.
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

    /// The event of a login that ended well.
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

    /// The event of an account that its owner took away. Where it had been removed before, only its name is known.
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

    /// EventBridge's `detail`, of version 1.
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

/// Which event the step from one document to the next is, if any.
///
/// A state is announced when it changes and a week after it was announced last. A row of failed attempts is announced at
/// its first and then weekly; `runs_a_week` says after how many.
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

/// Whether somebody is to be told of this account's state: not yet told, or a week ago.
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
