//! Facebook's authorization codes.

use time::{Duration, OffsetDateTime};

use crate::facebook::id::FacebookId;

/// Meta does not document how long a code works. Ten minutes are assumed.
pub(crate) const CODE_LIFETIME: Duration = Duration::minutes(10);

/// What a code is exchanged for.
#[derive(Clone)]
pub(crate) enum CodeGrant {
    /// A user token, with what the person has granted.
    User,
    /// A token of a business integration system user, with what the person has granted to it.
    SystemUser { is_dated: bool, scopes: Vec<String>, pages: Vec<FacebookId> },
}

/// Kept after its exchange, so that a second exchange gets another error than an unknown code.
pub(crate) struct FacebookCode {
    pub(crate) person: FacebookId,
    pub(crate) redirect_uri: String,
    pub(crate) grant: CodeGrant,
    pub(crate) issued_at: OffsetDateTime,
    pub(crate) used: bool,
}
