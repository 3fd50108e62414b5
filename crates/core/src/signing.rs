//! Signed, expiring claims: invites, login state, receipts.
//!
//! A signed text is `base64url(JSON) "." base64url(HMAC-SHA256)`. The MAC covers the claims' purpose too, so that an
//! invite is no state and a state no receipt. Nothing in it is secret; it is only not to be forged.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit, Mac};
use secrecy::{ExposeSecret, SecretString};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use sha2::Sha256;
use time::OffsetDateTime;

/// The shortest key that is accepted, in characters.
pub const MINIMUM_KEY_LENGTH: usize = 32;

/// The longest signed text that is looked at, in bytes: what comes from outside costs no more than this.
const MAXIMUM_LENGTH: usize = 4096;

/// What can be signed: claims with a purpose and an end.
pub trait Claims: Serialize + DeserializeOwned {
    /// Keeps one kind of claims from passing as another.
    const PURPOSE: &'static str;

    /// When they cease to hold.
    fn expires_at(&self) -> OffsetDateTime;
}

/// Keys that sign and verify: the first signs, all verify, so that a key can be replaced without cutting off what
/// was signed before.
#[derive(Clone)]
pub struct SigningKeys(Vec<SecretString>);

impl std::fmt::Debug for SigningKeys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "SigningKeys({} redacted)", self.0.len())
    }
}

/// The text holds no keys of sufficient length.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error(
    "signing keys are one text of at least {MINIMUM_KEY_LENGTH} characters, or {{\"keys\":[\"newest\",\"older\"]}} of such"
)]
pub struct InvalidSigningKeys;

/// Why a signed text does not hold.
#[derive(Clone, Copy, Debug, thiserror::Error, PartialEq, Eq)]
pub enum SignatureError {
    /// Not a signed text, or changed on its way, or signed for something else or with other keys.
    #[error("the signature does not hold")]
    Forged,
    /// Genuine, but its time is over.
    #[error("it has expired")]
    Expired,
}

#[derive(Deserialize)]
struct Keys {
    keys: Vec<String>,
}

impl SigningKeys {
    /// Reads the signing secret's value.
    pub fn parse(text: &str) -> Result<Self, InvalidSigningKeys> {
        let text = text.trim();
        let keys = if text.starts_with('{') {
            serde_json::from_str::<Keys>(text).map_err(|_| InvalidSigningKeys)?.keys
        } else {
            vec![text.to_owned()]
        };
        if keys.is_empty() || keys.iter().any(|key| key.trim().chars().count() < MINIMUM_KEY_LENGTH) {
            return Err(InvalidSigningKeys);
        }
        Ok(Self(keys.iter().map(|key| SecretString::from(key.trim())).collect()))
    }

    /// Signs claims.
    pub fn sign<C: Claims>(&self, claims: &C) -> String {
        // Claims are structs with string keys: serialising them to a string cannot fail.
        let payload = URL_SAFE_NO_PAD.encode(serde_json::to_vec(claims).unwrap_or_default());
        let tag = self.tag(C::PURPOSE, &payload);
        format!("{payload}.{tag}")
    }

    /// Gives the claims back if they were signed with one of the keys and hold at `now`.
    pub fn verify<C: Claims>(&self, text: &str, now: OffsetDateTime) -> Result<C, SignatureError> {
        let claims: C = self.open(text).ok_or(SignatureError::Forged)?;
        if claims.expires_at() <= now { Err(SignatureError::Expired) } else { Ok(claims) }
    }

    /// The claims if they were signed with one of the keys, expired or not: for what is still of use then.
    pub fn open<C: Claims>(&self, text: &str) -> Option<C> {
        let (payload, tag) = split(text)?;
        if !self.holds(C::PURPOSE, payload, tag) {
            return None;
        }
        serde_json::from_slice(&URL_SAFE_NO_PAD.decode(payload).ok()?).ok()
    }

    /// A tag that nobody can make without the keys: what a cookie holds for the state it belongs to.
    pub fn tag(&self, purpose: &str, text: &str) -> String {
        let tag = self.0.first().map(|key| mac(key, purpose, text).finalize().into_bytes());
        URL_SAFE_NO_PAD.encode(tag.unwrap_or_default())
    }

    /// Whether `tag` is `text`'s tag under one of the keys. Takes the same time whatever is wrong.
    pub fn holds(&self, purpose: &str, text: &str, tag: &str) -> bool {
        let Ok(tag) = URL_SAFE_NO_PAD.decode(tag) else { return false };
        self.0.iter().any(|key| mac(key, purpose, text).verify_slice(&tag).is_ok())
    }
}

impl SigningKeys {
    /// [`Self::tag`] in letters and digits.
    pub(crate) fn hex_tag(&self, purpose: &str, text: &str) -> String {
        let tag = self.0.first().map(|key| mac(key, purpose, text).finalize().into_bytes());
        hex::encode(tag.unwrap_or_default())
    }

