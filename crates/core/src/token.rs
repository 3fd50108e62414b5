//! The two kinds of access token that Instagram issues.

use time::Duration;

use crate::scopes::Scopes;
use crate::secrets::AccessToken;

/// A token that lives for one hour. It is exchanged for a long-lived token and never stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ShortLivedToken {
    /// The token.
    pub token: AccessToken,
    /// The scopes that the owner granted; `None` if Instagram does not say.
    pub granted: Option<Scopes>,
}

/// A token that lives for about 60 days.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LongLivedToken {
    /// The token. A refresh may return the same text or another.
    pub token: AccessToken,
    /// `bearer`.
    pub token_type: String,
    /// The remaining lifetime that Instagram reports. Zero if the response to a refresh has no plausible lifetime: the
    /// token is still valid, and the known expiry stays.
    pub expires_in: Duration,
}

impl LongLivedToken {
    /// A token without a known lifetime, such as a page's, which has none.
    pub fn without_lifetime(token: AccessToken) -> Self {
        Self { token, token_type: "bearer".to_owned(), expires_in: Duration::ZERO }
    }
}
