//! `signed_request`: what Meta posts when somebody removes the app or asks for their data to be deleted.
//!
//! `base64url(signature) "." base64url(JSON)`. The signature is HMAC-SHA256 over the encoded payload, not over its JSON
//! (Meta, "Data Deletion Request Callback"). Some write it with `=` at its end and some without.

use base64::alphabet::URL_SAFE;
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig};
use base64::engine::{DecodePaddingMode, Engine};
use evertoken_core::account::AccountId;
use evertoken_core::app::App;
use evertoken_core::secrets::AppSecret;
use hmac::{Hmac, KeyInit, Mac};
use serde::Deserialize;
use sha2::Sha256;

const BASE64URL: GeneralPurpose = GeneralPurpose::new(
    &URL_SAFE,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// Why a `signed_request` is not believed. Holds nothing of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SignedRequestError {
    /// Not two parts of base64url, or no JSON in the second, or no id in that.
    Malformed,
    /// Signed in another way than Meta documents.
    Algorithm,
    /// Signed with none of the app's secrets.
    Signature,
}

impl std::fmt::Display for SignedRequestError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Malformed => "the signed_request is malformed",
            Self::Algorithm => "the signed_request is signed by another algorithm than HMAC-SHA256",
            Self::Signature => "the signed_request is signed with none of the app's secrets",
        })
    }
}

impl std::error::Error for SignedRequestError {}

/// `expires` and `issued_at` are not looked at: Meta documents no bound, and removing twice does no harm.
#[derive(Deserialize)]
struct Payload {
    algorithm: String,
    user_id: Id,
}

/// Documented as a string.
#[derive(Deserialize)]
#[serde(untagged)]
enum Id {
    Text(String),
    Number(u64),
}

/// Who removes the app. Signed with the secret in force or an earlier one: Meta may lag behind the dashboard. Which of an
/// app's two secrets signs is not settled either, so the other one may stand among the earlier ones.
pub fn verify(app: &App, signed_request: &str) -> Result<AccountId, SignedRequestError> {
    let (signature, encoded) = signed_request.trim().split_once('.').ok_or(SignedRequestError::Malformed)?;
    let signature = BASE64URL.decode(signature).map_err(|_| SignedRequestError::Malformed)?;
    let secrets = std::iter::once(&app.secret).chain(&app.previous_secrets);
    if !secrets.into_iter().any(|secret| is_signed_with(secret, encoded, &signature)) {
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
    let id = match payload.user_id {
        Id::Text(text) => text,
        Id::Number(number) => number.to_string(),
    };
    id.parse().map_err(|_| SignedRequestError::Malformed)
}

fn decode(encoded: &str) -> Option<Payload> {
    serde_json::from_slice(&BASE64URL.decode(encoded).ok()?).ok()
}

/// In constant time.
fn is_signed_with(secret: &AppSecret, encoded: &str, signature: &[u8]) -> bool {
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(secret.expose().as_bytes()) else { return false };
    mac.update(encoded.as_bytes());
    mac.verify_slice(signature).is_ok()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// {"algorithm":"HMAC-SHA256","expires":1291840400,"issued_at":1291836800,"user_id":"218471"}
    const PAYLOAD: &str = "eyJhbGdvcml0aG0iOiJITUFDLVNIQTI1NiIsImV4cGlyZXMiOjEyOTE4NDA0MDAsImlzc3VlZF9hdCI6MTI5MTgzNjgwMCwidXNlcl9pZCI6IjIxODQ3MSJ9";
    const SIGNATURE: &str = "O0DHdg8bEw_-kLcnL9yZ0j9JXbELJFPZOzAkfn8J45w";

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
    fn padded_and_unpadded_are_believed() {
        let app = app("test-app-secret", &[]);
        for text in [format!("{SIGNATURE}.{PAYLOAD}"), format!("{SIGNATURE}=.{PAYLOAD}")] {
            assert_eq!(verify(&app, &text).unwrap().as_str(), "218471");
        }
    }

    #[test]
    fn an_earlier_secret_is_good_and_a_foreign_one_is_not() {
        let text = format!("{SIGNATURE}.{PAYLOAD}");
        assert!(verify(&app("new", &["older", "test-app-secret"]), &text).is_ok());
        assert_eq!(verify(&app("new", &["older"]), &text), Err(SignedRequestError::Signature));
    }

    #[test]
    fn an_id_may_be_a_number_and_further_keys_do_not_matter() {
        let text = sign(r#"{"algorithm":"hmac-sha256","user_id":27640875392278831,"user":{"country":"de"}}"#);
        assert_eq!(verify(&app("test-app-secret", &[]), &text).unwrap().as_str(), "27640875392278831");
    }

    #[test]
    fn what_is_signed_but_makes_no_sense_is_refused() {
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
            assert_eq!(verify(&app, &text), Err(expected), "{text}");
        }
    }

    proptest! {
        #[test]
        fn no_altered_byte_is_believed(at in 0usize..1000, byte in 0x21u8..0x7f) {
            let mut text = format!("{SIGNATURE}.{PAYLOAD}").into_bytes();
            let at = at % text.len();
            prop_assume!(text[at] != byte);
            text[at] = byte;
            prop_assert!(verify(&app("test-app-secret", &[]), std::str::from_utf8(&text).unwrap()).is_err());
        }

        #[test]
        fn any_text_is_refused_without_a_panic(text in ".{0,300}") {
            prop_assert!(verify(&app("test-app-secret", &[]), &text).is_err());
        }
    }
}
