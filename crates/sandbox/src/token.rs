//! Access tokens.

use serde::{Deserialize, Serialize};
use time::{Duration, OffsetDateTime};

use crate::account::InstagramId;

/// A short-lived token expires after one hour (Meta, Instagram Platform overview).
pub(crate) const SHORT_LIVED_LIFETIME: Duration = Duration::hours(1);

#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum TokenKind {
    /// Issued by the code exchange.
    Short,
    /// Issued by the long-lived exchange, by a refresh, or in the dashboard.
    Long,
}

/// The event that invalidated a token before it expired.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Invalidation {
    Revoked,
    PasswordChanged,
    Superseded,
}

#[derive(Clone)]
pub(crate) struct Token {
    pub(crate) account: InstagramId,
    pub(crate) kind: TokenKind,
    pub(crate) scopes: Vec<String>,
    pub(crate) issued_at: OffsetDateTime,
    pub(crate) expires_at: OffsetDateTime,
    pub(crate) invalidation: Option<Invalidation>,
}