    /// [`Self::holds`] for [`Self::hex_tag`].
    pub(crate) fn holds_hex(&self, purpose: &str, text: &str, tag: &str) -> bool {
        // One spelling, as for all that is signed: no upper case.
        if tag.bytes().any(|b| b.is_ascii_uppercase()) {
            return false;
        }
        let Ok(tag) = hex::decode(tag) else { return false };
        self.0.iter().any(|key| mac(key, purpose, text).verify_slice(&tag).is_ok())
    }
}

/// Whether a text has a signed text's outer form. Costs no key: a first look at what comes from outside.
pub fn looks_signed(text: &str) -> bool {
    split(text).is_some()
}

fn split(text: &str) -> Option<(&str, &str)> {
    let base64url = |part: &str| part.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_');
    let (payload, tag) = text.split_once('.')?;
    // 32 bytes of MAC are 43 characters.
    (text.len() <= MAXIMUM_LENGTH && !payload.is_empty() && tag.len() == 43 && base64url(payload) && base64url(tag))
        .then_some((payload, tag))
}

fn mac(key: &SecretString, purpose: &str, text: &str) -> Hmac<Sha256> {
    // HMAC takes keys of every length; the error type is the trait's.
    let mut mac =
        Hmac::<Sha256>::new_from_slice(key.expose_secret().as_bytes()).unwrap_or_else(|_| Hmac::new(&<_>::default()));
    for part in ["evertoken", ".", purpose, ".", text] {
        mac.update(part.as_bytes());
    }
    mac
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use time::Duration;
    use time::macros::datetime;

    use super::*;

    const NOW: OffsetDateTime = datetime!(2026-11-22 05:00 UTC);

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    struct Note {
        text: String,
        #[serde(with = "time::serde::timestamp")]
        until: OffsetDateTime,
    }

    impl Claims for Note {
        const PURPOSE: &'static str = "note";
        fn expires_at(&self) -> OffsetDateTime {
            self.until
        }
    }

    #[derive(Debug, Serialize, Deserialize)]
    struct Other(Note);

    impl Claims for Other {
        const PURPOSE: &'static str = "other";
        fn expires_at(&self) -> OffsetDateTime {
            self.0.until
        }
    }

    fn keys(text: &str) -> SigningKeys {
        SigningKeys::parse(text).unwrap()
    }

    fn note() -> Note {
        Note { text: "hello".to_owned(), until: NOW + Duration::minutes(1) }
    }

    const NEW: &str = "new-new-new-new-new-new-new-new-new";
    const OLD: &str = "old-old-old-old-old-old-old-old-old";

    #[test]
    fn what_was_signed_holds_until_it_expires() {
        let keys = keys(NEW);
        let signed = keys.sign(&note());
        assert_eq!(keys.verify::<Note>(&signed, NOW), Ok(note()));
        assert_eq!(keys.verify::<Note>(&signed, NOW + Duration::minutes(1)), Err(SignatureError::Expired));
    }

    #[test]
    fn an_older_key_still_verifies_and_the_newest_signs() {
        let both = keys(&format!(r#"{{"keys":["{NEW}","{OLD}"]}}"#));
        assert!(both.verify::<Note>(&keys(OLD).sign(&note()), NOW).is_ok());
        assert!(keys(NEW).verify::<Note>(&both.sign(&note()), NOW).is_ok());
        assert!(keys(OLD).verify::<Note>(&both.sign(&note()), NOW).is_err());
    }

    #[test]
    fn one_purpose_is_no_other() {
        let signed = keys(NEW).sign(&note());
        assert_eq!(keys(NEW).verify::<Other>(&signed, NOW).unwrap_err(), SignatureError::Forged);
    }

    #[test]
    fn short_or_absent_keys_are_refused() {
        for bad in ["", "short", r#"{"keys":[]}"#, r#"{"keys":["short"]}"#, r#"{"kyes":[]}"#, "{"] {
            assert!(SigningKeys::parse(bad).is_err(), "{bad}");
        }
    }

    proptest! {
        #[test]
        fn a_changed_character_never_holds(at in 0usize..200, by in 1u8..64) {
            let keys = keys(NEW);
            let mut signed = keys.sign(&note()).into_bytes();
            let at = at % signed.len();
            let alphabet = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
            let Some(place) = alphabet.iter().position(|b| *b == signed[at]) else { return Ok(()) };
            signed[at] = alphabet[(place + usize::from(by)) % 64];
            let signed = String::from_utf8(signed).unwrap();
            prop_assert_eq!(keys.verify::<Note>(&signed, NOW), Err(SignatureError::Forged));
        }

        #[test]
        fn any_text_is_refused_without_a_panic(text in ".{0,200}") {
            prop_assert_eq!(keys(NEW).verify::<Note>(&text, NOW), Err(SignatureError::Forged));
        }
    }
}
