//! Requests to Facebook's Graph API: the token in a header, and a proof that we know the app's secret.

use evertoken_core::provider_error::{ProviderError, ProviderErrorKind};
use evertoken_core::secrets::{AccessToken, AppSecret};
use hmac::{Hmac, KeyInit, Mac};
use reqwest::RequestBuilder;
use reqwest::header::AUTHORIZATION;
use secrecy::zeroize::Zeroizing;
use sha2::Sha256;

use crate::instagram_login::bearer;

/// Adds the token as a header and its `appsecret_proof`, which apps can require (Meta, "Secure Graph API calls"). The proof is
/// an HMAC of the token and reveals neither.
pub(super) fn signed(
    request: RequestBuilder,
    token: &AccessToken,
    secret: &AppSecret,
) -> Result<RequestBuilder, ProviderError> {
    let proof = proof(secret, token.expose()).ok_or(ProviderError::new(ProviderErrorKind::ProofRejected))?;
    Ok(request.query(&[("appsecret_proof", proof.as_str())]).header(AUTHORIZATION, bearer(token)?))
}

/// The app's own token: its ID and secret (Meta, "Access Tokens").
pub(super) fn app_token(id: &str, secret: &AppSecret) -> AccessToken {
    AccessToken::new(&*Zeroizing::new(format!("{id}|{}", secret.expose())))
}

/// Lower-case hexadecimal HMAC-SHA256 of the token.
fn proof(secret: &AppSecret, token: &str) -> Option<Zeroizing<String>> {
    // A key of any length is accepted.
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.expose().as_bytes()).ok()?;
    mac.update(token.as_bytes());
    Some(hex::encode(mac.finalize().into_bytes()).into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_proof_is_the_hmac_of_the_token_under_the_secret() {
        // Computed with `openssl dgst -sha256 -hmac secret`.
        let expected = "61b5257ec5c5a53e992ae4d93afa0975e1f1be671788f65a476b0689ad5d5dd5";
        let proof = proof(&AppSecret::new("secret"), "EAAtoken").unwrap();
        assert_eq!(proof.as_str(), expected);
    }

    #[test]
    fn a_signed_request_has_the_token_in_a_header_only() {
        let (token, secret) = (AccessToken::new("EAAtoken"), AppSecret::new("secret"));
        let request = reqwest::Client::new().get("https://graph.facebook.com/me");
        let request = signed(request, &token, &secret).unwrap().build().unwrap();
        assert!(!request.url().as_str().contains("EAA") && request.url().as_str().contains("appsecret_proof="));
        assert_eq!(request.headers()["authorization"], "Bearer EAAtoken");
        assert!(request.headers()["authorization"].is_sensitive());
    }
}
