//! Sealed texts: encrypted and authenticated under a key that is derived from the signing keys.
//!
//! A sealed text is `base64url(nonce || ciphertext || tag)` of AES-256-GCM. The key is an HMAC of the purpose, so that a text
//! that was sealed for one purpose does not open for another. A text is also bound to a context, such as the login that it
//! belongs to.

use aes_gcm::aead::{Aead, KeyInit, Payload};
use aes_gcm::{Aes256Gcm, Nonce};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use secrecy::zeroize::Zeroizing;

use crate::entropy::{Entropy, EntropyError};
use crate::signing::SigningKeys;

/// In bytes (NIST SP 800-38D, section 5.2.1.1). Random, which is safe for 2^32 texts per key.
const NONCE_LENGTH: usize = 12;

/// The longest sealed text that is opened, in bytes. It bounds the cost of untrusted input.
const MAXIMUM_LENGTH: usize = 4096;

impl SigningKeys {
    /// Seals a text with the newest key.
    pub fn seal(
        &self,
        purpose: &str,
        context: &str,
        text: &str,
        entropy: &dyn Entropy,
    ) -> Result<String, EntropyError> {
        let mut nonce = [0; NONCE_LENGTH];
        entropy.fill(&mut nonce)?;
        let cipher = self.sealing_keys(purpose).next().map(|key| Aes256Gcm::new(&(*key).into()));
        let payload = Payload { msg: text.as_bytes(), aad: context.as_bytes() };
        // Neither fails: there is always a key, and only texts of 64 GiB are too long.
        let sealed = cipher.and_then(|cipher| cipher.encrypt(&Nonce::from(nonce), payload).ok());
        Ok(URL_SAFE_NO_PAD.encode([nonce.as_slice(), &sealed.unwrap_or_default()].concat()))
    }

    /// Opens a text that was sealed for this purpose and context with one of the keys; `None` if it was altered.
    pub fn open_sealed(&self, purpose: &str, context: &str, sealed: &str) -> Option<Zeroizing<String>> {
        if sealed.len() > MAXIMUM_LENGTH {
            return None;
        }
        let bytes = URL_SAFE_NO_PAD.decode(sealed).ok()?;
        let (nonce, ciphertext) = bytes.split_first_chunk::<NONCE_LENGTH>()?;
        let payload = || Payload { msg: ciphertext, aad: context.as_bytes() };
        let opened = self
            .sealing_keys(purpose)
            .find_map(|key| Aes256Gcm::new(&(*key).into()).decrypt(&Nonce::from(*nonce), payload()).ok())?;
        let opened = Zeroizing::new(opened);
        str::from_utf8(&opened).ok().map(|text| Zeroizing::new(text.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::entropy::SystemEntropy;

    const NEW: &str = "new-new-new-new-new-new-new-new-new";
    const OLD: &str = "old-old-old-old-old-old-old-old-old";

    fn keys(text: &str) -> SigningKeys {
        SigningKeys::parse(text).unwrap()
    }

    fn seal(keys: &SigningKeys) -> String {
        keys.seal("choice", "login-1", "EAAsecret", &SystemEntropy).unwrap()
    }

    #[test]
    fn a_sealed_text_opens_with_its_key_purpose_and_context_only() {
        let sealed = seal(&keys(NEW));
        assert!(!sealed.contains("EAA"));
        assert_eq!(keys(NEW).open_sealed("choice", "login-1", &sealed).unwrap().as_str(), "EAAsecret");
        assert!(keys(NEW).open_sealed("choice", "login-2", &sealed).is_none());
        assert!(keys(NEW).open_sealed("state", "login-1", &sealed).is_none());
        assert!(keys(OLD).open_sealed("choice", "login-1", &sealed).is_none());
    }

    #[test]
    fn an_older_key_opens_and_the_newest_key_seals() {
        let both = keys(&format!(r#"{{"keys":["{NEW}","{OLD}"]}}"#));
        assert!(both.open_sealed("choice", "login-1", &seal(&keys(OLD))).is_some());
        assert!(keys(NEW).open_sealed("choice", "login-1", &seal(&both)).is_some());
    }

    #[test]
    fn the_same_text_is_sealed_differently_each_time() {
        assert_ne!(seal(&keys(NEW)), seal(&keys(NEW)));
    }

    #[test]
    fn a_long_text_is_rejected() {
        assert!(keys(NEW).open_sealed("choice", "login-1", &"A".repeat(MAXIMUM_LENGTH + 1)).is_none());
    }

    proptest! {
        #[test]
        fn a_text_with_a_changed_bit_is_rejected(at in 0usize..500, bit in 0u8..8) {
            let keys = keys(NEW);
            let mut bytes = URL_SAFE_NO_PAD.decode(seal(&keys)).unwrap();
            let at = at % bytes.len();
            bytes[at] ^= 1 << bit;
            prop_assert!(keys.open_sealed("choice", "login-1", &URL_SAFE_NO_PAD.encode(bytes)).is_none());
        }

        #[test]
        fn arbitrary_text_is_rejected_without_a_panic(text in ".{0,200}") {
            prop_assert!(keys(NEW).open_sealed("choice", "login-1", &text).is_none());
        }
    }
}
