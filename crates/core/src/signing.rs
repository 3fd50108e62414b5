//! Signed, expiring claims: invites, login state, receipts.
//!
//! A signed text is `base64url(JSON) "." base64url(HMAC-SHA256)`. The MAC also covers the claims' purpose, so that an
//! invite cannot pass as a state, nor a state as a receipt. The claims are not secret.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit, Mac};
use secrecy::zeroize::Zeroizing;
use secrecy::{ExposeSecret, SecretString};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use sha2::Sha256;
use time::OffsetDateTime;

use crate::secrets::deserialize_text;

/// The minimum length of a key, in characters.
pub const MINIMUM_KEY_LENGTH: usize = 32;

/// The longest signed text that is verified, in bytes. It bounds the cost of untrusted input.
const MAXIMUM_LENGTH: usize = 4096;

/// Claims that can be signed.
pub trait Claims: Serialize + DeserializeOwned {
    /// The purpose, which prevents one kind of claims from passing as another.
    const PURPOSE: &'static str;

    /// When the claims expire.
    fn expires_at(&self) -> OffsetDateTime;
}

/// Signing keys. The first one signs and all of them verify, so that a key can be rotated without invalidating earlier
/// signatures.
#[derive(Clone)]
pub struct SigningKeys(Vec<SecretString>);

impl std::fmt::Debug for SigningKeys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "SigningKeys({} redacted)", self.0.len())
    }
}

/// The text does not contain keys of sufficient length.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error(
    "expected a text of at least {MINIMUM_KEY_LENGTH} characters, or {{\"keys\":[\"newest\",\"older\"]}} with such texts"
)]
pub struct InvalidSigningKeys;

/// A signed text is not valid.
#[derive(Clone, Copy, Debug, thiserror::Error, PartialEq, Eq)]
pub enum SignatureError {
    /// The text is not signed, was altered, or was signed for another purpose or with another key.
    #[error("invalid signature")]
    Forged,
    /// The signature is valid, but the claims have expired.
    #[error("expired")]
    Expired,
}

#[derive(Deserialize)]
struct Keys {
    keys: Vec<Key>,
}

