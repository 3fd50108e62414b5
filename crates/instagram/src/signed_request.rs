//! Verification of `signed_request`, which Meta posts when an owner removes the app or requests the deletion of their
//! data.
//!
//! The format is `base64url(signature) "." base64url(JSON)`. The signature is HMAC-SHA256 over the encoded payload, not
//! over its JSON (Meta, "Data Deletion Request Callback"). It comes with and without `=` padding.

use base64::alphabet::URL_SAFE;
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig};
use base64::engine::{DecodePaddingMode, Engine};
use evertoken_core::account::AccountId;
use evertoken_core::app::App;
use evertoken_core::document::Document;
use evertoken_core::secrets::AppSecret;
use hmac::{Hmac, KeyInit, Mac};
use serde::Deserialize;
use sha2::Sha256;
use time::OffsetDateTime;

use crate::numeric_id::NumericId;

const BASE64URL: GeneralPurpose = GeneralPurpose::new(
    &URL_SAFE,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// A `signed_request` was rejected. The error contains no part of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SignedRequestError {
    /// It is not two base64url parts, the second part is not JSON, or the JSON has no valid id.
    Malformed,
    /// It names another algorithm than the one that Meta documents.
    Algorithm,
    /// No secret of the app matches the signature.
    Signature,
}

impl std::fmt::Display for SignedRequestError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Malformed => "the signed_request is malformed",
            Self::Algorithm => "the algorithm of the signed_request is not HMAC-SHA256",
            Self::Signature => "no app secret matches the signature of the signed_request",
        })
    }
}

impl std::error::Error for SignedRequestError {}

/// A `signed_request` that Meta signed.
///
/// Its format does not tell for which of the two callbacks Meta signed it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignedRequest {
    /// The id of the owner who removes the app.
    pub user_id: AccountId,
    /// When Meta signed it, to the second; `None` if it does not say so.
    pub issued_at: Option<OffsetDateTime>,
}

impl SignedRequest {
    /// Whether the request is about the connection in this document. A request from before the owner's last login is about
    /// an earlier one: it is late, or somebody has captured it and sends it again.
    pub fn is_about(&self, document: &Document) -> bool {
        self.issued_at.is_none_or(|issued_at| issued_at.unix_timestamp() >= document.connected_at.unix_timestamp())
    }
}

/// `expires` is ignored: Meta does not document what it limits, and may deliver a request late.
#[derive(Deserialize)]
struct Payload {
    algorithm: String,
    user_id: NumericId,
    #[serde(default, with = "time::serde::timestamp::option")]
    issued_at: Option<OffsetDateTime>,
}

/// Verifies the signature.
///
/// Accepts the current app secret and the previous ones, because Meta may lag behind its dashboard. Meta does not document
/// which of an app's two secrets signs, so the operator can list the other one among the previous secrets.
pub fn verify(app: &App, signed_request: &str, now: OffsetDateTime) -> Result<SignedRequest, SignedRequestError> {
    let (signature, encoded) = signed_request.trim().split_once('.').ok_or(SignedRequestError::Malformed)?;
    let signature = BASE64URL.decode(signature).map_err(|_| SignedRequestError::Malformed)?;
    if !app.signing_secrets(now).any(|secret| is_signed_with(secret, encoded, &signature)) {
        return Err(if decode(encoded).is_some() {
            SignedRequestError::Signature
        } else {
            SignedRequestError::Malformed
        });
    }
    let payload = decode(encoded).ok_or(SignedRequestError::Malformed)?;
    if !payload.algorithm.eq_ignore_ascii_case("HMAC-SHA256") {
        return Err(SignedRequestError::Algorithm);
    }
    let user_id = payload.user_id.parse().ok_or(SignedRequestError::Malformed)?;
    Ok(SignedRequest { user_id, issued_at: payload.issued_at })
}

fn decode(encoded: &str) -> Option<Payload> {
    serde_json::from_slice(&BASE64URL.decode(encoded).ok()?).ok()
}

