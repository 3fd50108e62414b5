//! The last attempt to connect, refresh or check an account.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use time::OffsetDateTime;

use crate::login_state::LoginId;

/// The last attempt to connect, refresh or check an account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LastAttempt {
    /// When Instagram answered the attempt.
    #[serde(with = "time::serde::rfc3339")]
    pub at: OffsetDateTime,
    /// The result.
    pub outcome: Outcome,
    /// The number of consecutive failures, including this attempt.
    pub failures: u32,
    /// The earliest time of the next attempt, if Instagram asked for a long wait.
    #[serde(default, with = "time::serde::rfc3339::option", skip_serializing_if = "Option::is_none")]
    pub not_before: Option<OffsetDateTime>,
    /// The login that stored this document, so that its duplicate callback recognizes the result.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub login: Option<LoginId>,
    /// Keys that this code does not know.
    #[serde(flatten)]
    pub unknown: Map<String, Value>,
}

impl LastAttempt {
    /// A successful attempt.
    pub fn succeeded(at: OffsetDateTime, outcome: Outcome) -> Self {
        Self { at, outcome, failures: 0, not_before: None, login: None, unknown: Map::new() }
    }

    /// A failed attempt that follows this one.
    #[must_use]
    pub fn failed(&self, at: OffsetDateTime, outcome: Outcome) -> Self {
        let failures = self.failures.saturating_add(1);
        Self { at, outcome, failures, not_before: None, login: None, unknown: self.unknown.clone() }
    }
}

/// The result of an attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// The owner logged in.
    Connected,
    /// The token was renewed and stored.
    Refreshed,
    /// The token of an account that needed attention works again. It was not renewed.
    Probed,
    /// The token was renewed and stored, but Instagram did not confirm that it works. The next run checks it. The
    /// previous token is parked.
    Unproven,
    /// The token was renewed, but Instagram rejected the new token. The new one is parked and the old one stays current.
    Parked,
    /// The token was not renewed.
    Failed,
    /// Written by a later version.
    #[serde(other)]
    Other,
}
