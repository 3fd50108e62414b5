//! The account document that the vault stores.

mod health;
mod last_attempt;
mod moved_to;
mod placement;

use std::borrow::Cow;
use std::{fmt, io};

use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use time::OffsetDateTime;

pub use self::health::{Health, HealthState};
pub use self::last_attempt::{LastAttempt, Outcome};
pub use self::moved_to::MovedTo;
pub use self::placement::Placement;
use crate::account::{AccountId, AccountName};
use crate::cohort::Cohort;
use crate::scopes::Scopes;
use crate::secrets::{self, AccessToken};
use crate::token::LongLivedToken;
use crate::visible_text::visible;

/// The schema version that this code reads and writes.
pub const SCHEMA: u64 = 1;

/// One connected account: its token and everything known about it.
///
/// Consumers only need `access_token`. Keys that this code does not know survive a write.
/// Serializing writes the token in plain text, so only [`Document::encode`] serializes, for a vault.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Document {
    /// Always [`SCHEMA`].
    pub schema: u64,
    /// The login that the token came from.
    pub provider: ProviderName,
    /// The account's key in the vault.
    pub name: AccountName,
    /// `/me`'s `user_id`: the professional account's id (17841...).
    pub account_id: AccountId,
    /// `/me`'s `id`: the id that is scoped to the app.
    pub app_scoped_id: AccountId,
    /// The Instagram username, updated at every refresh.
    pub username: String,
    /// `BUSINESS` or `MEDIA_CREATOR`.
    pub account_type: String,
    /// The long-lived token.
    #[serde(serialize_with = "secrets::serialize_for_vault")]
    pub access_token: AccessToken,
    /// `bearer`.
    pub token_type: String,
    /// The scopes that the owner granted.
    pub scopes: Scopes,
    /// When the owner last logged in.
    #[serde(with = "time::serde::rfc3339")]
    pub connected_at: OffsetDateTime,
    /// When this token was issued, by the login or the last refresh.
    #[serde(with = "time::serde::rfc3339")]
    pub issued_at: OffsetDateTime,
    /// When this token expires; `None` for a token that does not expire (Facebook page tokens).
    #[serde(with = "time::serde::rfc3339::option")]
    pub expires_at: Option<OffsetDateTime>,
    /// Whether `expires_at` is assumed, because the token was imported in its first day. It is renewed as soon as Meta
    /// allows, and the response says when it expires.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub expires_at_assumed: bool,
    /// When access to data expires, for a token that does not expire itself.
    #[serde(default, with = "time::serde::rfc3339::option", skip_serializing_if = "Option::is_none")]
    pub data_access_expires_at: Option<OffsetDateTime>,
    /// Facebook Login: whose token it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub token_kind: Option<TokenKind>,
    /// Facebook Login: the id of the page that the account is linked to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub page_id: Option<AccountId>,
    /// Facebook Login: the page's name at the last login.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub page_name: Option<String>,
    /// Facebook Login: the app-scoped id of the person who logged in, which Meta sends when that person removes the app.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub meta_user_id: Option<AccountId>,
    /// Facebook Login: the days before the end of data access of the last reminder, such as 30.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reminded_days: Option<u16>,
    /// Whether a person must act.
    pub health: Health,
    /// The last attempt to connect, refresh or check the account.
    pub last_attempt: LastAttempt,
    /// Keys that this code does not know.
    #[serde(flatten)]
    pub unknown: Map<String, Value>,
}

/// The login that a token came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ProviderName {
    /// Instagram API with Instagram Login.
    Instagram,
    /// Instagram API with Facebook Login for Business.
    Facebook,
}

impl ProviderName {
    /// The word in settings, documents and links.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Instagram => "instagram",
            Self::Facebook => "facebook",
        }
    }
}

/// Whose token Facebook Login issued.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TokenKind {
    /// A page's. It does not expire.
    Page,
    /// A system user's. It does not expire, or after 60 days.
    SystemUser,
    /// Written by a later version.
    #[serde(other)]
    Other,
}

/// A value in the vault is not an account document. Never quotes the value.
#[derive(Clone, Debug, thiserror::Error, PartialEq, Eq)]
pub enum DocumentError {
    /// The value is not JSON.
    #[error("the value is not JSON")]
    NotJson,
    /// The value is JSON without a `schema`.
    #[error("the value is not an account document: it has no \"schema\"")]
    Foreign,
    /// The document has another schema version.
    #[error("unsupported schema {found}: this version of Evertoken reads schema {SCHEMA}")]
    UnknownSchema {
        /// The value of `schema`.
        found: String,
    },
    /// A field is missing or has the wrong type.
    #[error("the field {path} is missing or has the wrong type")]
    Field {
        /// The path, such as `health.state`.
        path: String,
    },
    /// The document is stored under another account's name.
    #[error("the document belongs to another account, {found}")]
    OtherName {
        /// The value of `name`.
        found: AccountName,
    },
    /// The value is stored under a name that is not a valid account name.
    #[error("not a valid account name: names have 1 to 63 of the characters a-z, 0-9 and hyphen")]
    Misnamed,
    /// The vault did not return the value.
    #[error("the vault did not return the value ({code})")]
    Withheld {
        /// The vault's own error code.
        code: String,
    },
    /// The pack that holds the document is unreadable, or holds it in a way that is not valid.
    #[error("{problem}")]
    InPack {
        /// The pack, and what is wrong with it. Contains no stored value.
        problem: String,
    },
}

