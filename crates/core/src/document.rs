//! The account document, as it lies in the vault.

use std::fmt;

use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use time::OffsetDateTime;

use crate::account::{AccountId, AccountName};
use crate::provider_error::ProviderError;
use crate::scopes::Scopes;
use crate::secrets::{self, AccessToken};
use crate::token::LongLivedToken;

/// The schema that this code reads and writes.
pub const SCHEMA: u64 = 1;

/// One connected account: its token and all that is known about it.
///
/// Consumers need `access_token` alone. Keys that this code does not know are kept when it writes.
/// Serialising writes the token: only [`Document::encode`] does it, for a vault.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Document {
    /// Always [`SCHEMA`].
    pub schema: u64,
    /// Which of Meta's logins the token came from.
    pub provider: ProviderName,
    /// The key in the vault.
    pub name: AccountName,
    /// `/me`'s `user_id`: the professional account's id (17841...).
    pub account_id: AccountId,
    /// `/me`'s `id`: the person's id within the app.
    pub app_scoped_id: AccountId,
    /// The Instagram user name, brought up to date at each refresh.
    pub username: String,
    /// `BUSINESS` or `MEDIA_CREATOR`.
    pub account_type: String,
    /// The long-lived token.
    #[serde(serialize_with = "secrets::serialize_for_vault")]
    pub access_token: AccessToken,
    /// `bearer`.
    pub token_type: String,
    /// What the person granted.
    pub scopes: Scopes,
    /// When a person last logged in.
    #[serde(with = "time::serde::rfc3339")]
    pub connected_at: OffsetDateTime,
    /// When this token was issued: at the login or the last refresh.
    #[serde(with = "time::serde::rfc3339")]
    pub issued_at: OffsetDateTime,
    /// When this token ends; none for a token that does not expire (Facebook page tokens).
    #[serde(with = "time::serde::rfc3339::option")]
    pub expires_at: Option<OffsetDateTime>,
    /// For a token that does not expire: when access to data does.
    #[serde(default, with = "time::serde::rfc3339::option", skip_serializing_if = "Option::is_none")]
    pub data_access_expires_at: Option<OffsetDateTime>,
    /// Whether somebody must act.
    pub health: Health,
    /// What was last tried.
    pub last_attempt: LastAttempt,
    /// Keys that this code does not know.
    #[serde(flatten)]
    pub unknown: Map<String, Value>,
}

/// Which of Meta's logins a token came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ProviderName {
    /// Instagram API with Instagram Login.
    Instagram,
    /// Instagram API with Facebook Login for Business.
    Facebook,
}

/// Whether a machine can keep the account alive.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HealthState {
    /// Nobody need act.
    Healthy,
    /// The owner must act on Instagram; the token may then revive.
    Attention,
    /// Only a new login helps.
    LoginRequired,
}

/// [`HealthState`] and, unless healthy, since when and why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Health {
    /// The state.
    pub state: HealthState,
    /// Since when it is in this state.
    #[serde(default, with = "time::serde::rfc3339::option", skip_serializing_if = "Option::is_none")]
    pub since: Option<OffsetDateTime>,
    /// Instagram's error code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<i64>,
    /// Instagram's error subcode.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subcode: Option<i64>,
    /// Our words for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
    /// Concluded from our clock: the token has ended, and Instagram has yet to say so. It is still asked.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub presumed: bool,
    /// When somebody was last told of it by an event.
    #[serde(default, with = "time::serde::rfc3339::option", skip_serializing_if = "Option::is_none")]
    pub announced_at: Option<OffsetDateTime>,
    /// Keys that this code does not know.
    #[serde(flatten)]
    pub unknown: Map<String, Value>,
}

impl Health {
    /// Nobody need act.
    pub fn healthy() -> Self {
        Self {
            state: HealthState::Healthy,
            since: None,
            code: None,
            subcode: None,
            message: None,
            presumed: false,
            announced_at: None,
            unknown: Map::new(),
        }
    }

    /// The state that `failure` leads to. `since` stays where the state does.
    #[must_use]
    pub fn worsened(&self, state: HealthState, failure: &ProviderError, now: OffsetDateTime) -> Self {
        let (since, announced_at) = if self.state == state { (self.since, self.announced_at) } else { (None, None) };
        Self {
            state,
            since: since.or(Some(now)),
            presumed: false,
            announced_at,
            code: failure.code,
            subcode: failure.subcode,
            message: Some(failure.message()),
            unknown: self.unknown.clone(),
        }
    }
}

/// What was last tried with this account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LastAttempt {
    /// When.
    #[serde(with = "time::serde::rfc3339")]
    pub at: OffsetDateTime,
    /// How it ended.
    pub outcome: Outcome,
    /// How many attempts in a row have failed, this one included.
    pub failures: u32,
    /// Not to be tried again before: Instagram asked for a long wait.
    #[serde(default, with = "time::serde::rfc3339::option", skip_serializing_if = "Option::is_none")]
    pub not_before: Option<OffsetDateTime>,
    /// Keys that this code does not know.
    #[serde(flatten)]
    pub unknown: Map<String, Value>,
}

