//! The control API of signed requests, which Meta posts to an app's deauthorize and data deletion callbacks (Meta,
//! data deletion callback).

use axum::Json;
use axum::body::Bytes;
use axum::extract::State;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit, Mac};
use serde::{Deserialize, Serialize};
use serde_json::json;
use sha2::Sha256;

use crate::account::InstagramId;
use crate::control_error::ControlError;
use crate::control_json::{ControlResponse, parse};
use crate::sandbox::Sandbox;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SigningRequest {
    /// Username or either id.
    account: String,
}

#[derive(Serialize)]
pub(crate) struct Payload {
    pub(crate) algorithm: &'static str,
    pub(crate) expires: i64,
    pub(crate) issued_at: i64,
    /// Meta's page calls the id app-scoped. No public report confirms it.
    pub(crate) user_id: InstagramId,
}

pub(crate) async fn sign(State(sandbox): State<Sandbox>, body: Bytes) -> ControlResponse {
    let request: SigningRequest = parse(&body)?;
    Ok(Json(json!({"signed_request": sandbox.signed_request(&request.account)?})))
}

impl Sandbox {
    /// What Meta posts when the owner of an account, given by username or either id, removes the app. Signed with the
    /// app secret, and valid for one hour.
    ///
    /// # Errors
    /// The account does not exist.
    pub fn signed_request(&self, account: &str) -> Result<String, ControlError> {
        let state = self.state();
        let issued_at = state.clock.now().unix_timestamp();
        let payload = Payload {
            algorithm: "HMAC-SHA256",
            expires: issued_at.saturating_add(3600),
            issued_at,
            user_id: state.accounts.find(account)?.app_scoped_id,
        };
        let signed = sign_payload(&payload, &state.app.secret);
        signed.ok_or_else(|| ControlError::InvalidRequest("the payload could not be signed".to_owned()))
    }
}

/// The signature covers the encoded payload, not its JSON.
pub(crate) fn sign_payload(payload: &Payload, secret: &str) -> Option<String> {
    let payload = URL_SAFE_NO_PAD.encode(serde_json::to_vec(payload).ok()?);
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).ok()?;
    mac.update(payload.as_bytes());
    let signature = URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes());
    Some(format!("{signature}.{payload}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signs_the_encoded_payload() {
        let payload = Payload {
            algorithm: "HMAC-SHA256",
            expires: 1_291_840_400,
            issued_at: 1_291_836_800,
            user_id: InstagramId(218_471),
        };
        let expected = "O0DHdg8bEw_-kLcnL9yZ0j9JXbELJFPZOzAkfn8J45w.eyJhbGdvcml0aG0iOiJITUFDLVNIQTI1NiIsImV4cGlyZXMiOjEyO\
                        TE4NDA0MDAsImlzc3VlZF9hdCI6MTI5MTgzNjgwMCwidXNlcl9pZCI6IjIxODQ3MSJ9";
        assert_eq!(sign_payload(&payload, "test-app-secret").as_deref(), Some(expected));
    }
}
