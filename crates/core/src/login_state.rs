//! What ties a callback to the browser that started the login.
//!
//! `state` travels through Instagram and is signed; the cookie stays in the browser and holds a tag that only we can
//! make for that state's nonce. One cookie a login, so that several tabs work at once. Using it up replaces it by a
//! receipt: a reload then leads to the result, and the code is not tried again.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use time::{Duration, OffsetDateTime};
use url::Url;

use crate::account::AccountName;
use crate::invite::Invite;
use crate::ports::{Entropy, EntropyError};
use crate::signing::{Claims, SigningKeys};

/// How long a person may take from `/login` to `/callback`.
pub const LIFETIME: Duration = Duration::minutes(10);

/// How long `/connected` may be shown again.
const RECEIPT_LIFETIME: Duration = Duration::hours(1);

const COOKIE_PURPOSE: &str = "login-cookie";

/// One login under way. Signed, it is OAuth's `state`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LoginState {
    /// Names this login. Unguessable, so that no state can be made ahead of time.
    #[serde(rename = "n")]
    nonce: String,
    #[serde(rename = "exp", with = "time::serde::timestamp")]
    expires_at: OffsetDateTime,
    /// The invite that started it; none where logins are open.
    #[serde(rename = "inv", default, skip_serializing_if = "Option::is_none")]
    pub invite: Option<Invite>,
}

impl Claims for LoginState {
    const PURPOSE: &'static str = "state";

    fn expires_at(&self) -> OffsetDateTime {
        self.expires_at
    }
}

impl LoginState {
    /// A login that starts now.
    pub fn start(invite: Option<Invite>, now: OffsetDateTime, entropy: &impl Entropy) -> Result<Self, EntropyError> {
        let mut bytes = [0; 16];
        entropy.fill(&mut bytes)?;
        Ok(Self { nonce: URL_SAFE_NO_PAD.encode(bytes), expires_at: now + LIFETIME, invite })
    }

    /// What tells this login's cookie from another tab's: part of the cookie's name.
    pub fn cookie_suffix(&self) -> &str {
        self.nonce.get(..8).unwrap_or(&self.nonce)
    }

    /// What the cookie holds.
    pub fn cookie_value(&self, keys: &SigningKeys) -> String {
        keys.tag(COOKIE_PURPOSE, &self.nonce)
    }

    /// Whether a cookie is the one that was set when this login started. In constant time.
    pub fn is_bound_to(&self, cookie_value: &str, keys: &SigningKeys) -> bool {
        keys.holds(COOKIE_PURPOSE, &self.nonce, cookie_value)
    }
}

/// What `/connected` says. Signed, it needs no look into the vault and tells nobody else's business.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Receipt {
    #[serde(rename = "exp", with = "time::serde::timestamp")]
    expires_at: OffsetDateTime,
    /// The account's key in the vault.
    pub name: AccountName,
    /// The Instagram user name.
    pub username: String,
    /// When the token ends.
    #[serde(rename = "token_exp", with = "time::serde::timestamp::option")]
    pub token_expires_at: Option<OffsetDateTime>,
    /// Where the invite sends the person.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub return_to: Option<Url>,
}

impl Claims for Receipt {
    const PURPOSE: &'static str = "receipt";

    fn expires_at(&self) -> OffsetDateTime {
        self.expires_at
    }
}

impl Receipt {
    /// A receipt for a login that ended well at `now`.
    pub fn new(connected: &crate::login::Connected, return_to: Option<Url>, now: OffsetDateTime) -> Self {
        Self {
            expires_at: now + RECEIPT_LIFETIME,
            name: connected.name.clone(),
            username: connected.username.clone(),
            token_expires_at: connected.expires_at,
            return_to,
        }
    }
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    use super::*;
    use crate::system::SystemEntropy;

    #[test]
    fn a_cookie_fits_its_own_login_only() {
        let keys = SigningKeys::parse("k-k-k-k-k-k-k-k-k-k-k-k-k-k-k-k-k-k-k").unwrap();
        let now = datetime!(2026-11-22 05:00 UTC);
        let [one, other] = [(); 2].map(|()| LoginState::start(None, now, &SystemEntropy).unwrap());
        assert!(one.is_bound_to(&one.cookie_value(&keys), &keys));
        assert!(!one.is_bound_to(&other.cookie_value(&keys), &keys));
        assert!(!one.is_bound_to("", &keys));
        assert_ne!(one.cookie_suffix(), other.cookie_suffix());
    }
}
