//! How the code exchange refuses: flat JSON, always with status 400.
//!
//! The form is that of Meta's "Business Login for Instagram" page; the messages are those that public issue threads
//! quote, each named at its variant.

use axum::Json;
use http::StatusCode;
use serde_json::json;

use crate::answer::Answer;

#[derive(Clone, Copy)]
pub(crate) enum CodeRefusal {
    /// No or another `client_id`: alexandrtovmach/react-instagram-login#2.
    UnknownApp,
    /// The secret does not belong to the id. The message is assumed to be the same: no source has another.
    WrongSecret,
    /// `grant_type` is not `authorization_code`. The message is assumed.
    WrongGrantType,
    /// omniauth/omniauth-instagram#41.
    NoRedirectUri,
    /// omniauth/omniauth-instagram#22 and #23.
    OtherRedirectUri,
    /// Meta's page, in its list of errors.
    NoCode,
    /// jaredhanson/passport-instagram#9.
    UnknownCode,
    /// Older than an hour. The message is assumed to be that of a code that was never there.
    ExpiredCode,
    /// jetrockets/omniauth-instagram-graph#1.
    UsedCode,
}

impl From<CodeRefusal> for Answer {
    fn from(refusal: CodeRefusal) -> Self {
        let (outcome, message) = match refusal {
            CodeRefusal::UnknownApp => ("unknown_app", "Invalid platform app"),
            CodeRefusal::WrongSecret => ("wrong_secret", "Invalid platform app"),
            CodeRefusal::WrongGrantType => ("wrong_grant_type", "Invalid grant_type"),
            CodeRefusal::NoRedirectUri => ("no_redirect_uri", "Invalid redirect_uri"),
            CodeRefusal::OtherRedirectUri => {
                ("redirect_uri_mismatch", "Redirect URI doesn't match original redirect URI")
            }
            CodeRefusal::NoCode => ("no_code", "You must provide a code"),
            CodeRefusal::UnknownCode => ("unknown_code", "Matching code was not found or was already used"),
            CodeRefusal::ExpiredCode => ("expired_code", "Matching code was not found or was already used"),
            CodeRefusal::UsedCode => ("used_code", "This authorization code has been used"),
        };
        let body = json!({"error_type": "OAuthException", "code": 400, "error_message": message});
        Self::new(outcome, (StatusCode::BAD_REQUEST, Json(body)))
    }
}
