//! Whether an account needs a person.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use time::OffsetDateTime;

use crate::provider_error::ProviderError;

/// Whether Evertoken can keep the token valid by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HealthState {
    /// No action is needed.
    Healthy,
    /// The owner must act on Instagram; the token may then work again.
    Attention,
    /// Only a new login helps.
    LoginRequired,
}

/// The [`HealthState`] and, unless it is healthy, since when and why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Health {
    /// The state.
    pub state: HealthState,
    /// When the account entered this state.
    #[serde(default, with = "time::serde::rfc3339::option", skip_serializing_if = "Option::is_none")]
    pub since: Option<OffsetDateTime>,
    /// Instagram's error code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<i64>,
    /// Instagram's error subcode.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subcode: Option<i64>,
    /// Cause and remedy.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
    /// Whether the state is only inferred: the token has expired by our clock, and Instagram has not confirmed it. Runs
    /// keep calling Instagram until it does.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub presumed: bool,
    /// When an event last reported this state.
    #[serde(default, with = "time::serde::rfc3339::option", skip_serializing_if = "Option::is_none")]
    pub announced_at: Option<OffsetDateTime>,
    /// Keys that this code does not know.
    #[serde(flatten)]
    pub unknown: Map<String, Value>,
}

impl Health {
    /// A healthy account.
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

    /// The health after `failure`. If the state does not change, `since` and `announced_at` do not change either.
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
