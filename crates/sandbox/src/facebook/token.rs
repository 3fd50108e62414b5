//! Facebook's access tokens.

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

use crate::facebook::id::FacebookId;

/// What a token belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TokenOwner {
    User,
    Page(FacebookId),
    SystemUser,
}

impl TokenOwner {
    /// `type` in the token debugger.
    pub(crate) fn debugger_type(self) -> &'static str {
        match self {
            Self::User => "USER",
            Self::Page(_) => "PAGE",
            Self::SystemUser => "SYSTEM_USER",
        }
    }
}

/// The event that invalidated a token before it expired.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum FacebookInvalidation {
    Revoked,
    PasswordChanged,
}

/// A token, without its text.
#[derive(Clone)]
pub(crate) struct FacebookToken {
    /// The Meta app to which it was issued.
    pub(crate) app_id: String,
    pub(crate) person: FacebookId,
    pub(crate) owner: TokenOwner,
    pub(crate) scopes: Vec<String>,
    /// Whether it is a system user's token, or a page token obtained with one. It ends neither with a password nor with a
    /// person's data access.
    pub(crate) is_system_users: bool,
    /// The pages of a system-user token. `None` follows what the person has granted, or all pages of a system user.
    pub(crate) pages: Option<Vec<FacebookId>>,
    pub(crate) issued_at: OffsetDateTime,
    /// `None` if it does not expire.
    pub(crate) expires_at: Option<OffsetDateTime>,
    /// Whether a code has given it for one to two hours.
    pub(crate) is_short_lived: bool,
    pub(crate) invalidation: Option<FacebookInvalidation>,
}

/// A kind of token that the control API creates.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FacebookTokenKind {
    /// A user token for one to two hours.
    ShortLivedUser,
    /// A user token for 60 days.
    User,
    /// A page token without an expiry date.
    Page,
    /// A page token that was obtained with a short-lived user token, and expires with it.
    ShortLivedPage,
    /// A system-user token without an expiry date.
    SystemUser,
    /// A system-user token for 60 days.
    #[serde(rename = "system_user_60_days")]
    SystemUserFor60Days,
}
