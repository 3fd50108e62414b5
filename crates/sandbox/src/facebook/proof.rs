//! `appsecret_proof` (Meta, "Secure Graph API calls").

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use crate::facebook::app::MetaApp;
use crate::facebook::rejection::FacebookRejection;
use crate::facebook::token::FacebookToken;

/// Checks the proof of a call with the token `text`. A token of another app has no valid proof.
pub(crate) fn check(
    app: &MetaApp,
    text: &str,
    token: Option<&FacebookToken>,
    sent: Option<&str>,
) -> Result<(), FacebookRejection> {
    let is_ours = token.is_none_or(|token| token.app_id == app.id);
    match sent {
        None if app.require_proof => Err(FacebookRejection::ProofMissing),
        Some(sent) if !is_ours || sent != proof(&app.secret, text) => Err(FacebookRejection::ProofInvalid),
        _ => Ok(()),
    }
}

/// HMAC-SHA256 of the token in lower-case hexadecimal. Empty only if the key cannot be used, which HMAC never reports.
fn proof(secret: &str, token: &str) -> String {
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(secret.as_bytes()) else { return String::new() };
    mac.update(token.as_bytes());
    hex::encode(mac.finalize().into_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_proof_is_the_mac_of_the_token_in_hexadecimal() {
        // RFC 4231, test case 2.
        let expected = "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843";
        assert_eq!(proof("Jefe", "what do ya want for nothing?"), expected);
    }
}