#[derive(Deserialize)]
struct Key(#[serde(deserialize_with = "deserialize_text")] Zeroizing<String>);

impl SigningKeys {
    /// Parses the signing secret's value.
    pub fn parse(text: &str) -> Result<Self, InvalidSigningKeys> {
        let text = text.trim();
        let keys = if text.starts_with('{') {
            serde_json::from_str::<Keys>(text).map_err(|_| InvalidSigningKeys)?.keys
        } else {
            vec![Key(text.to_owned().into())]
        };
        if keys.is_empty() || keys.iter().any(|Key(key)| key.trim().chars().count() < MINIMUM_KEY_LENGTH) {
            return Err(InvalidSigningKeys);
        }
        Ok(Self(keys.iter().map(|Key(key)| SecretString::from(key.trim())).collect()))
    }

    /// Signs claims.
    pub fn sign<C: Claims>(&self, claims: &C) -> String {
        // Cannot fail: claims are structs with string keys.
        let payload = URL_SAFE_NO_PAD.encode(serde_json::to_vec(claims).unwrap_or_default());
        let tag = self.tag(C::PURPOSE, &payload);
        format!("{payload}.{tag}")
    }

    /// Returns the claims if they were signed with one of the keys and have not expired at `now`.
    pub fn verify<C: Claims>(&self, text: &str, now: OffsetDateTime) -> Result<C, SignatureError> {
        let claims: C = self.open(text).ok_or(SignatureError::Forged)?;
        if claims.expires_at() <= now { Err(SignatureError::Expired) } else { Ok(claims) }
    }

    /// Returns the claims if they were signed with one of the keys, even if they have expired.
    pub fn open<C: Claims>(&self, text: &str) -> Option<C> {
        let (payload, tag) = split(text)?;
        if !self.holds(C::PURPOSE, payload, tag) {
            return None;
        }
        serde_json::from_slice(&URL_SAFE_NO_PAD.decode(payload).ok()?).ok()
    }

    /// An HMAC of `text` for a purpose.
    pub fn tag(&self, purpose: &str, text: &str) -> String {
        let tag = self.0.first().map(|key| mac(key, purpose, text).finalize().into_bytes());
        URL_SAFE_NO_PAD.encode(tag.unwrap_or_default())
    }

    /// Whether `tag` is the HMAC of `text` under one of the keys. Takes constant time.
    pub fn holds(&self, purpose: &str, text: &str, tag: &str) -> bool {
        let Ok(tag) = URL_SAFE_NO_PAD.decode(tag) else { return false };
        self.0.iter().any(|key| mac(key, purpose, text).verify_slice(&tag).is_ok())
    }
}

impl SigningKeys {
    /// A key for encryption per signing key, newest first.
    pub(crate) fn sealing_keys(&self, purpose: &str) -> impl Iterator<Item = Zeroizing<[u8; 32]>> {
        self.0.iter().map(move |key| Zeroizing::new(mac(key, "seal", purpose).finalize().into_bytes().into()))
    }

    /// Like [`Self::tag`], in hexadecimal.
    pub(crate) fn hex_tag(&self, purpose: &str, text: &str) -> String {
        let tag = self.0.first().map(|key| mac(key, purpose, text).finalize().into_bytes());
        hex::encode(tag.unwrap_or_default())
    }

    /// Like [`Self::holds`], for [`Self::hex_tag`].
    pub(crate) fn holds_hex(&self, purpose: &str, text: &str, tag: &str) -> bool {
        // Only lower case is accepted, so that a tag has one spelling.
        if tag.bytes().any(|b| b.is_ascii_uppercase()) {
            return false;
        }
        let Ok(tag) = hex::decode(tag) else { return false };
        self.0.iter().any(|key| mac(key, purpose, text).verify_slice(&tag).is_ok())
    }
}

/// Whether a text has the form of a signed text. Needs no key, so that malformed input is rejected cheaply.
pub fn looks_signed(text: &str) -> bool {
    split(text).is_some()
}

fn split(text: &str) -> Option<(&str, &str)> {
    let base64url = |part: &str| part.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_');
    let (payload, tag) = text.split_once('.')?;
    // A MAC of 32 bytes is 43 characters long.
    (text.len() <= MAXIMUM_LENGTH && !payload.is_empty() && tag.len() == 43 && base64url(payload) && base64url(tag))
        .then_some((payload, tag))
}

fn mac(key: &SecretString, purpose: &str, text: &str) -> Hmac<Sha256> {
    // Cannot fail: HMAC accepts keys of any length.
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
    fn signed_claims_are_valid_until_they_expire() {
        let keys = keys(NEW);
        let signed = keys.sign(&note());
        assert_eq!(keys.verify::<Note>(&signed, NOW), Ok(note()));
        assert_eq!(keys.verify::<Note>(&signed, NOW + Duration::minutes(1)), Err(SignatureError::Expired));
    }

    #[test]
    fn older_keys_verify_and_the_newest_key_signs() {
        let both = keys(&format!(r#"{{"keys":["{NEW}","{OLD}"]}}"#));
        assert!(both.verify::<Note>(&keys(OLD).sign(&note()), NOW).is_ok());
        assert!(keys(NEW).verify::<Note>(&both.sign(&note()), NOW).is_ok());
        assert!(keys(OLD).verify::<Note>(&both.sign(&note()), NOW).is_err());
    }

    #[test]
    fn claims_are_bound_to_their_purpose() {
        let signed = keys(NEW).sign(&note());
        assert_eq!(keys(NEW).verify::<Other>(&signed, NOW).unwrap_err(), SignatureError::Forged);
    }

    #[test]
    fn rejects_short_and_missing_keys() {
        for bad in ["", "short", r#"{"keys":[]}"#, r#"{"keys":["short"]}"#, r#"{"kyes":[]}"#, "{"] {
            assert!(SigningKeys::parse(bad).is_err(), "{bad}");
        }
    }

    /// Every key verifies, so a single short one would let anybody sign.
    #[test]
    fn one_short_key_among_others_is_rejected() {
        let [blank, shorter, shortest] = [" ".repeat(32), "k".repeat(31), "k".repeat(32)];
        let parse = |keys: [&str; 2]| SigningKeys::parse(&serde_json::json!({ "keys": keys }).to_string());
        assert!(parse([NEW, &shortest]).is_ok());
        for short in ["", &blank, &shorter] {
            assert!(parse([NEW, short]).is_err() && parse([short, NEW]).is_err(), "{short:?}");
        }
    }

    proptest! {
        #[test]
        fn text_with_a_changed_character_is_rejected(at in 0usize..200, by in 1u8..64) {
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
        fn arbitrary_text_is_rejected_without_a_panic(text in ".{0,200}") {
            prop_assert_eq!(keys(NEW).verify::<Note>(&text, NOW), Err(SignatureError::Forged));
        }
    }
}