impl Document {
    /// Whether one of the document's ids is `id`. Meta does not say which of them it sends when an owner removes the
    /// app (`chatwoot/chatwoot#13201`).
    pub fn has_id(&self, id: &AccountId) -> bool {
        self.account_id == *id || self.app_scoped_id == *id || self.meta_user_id.as_ref() == Some(id)
    }

    /// When the account stops working unless somebody acts: the expiry of the token or of the access to data, whichever is
    /// sooner.
    pub fn deadline(&self) -> Option<OffsetDateTime> {
        match (self.expires_at, self.data_access_expires_at) {
            (Some(one), Some(other)) => Some(one.min(other)),
            (one, other) => one.or(other),
        }
    }

    /// Parses the value that a vault stores under `name`.
    pub fn decode(name: &AccountName, json: &str) -> Result<Self, DocumentError> {
        // Parsing so that an error can be explained takes twice as long, and almost all documents are valid.
        let mut document = match serde_json::from_str::<Self>(json) {
            Ok(document) if document.schema == SCHEMA => document,
            _ => Self::parse_and_explain(json)?,
        };
        if document.access_token.is_empty() {
            return Err(DocumentError::Field { path: "access_token".to_owned() });
        }
        if document.name != *name {
            return Err(DocumentError::OtherName { found: document.name });
        }
        // Somebody else may have written the document, and these texts are shown.
        for text in [&mut document.username, &mut document.account_type, &mut document.token_type]
            .into_iter()
            .chain(document.page_name.as_mut())
            .chain(document.health.message.as_mut())
        {
            if let Cow::Owned(escaped) = visible(text) {
                *text = escaped;
            }
        }
        Ok(document)
    }

    /// Parses a document. An error says what is wrong with it.
    fn parse_and_explain(json: &str) -> Result<Self, DocumentError> {
        let value: Value = serde_json::from_str(json).map_err(|_| DocumentError::NotJson)?;
        match value.get("schema") {
            None => return Err(DocumentError::Foreign),
            Some(schema) if schema.as_u64() != Some(SCHEMA) => {
                let found = match schema {
                    Value::Number(number) => number.to_string(),
                    // Any other value may be a secret, so it is not quoted.
                    _ => "(not a number)".to_owned(),
                };
                return Err(DocumentError::UnknownSchema { found });
            }
            Some(_) => {}
        }
        serde_path_to_error::deserialize(value).map_err(|error| {
            // serde reports a missing key at its parent; its message names the key and no value.
            let inner = error.inner().to_string();
            let missing = inner.strip_prefix("missing field `").and_then(|rest| rest.split('`').next());
            let path = match (error.path().to_string().as_str(), missing) {
                (".", Some(key)) => key.to_owned(),
                (parent, Some(key)) => format!("{parent}.{key}"),
                (path, None) => path.to_owned(),
            };
            DocumentError::Field { path }
        })
    }

    /// The same account with a token that was issued `now`. If Instagram does not report a lifetime, `expires_at` does not
    /// change.
    #[must_use]
    pub fn with_token(&self, token: LongLivedToken, now: OffsetDateTime) -> Self {
        let ends_at = if token.expires_in.is_positive() { now.checked_add(token.expires_in) } else { None };
        Self {
            access_token: token.token,
            token_type: token.token_type,
            issued_at: now,
            expires_at: ends_at.or(self.expires_at),
            expires_at_assumed: false,
            ..self.clone()
        }
    }

    /// The value to store: JSON with the keys in the schema's order, followed by unknown keys.
    pub fn encode(&self) -> SecretString {
        // Neither can fail: all keys are strings, and no Serialize implementation here returns an error.
        let mut length = Length(0);
        serde_json::to_writer(&mut length, self).unwrap_or_default();
        // A text that grows moves, and leaves copies of the token behind.
        let mut text = Vec::with_capacity(length.0);
        serde_json::to_writer(&mut text, self).unwrap_or_default();
        SecretString::from(String::from_utf8(text).unwrap_or_default())
    }
}

/// Counts the bytes of a text.
struct Length(usize);

impl io::Write for Length {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0 += bytes.len();
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Identifies a version of a stored document. Opaque. Every write creates a new one.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct VersionId(String);

impl VersionId {
    /// Wraps the vault's own version id.
    pub fn new(id: impl Into<String>) -> Self {
        Self(id.into())
    }

    /// The vault's own version id.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for VersionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A document and its version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Versioned {
    /// The version.
    pub version: VersionId,
    /// The document.
    pub document: Document,
    /// The accounts that it is stored with; `None` if it is stored alone.
    pub cohort: Option<Cohort>,
}

#[cfg(test)]
mod tests;