/// Compares in constant time.
fn is_signed_with(secret: &AppSecret, encoded: &str, signature: &[u8]) -> bool {
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(secret.expose().as_bytes()) else { return false };
    mac.update(encoded.as_bytes());
    mac.verify_slice(signature).is_ok()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use time::macros::datetime;

    use super::*;

    const NOW: OffsetDateTime = datetime!(2026-11-22 05:00 UTC);

    /// {"algorithm":"HMAC-SHA256","expires":1291840400,"issued_at":1291836800,"user_id":"218471"}
    const PAYLOAD: &str = "eyJhbGdvcml0aG0iOiJITUFDLVNIQTI1NiIsImV4cGlyZXMiOjEyOTE4NDA0MDAsImlzc3VlZF9hdCI6MTI5MTgzNjgwMCwidXNlcl9pZCI6IjIxODQ3MSJ9";
    const SIGNATURE: &str = "O0DHdg8bEw_-kLcnL9yZ0j9JXbELJFPZOzAkfn8J45w";

    #[test]
    fn each_error_says_what_is_wrong() {
        let errors = [SignedRequestError::Malformed, SignedRequestError::Algorithm, SignedRequestError::Signature];
        for (error, part) in errors.into_iter().zip(["malformed", "algorithm", "no app secret matches"]) {
            assert!(error.to_string().contains(part), "{error}");
        }
    }

    fn app(secret: &str, previous: &[&str]) -> App {
        let previous: Vec<String> = previous.iter().map(|secret| (*secret).to_owned()).collect();
        App::new("1", secret, &previous).unwrap()
    }

    fn sign(payload: &str) -> String {
        let encoded = BASE64URL.encode(payload);
        let mut mac = Hmac::<Sha256>::new_from_slice(b"test-app-secret").unwrap();
        mac.update(encoded.as_bytes());
        format!("{}.{encoded}", BASE64URL.encode(mac.finalize().into_bytes()))
    }

    #[test]
    fn accepts_signatures_with_and_without_padding() {
        let app = app("test-app-secret", &[]);
        for text in [format!("{SIGNATURE}.{PAYLOAD}"), format!("{SIGNATURE}=.{PAYLOAD}")] {
            let request = verify(&app, &text, NOW).unwrap();
            assert_eq!(request.user_id.as_str(), "218471");
            assert_eq!(request.issued_at, Some(datetime!(2010-12-08 19:33:20 UTC)));
        }
    }

    #[test]
    fn accepts_a_previous_secret_and_rejects_an_unknown_one() {
        let text = format!("{SIGNATURE}.{PAYLOAD}");
        assert!(verify(&app("new", &["older", "test-app-secret"]), &text, NOW).is_ok());
        assert_eq!(verify(&app("new", &["older"]), &text, NOW), Err(SignedRequestError::Signature));
    }

    /// An installation that offers Facebook Login only has no Instagram app secret.
    #[test]
    fn a_secret_that_is_not_set_signs_nothing() {
        let app = App::parse(r#"{"meta_app_id":"9","meta_app_secret":"0123456789abcdef0123456789abcdef"}"#).unwrap();
        let mut mac = Hmac::<Sha256>::new_from_slice(b"").unwrap();
        mac.update(PAYLOAD.as_bytes());
        let forged = format!("{}.{PAYLOAD}", BASE64URL.encode(mac.finalize().into_bytes()));
        assert_eq!(verify(&app, &forged, NOW), Err(SignedRequestError::Signature));
    }

    #[test]
    fn accepts_a_numeric_id_and_ignores_unknown_keys() {
        let text = sign(r#"{"algorithm":"hmac-sha256","user_id":27640875392278831,"user":{"country":"de"}}"#);
        let request = verify(&app("test-app-secret", &[]), &text, NOW).unwrap();
        assert_eq!((request.user_id.as_str(), request.issued_at), ("27640875392278831", None));
    }

    #[test]
    fn rejects_malformed_payloads() {
        let app = app("test-app-secret", &[]);
        let table = [
            (sign(r#"{"algorithm":"none","user_id":"1"}"#), SignedRequestError::Algorithm),
            (sign(r#"{"algorithm":"HMAC-SHA256"}"#), SignedRequestError::Malformed),
            (sign(r#"{"algorithm":"HMAC-SHA256","user_id":"../app"}"#), SignedRequestError::Malformed),
            (sign("[]"), SignedRequestError::Malformed),
            (String::new(), SignedRequestError::Malformed),
            (".".to_owned(), SignedRequestError::Malformed),
            (format!(".{PAYLOAD}"), SignedRequestError::Signature),
            (PAYLOAD.to_owned(), SignedRequestError::Malformed),
        ];
        for (text, expected) in table {
            assert_eq!(verify(&app, &text, NOW), Err(expected), "{text}");
        }
    }

    proptest! {
        #[test]
        fn rejects_any_altered_byte(at in 0usize..1000, byte in 0x21u8..0x7f) {
            let mut text = format!("{SIGNATURE}.{PAYLOAD}").into_bytes();
            let at = at % text.len();
            prop_assume!(text[at] != byte);
            text[at] = byte;
            prop_assert!(verify(&app("test-app-secret", &[]), std::str::from_utf8(&text).unwrap(), NOW).is_err());
        }

        #[test]
        fn rejects_arbitrary_text_without_a_panic(text in ".{0,300}") {
            prop_assert!(verify(&app("test-app-secret", &[]), &text, NOW).is_err());
        }
    }
}
