//! What Meta posts to an app's deauthorize and data-deletion callbacks (Meta, data deletion callback).

use axum::Json;
use axum::body::Bytes;
use axum::extract::State as Shared;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit, Mac};
use serde::{Deserialize, Serialize};
use serde_json::json;
use sha2::Sha256;

use crate::Sandbox;
use crate::account::InstagramId;
use crate::control_reply::{Reply, Wrong, read};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Wanted {
    /// User name or either id.
    account: String,
}

#[derive(Serialize)]
struct Payload {
    algorithm: &'static str,
    expires: i64,
    issued_at: i64,
    /// Which id Meta sends is not settled; its page calls it app-scoped.
    user_id: InstagramId,
}

/// Signs for an account with the Instagram app secret, valid for an hour from the sandbox's now.
pub(crate) async fn sign(Shared(sandbox): Shared<Sandbox>, body: Bytes) -> Reply {
    let wanted: Wanted = read(&body)?;
    let state = sandbox.state();
    let account = state.find_account(&wanted.account).ok_or_else(|| Wrong::no_account(&wanted.account))?;
    let issued_at = state.clock.now().unix_timestamp();
    let payload = Payload {
        algorithm: "HMAC-SHA256",
        expires: issued_at.saturating_add(3600),
        issued_at,
        user_id: account.app_scoped_id,
    };
    let signed = signed_request(&payload, &state.app.app_secret);
    Ok(Json(json!({"signed_request": signed.ok_or_else(|| Wrong::request("the payload could not be signed"))?})))
}

/// The signature is over the encoded payload, not over its JSON.
fn signed_request(payload: &Payload, secret: &str) -> Option<String> {
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
    fn the_signature_covers_the_encoded_payload() {
        let payload = Payload {
            algorithm: "HMAC-SHA256",
            expires: 1_291_840_400,
            issued_at: 1_291_836_800,
            user_id: InstagramId(218_471),
        };
        let expected = "O0DHdg8bEw_-kLcnL9yZ0j9JXbELJFPZOzAkfn8J45w.eyJhbGdvcml0aG0iOiJITUFDLVNIQTI1NiIsImV4cGlyZXMiOjEyO\
                        TE4NDA0MDAsImlzc3VlZF9hdCI6MTI5MTgzNjgwMCwidXNlcl9pZCI6IjIxODQ3MSJ9";
        assert_eq!(signed_request(&payload, "test-app-secret").as_deref(), Some(expected));
    }
}