impl LastAttempt {
    /// An attempt that went well.
    pub fn succeeded(at: OffsetDateTime, outcome: Outcome) -> Self {
        Self { at, outcome, failures: 0, not_before: None, unknown: Map::new() }
    }

    /// One more attempt that did not.
    #[must_use]
    pub fn failed(&self, at: OffsetDateTime, outcome: Outcome) -> Self {
        Self { at, outcome, failures: self.failures.saturating_add(1), not_before: None, unknown: self.unknown.clone() }
    }
}

/// How an attempt ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// A person logged in.
    Connected,
    /// Renewed and stored.
    Refreshed,
    /// Alive, though not renewed: the token of an account that needed attention was accepted again.
    Probed,
    /// Renewed and stored, but Instagram did not say whether the new token works: the next run asks again. The one
    /// before it is parked.
    Unproven,
    /// Renewed, but Instagram refused the new token: it is parked, the old one stays current.
    Parked,
    /// Not renewed.
    Failed,
    /// Written by a later version.
    #[serde(other)]
    Other,
}

/// Why a value in the vault is no account document. Never quotes the value.
#[derive(Clone, Debug, thiserror::Error, PartialEq, Eq)]
pub enum DocumentError {
    /// Not JSON at all.
    #[error("the value is not JSON")]
    NotJson,
    /// JSON, but of something else.
    #[error("the value is no account document: it has no \"schema\"")]
    Foreign,
    /// A document of another time.
    #[error("schema {found} is unknown: this version of Evertoken reads schema {SCHEMA}")]
    UnknownSchema {
        /// What `schema` holds.
        found: String,
    },
    /// A field is missing or has the wrong type.
    #[error("the field {path} is missing or of the wrong kind")]
    Field {
        /// Where, as `health.state`.
        path: String,
    },
    /// It belongs under another name.
    #[error("the document says that its name is {found}")]
    OtherName {
        /// What `name` holds.
        found: AccountName,
    },
    /// It lies where accounts do, under a name that none can have.
    #[error("no account can have this name: names are 1 to 63 characters of a-z, 0-9 and hyphen")]
    Misnamed,
    /// The vault would not show it.
    #[error("the vault would not show the value ({code})")]
    Withheld {
        /// The vault's own error code.
        code: String,
    },
}

impl Document {
    /// Whether either of its ids is this one. Which of them Meta sends when somebody removes an app is not settled
    /// (`chatwoot/chatwoot#13201`).
    pub fn has_id(&self, id: &AccountId) -> bool {
        self.account_id == *id || self.app_scoped_id == *id
    }

    /// Reads the value that a vault holds under `name`.
    pub fn decode(name: &AccountName, json: &str) -> Result<Self, DocumentError> {
        let value: Value = serde_json::from_str(json).map_err(|_| DocumentError::NotJson)?;
        match value.get("schema") {
            None => return Err(DocumentError::Foreign),
            Some(schema) if schema.as_u64() != Some(SCHEMA) => {
                let found = match schema {
                    Value::Number(number) => number.to_string(),
                    // Whatever else stands there may be anything, a secret included.
                    _ => "that is no number".to_owned(),
                };
                return Err(DocumentError::UnknownSchema { found });
            }
            Some(_) => {}
        }
        let document: Self = serde_path_to_error::deserialize(value).map_err(|error| {
            // A missing key is reported at its parent; serde's text names it without a value.
            let inner = error.inner().to_string();
            let missing = inner.strip_prefix("missing field `").and_then(|rest| rest.split('`').next());
            let path = match (error.path().to_string().as_str(), missing) {
                (".", Some(key)) => key.to_owned(),
                (parent, Some(key)) => format!("{parent}.{key}"),
                (path, None) => path.to_owned(),
            };
            DocumentError::Field { path }
        })?;
        if document.access_token.is_empty() {
            return Err(DocumentError::Field { path: "access_token".to_owned() });
        }
        if document.name != *name {
            return Err(DocumentError::OtherName { found: document.name });
        }
        Ok(document)
    }

    /// The same account with a token that was issued `now`. Where Instagram does not say how long it lives, the end that
    /// was known before is believed.
    #[must_use]
    pub fn with_token(&self, token: LongLivedToken, now: OffsetDateTime) -> Self {
        let ends_at = if token.expires_in.is_positive() { now.checked_add(token.expires_in) } else { None };
        Self {
            access_token: token.token,
            token_type: token.token_type,
            issued_at: now,
            expires_at: ends_at.or(self.expires_at),
            ..self.clone()
        }
    }

    /// The value to store: JSON, keys in the order of the schema, those unknown to us last.
    pub fn encode(&self) -> SecretString {
        // Serialising to a string cannot fail: all keys are strings and no Serialize in here returns an error.
        SecretString::from(serde_json::to_string(self).unwrap_or_default())
    }
}

/// Which state of a document in the vault was read. Opaque; every write makes a new one.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct VersionId(String);

impl VersionId {
    /// A version as its vault names it.
    pub fn new(id: impl Into<String>) -> Self {
        Self(id.into())
    }

    /// The vault's own name for it.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for VersionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A document and the version it was read at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Versioned {
    /// Which state this is.
    pub version: VersionId,
    /// The document.
    pub document: Document,
}

#[cfg(test)]
mod tests;
