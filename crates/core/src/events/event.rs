//! An event about an account, and its JSON form.

use serde_json::{Value, json};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use crate::account::AccountName;
use crate::cohort::Cohort;
use crate::connected_account::ConnectedAccount;
use crate::document::{Document, HealthState, Placement, ProviderName, Versioned};

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
    /// Access to the account's data ends soon, and only a login renews it.
    AccessExpiring,
    /// A token works again without a login.
    AccountRecovered,
    /// The person who logged in copied the token.
    TokenRevealed,
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
            Self::AccessExpiring => "Access Expiring",
            Self::AccountRecovered => "Account Recovered",
            Self::TokenRevealed => "Token Revealed",
            Self::AccountDisconnected => "Account Disconnected",
            Self::DataDeleted => "Data Deleted",
        }
    }

    /// Whether the event should carry a reconnect link.
    pub fn asks_for_login(self) -> bool {
        matches!(self, Self::OwnerActionNeeded | Self::LoginRequired | Self::AccountDisconnected | Self::AccessExpiring)
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
    /// The Instagram username.
    pub username: String,
    /// When the account stops working unless somebody acts; see [`Document::deadline`].
    pub expires_at: Option<OffsetDateTime>,
    /// The account's health; `None` if the account was deleted.
    pub health: Option<HealthState>,
    /// Cause and remedy.
    pub reason: Option<String>,
    /// The pack that holds the account, or held it before it was removed; `None` if it has a secret of its own.
    pub pack: Option<Cohort>,
    /// The login that the account was connected with, if that must be used again: Facebook's.
    pub provider: Option<ProviderName>,
    /// For a removed account, where a login through the link stores it again. Its deleted document was the only record of that.
    pub placement: Placement,
    /// A link that reconnects the account.
    pub reconnect_url: Option<String>,
    /// A random reference that also appears in the log.
    pub reference: String,
}

fn only_facebook(document: &Document) -> Option<ProviderName> {
    Some(document.provider).filter(|provider| *provider == ProviderName::Facebook)
}

/// The reason of [`EventKind::AccessExpiring`].
fn access_expires() -> String {
    "Facebook ends the app's access to this account's data 90 days after the last login. Ask the person who connected it to log in again.".to_owned()
}

impl Event {
    /// An event about an account.
    pub fn about(account: &Versioned, kind: EventKind, at: OffsetDateTime, reference: impl Into<String>) -> Self {
        let document = &account.document;
        Self {
            kind,
            at,
            name: document.name.to_string(),
            account_id: document.account_id.to_string(),
            username: document.username.clone(),
            expires_at: document.deadline(),
            health: Some(document.health.state),
            reason: document
                .health
                .message
                .clone()
                .or_else(|| (kind == EventKind::AccessExpiring).then(access_expires)),
            pack: account.cohort.clone(),
            provider: only_facebook(document),
            placement: Placement::Anywhere,
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
            pack: login.cohort.clone(),
            provider: None,
            placement: Placement::Anywhere,
            reconnect_url: None,
            reference: reference.into(),
        }
    }

    /// The event for an account that its owner removed. If it was deleted before, only its name is known.
    pub fn removed(
        name: &AccountName,
        account: Option<&Versioned>,
        kind: EventKind,
        at: OffsetDateTime,
        reference: impl Into<String>,
    ) -> Self {
        let document = account.map(|account| &account.document);
        Self {
            kind,
            at,
            name: name.to_string(),
            account_id: document.map_or_else(String::new, |document| document.account_id.to_string()),
            username: document.map_or_else(String::new, |document| document.username.clone()),
            expires_at: None,
            health: None,
            reason: None,
            pack: account.and_then(|account| account.cohort.clone()),
            provider: document.and_then(only_facebook),
            placement: document.map_or(Placement::Anywhere, Document::placement),
            reconnect_url: None,
            reference: reference.into(),
        }
    }

    /// EventBridge's `detail`, version 1. Only the detail of an account in a pack has the key `pack`.
    pub fn detail(&self) -> Value {
        let expires_at = self.expires_at.and_then(|at| at.format(&Rfc3339).ok());
        let mut detail = json!({
            "version": 1,
            "name": self.name,
            "account_id": self.account_id,
            "username": self.username,
            "expires_at": expires_at,
            "health": self.health,
            "reason": self.reason,
            "reconnect_url": self.reconnect_url,
            "reference": self.reference,
        });
        if let (Some(pack), Value::Object(keys)) = (&self.pack, &mut detail) {
            keys.insert("pack".to_owned(), pack.as_str().into());
        }
        detail
    }
}
