//! The control API of signed requests for people.

use axum::Json;
use axum::body::Bytes;
use axum::extract::State;
use serde::Deserialize;
use serde_json::json;

use crate::control_error::ControlError;
use crate::control_json::{ControlResponse, parse};
use crate::control_signed_request::{Payload, sign_payload};
use crate::sandbox::Sandbox;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SigningRequest {
    /// Label or id.
    person: String,
}

pub(crate) async fn sign(State(sandbox): State<Sandbox>, body: Bytes) -> ControlResponse {
    let request: SigningRequest = parse(&body)?;
    Ok(Json(json!({"signed_request": sandbox.facebook_signed_request(&request.person)?})))
}

impl Sandbox {
    /// What Meta posts when a person, given by label or id, removes the app. Names the person by the app-scoped id, is signed
    /// with the Meta app's secret, and is valid for one hour.
    ///
    /// # Errors
    /// The person does not exist.
    pub fn facebook_signed_request(&self, person: &str) -> Result<String, ControlError> {
        let state = self.state();
        let issued_at = state.clock.now().unix_timestamp();
        let payload = Payload {
            algorithm: "HMAC-SHA256",
            expires: issued_at.saturating_add(3600),
            issued_at,
            user_id: state.facebook.persons.find(person)?.id.into(),
        };
        let signed = sign_payload(&payload, &state.facebook.app.secret);
        signed.ok_or_else(|| ControlError::InvalidRequest("the payload could not be signed".to_owned()))
    }
}
