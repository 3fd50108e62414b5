//! Authorization codes.

use time::{Duration, OffsetDateTime};

use crate::account::InstagramId;

/// A code expires after one hour (Meta, "Business Login for Instagram").
pub(crate) const CODE_LIFETIME: Duration = Duration::hours(1);

/// Kept after its exchange, so that a second exchange gets another error than an unknown code.
pub(crate) struct AuthorizationCode {
    pub(crate) account: InstagramId,
    pub(crate) redirect_uri: String,
    pub(crate) scopes: Vec<String>,
    pub(crate) issued_at: OffsetDateTime,
    pub(crate) used: bool,
}
