//! OAuth's `state`, and the cookie that binds it to the browser that started the login.
//!
//! `state` is signed and passes through Instagram. The cookie stays in the browser and holds an HMAC of the state's nonce.
//! There is one cookie per login, so that several tabs work at the same time. A completed login replaces it with a
//! receipt: a reload then shows the result and does not send the code again.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use time::{Duration, OffsetDateTime};
use url::Url;

use crate::document::ProviderName;
use crate::entropy::{Entropy, EntropyError};
use crate::invite::Invite;
use crate::signing::{Claims, SigningKeys};

/// The longest time between `/login` and `/callback`.
pub const LIFETIME: Duration = Duration::minutes(10);

const COOKIE_PURPOSE: &str = "login-cookie";
const CONSUMED_PURPOSE: &str = "login-spent";

/// Identifies a login in the vault. It is a hash, so it does not reveal the nonce.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct LoginId(String);

impl LoginId {
    /// The id as 32 hexadecimal digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A login in progress. Signed, it is OAuth's `state`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LoginState {
    /// Identifies this login. Random, so that a state cannot be predicted.
    #[serde(rename = "n")]
    nonce: String,
    #[serde(rename = "exp", with = "time::serde::timestamp")]
    expires_at: OffsetDateTime,
    /// The login that the person chose.
    #[serde(rename = "p", default = "instagram", skip_serializing_if = "is_instagram")]
    pub provider: ProviderName,
    /// The invite that started the login; `None` for an open login.
    #[serde(rename = "inv", default, skip_serializing_if = "Option::is_none")]
    pub invite: Option<Invite>,
    /// The URL to redirect to after an open login.
    #[serde(rename = "ret", default, skip_serializing_if = "Option::is_none")]
    pub return_to: Option<Url>,
}

fn instagram() -> ProviderName {
    ProviderName::Instagram
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
fn is_instagram(provider: &ProviderName) -> bool {
    *provider == ProviderName::Instagram
}

impl Claims for LoginState {
    const PURPOSE: &'static str = "state";

    fn expires_at(&self) -> OffsetDateTime {
        self.expires_at
    }
}

impl LoginState {
    /// Starts a login.
    pub fn start(invite: Option<Invite>, now: OffsetDateTime, entropy: &dyn Entropy) -> Result<Self, EntropyError> {
        let mut bytes = [0; 16];
        entropy.fill(&mut bytes)?;
        let (nonce, provider) = (URL_SAFE_NO_PAD.encode(bytes), ProviderName::Instagram);
        Ok(Self { nonce, expires_at: now + LIFETIME, provider, invite, return_to: None })
    }

    /// The login's id in the vault.
    pub fn login_id(&self) -> LoginId {
        let digest: [u8; 32] =
            Sha256::new().chain_update("evertoken/login/").chain_update(&self.nonce).finalize().into();
        let (half, _) = digest.split_at(16);
        LoginId(hex::encode(half))
    }

    /// The URL to redirect to after the login, unless that is `/connected`.
    pub fn destination(&self) -> Option<&Url> {
        self.invite.as_ref().and_then(|invite| invite.return_to.as_ref()).or(self.return_to.as_ref())
    }

    /// The part of the cookie's name that distinguishes it from another tab's cookie.
    pub fn cookie_suffix(&self) -> &str {
        self.nonce.get(..8).unwrap_or(&self.nonce)
    }

    /// The cookie's value.
    pub fn cookie_value(&self, keys: &SigningKeys) -> String {
        keys.tag(COOKIE_PURPOSE, &self.nonce)
    }

    /// Whether the cookie was set when this login started. Takes constant time.
    pub fn is_bound_to(&self, cookie_value: &str, keys: &SigningKeys) -> bool {
        keys.holds(COOKIE_PURPOSE, &self.nonce, cookie_value)
    }

    /// The cookie's value after the login has failed. It distinguishes a reload from another browser and cannot continue a
    /// login.
    pub fn consumed_value(&self, keys: &SigningKeys) -> String {
        keys.tag(CONSUMED_PURPOSE, &self.nonce)
    }

    /// Whether the cookie says that this login's code was consumed. Takes constant time.
    pub fn is_consumed_by(&self, cookie_value: &str, keys: &SigningKeys) -> bool {
        keys.holds(CONSUMED_PURPOSE, &self.nonce, cookie_value)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use time::macros::datetime;

    use super::*;
    use crate::entropy::SystemEntropy;
    use crate::receipt::Receipt;

    #[test]
    fn a_cookie_is_bound_to_its_own_login() {
        let keys = SigningKeys::parse("k-k-k-k-k-k-k-k-k-k-k-k-k-k-k-k-k-k-k").unwrap();
        let now = datetime!(2026-11-22 05:00 UTC);
        let [one, other] = [(); 2].map(|()| LoginState::start(None, now, &SystemEntropy).unwrap());
        assert!(one.is_bound_to(&one.cookie_value(&keys), &keys));
        assert!(!one.is_bound_to(&other.cookie_value(&keys), &keys));
        assert!(!one.is_bound_to("", &keys));
        assert!(one.is_consumed_by(&one.consumed_value(&keys), &keys));
        assert!(!one.is_bound_to(&one.consumed_value(&keys), &keys), "a consumed cookie must not continue a login");
        assert!(!other.is_consumed_by(&one.consumed_value(&keys), &keys));
        assert_ne!(one.cookie_suffix(), other.cookie_suffix());
    }

    proptest! {
        #[test]
        fn an_invite_state_receipt_or_cookie_with_an_altered_byte_is_rejected(which in 0usize..5, at in 0usize..1000, byte in 0u8..128) {
            let keys = SigningKeys::parse("k-k-k-k-k-k-k-k-k-k-k-k-k-k-k-k-k-k-k").unwrap();
            let now = datetime!(2026-11-22 05:00 UTC);
            let mut invite = Invite::new(now + Duration::days(7));
            invite.name = Some("shop-de".parse().unwrap());
            let state = LoginState::start(Some(invite.clone()), now, &SystemEntropy).unwrap();
            let connected = crate::connected_account::ConnectedAccount {
                name: "shop-de".parse().unwrap(),
                account_id: "17841405793187218".parse().unwrap(),
                username: "blue_bottle".to_owned(),
                expires_at: None,
                cohort: None,
                reconnected: false,
            };
            let receipt = Receipt::new(&connected, &state, now);
            let texts = [
                keys.sign(&invite), keys.sign(&state), keys.sign(&receipt), state.cookie_value(&keys), state.consumed_value(&keys),
            ];
            let mut altered = texts[which].clone().into_bytes();
            let at = at % altered.len();
            prop_assume!(altered[at] != byte);
            altered[at] = byte;
            let altered = String::from_utf8(altered).unwrap();
            prop_assert!(keys.verify::<Invite>(&altered, now).is_err());
            prop_assert!(keys.open::<LoginState>(&altered).is_none());
            prop_assert!(keys.verify::<Receipt>(&altered, now).is_err());
            prop_assert!(!state.is_bound_to(&altered, &keys) && !state.is_consumed_by(&altered, &keys));
        }
    }
}
