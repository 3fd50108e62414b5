//! Error responses of the code exchange: flat JSON with status 400.
//!
//! The format is that of Meta's "Business Login for Instagram" page. The messages come from public issues, which each
//! variant names.

use axum::Json;
use http::StatusCode;

use crate::endpoint_response::EndpointResponse;
use crate::error_body::CodeExchangeError;

/// Why the code exchange rejects a request.
#[derive(Clone, Copy)]
pub(crate) enum CodeRejection {
    /// `client_id` is missing or wrong: alexandrtovmach/react-instagram-login#2.
    UnknownApp,
    /// The secret does not belong to the id. The message is assumed to be the same: no source has another.
    WrongSecret,
    /// `grant_type` is not `authorization_code`. The message is assumed.
    WrongGrantType,
    /// omniauth/omniauth-instagram#41.
    MissingRedirectUri,
    /// omniauth/omniauth-instagram#22 and #23.
    RedirectUriMismatch,
    /// The form has an encoding that the sandbox was told to reject. One project reports this message for URL-encoded forms
    /// and success with multipart.
    WrongEncoding,
    /// Meta's page, in its list of errors.
    MissingCode,
    /// jaredhanson/passport-instagram#9.
    UnknownCode,
    /// Older than an hour. The message is assumed to be that of an unknown code.
    ExpiredCode,
    /// jetrockets/omniauth-instagram-graph#1.
    UsedCode,
}

impl From<CodeRejection> for EndpointResponse {
    fn from(rejection: CodeRejection) -> Self {
        let (outcome, message) = match rejection {
            CodeRejection::UnknownApp => ("unknown_app", "Invalid platform app"),
            CodeRejection::WrongSecret => ("wrong_secret", "Invalid platform app"),
            CodeRejection::WrongGrantType => ("wrong_grant_type", "Invalid grant_type"),
            CodeRejection::MissingRedirectUri => ("no_redirect_uri", "Invalid redirect_uri"),
            CodeRejection::RedirectUriMismatch => {
                ("redirect_uri_mismatch", "Redirect URI doesn't match original redirect URI")
            }
            CodeRejection::WrongEncoding => (
                "wrong_encoding",
                "Error validating verification code. Please make sure your redirect_uri is identical to the one you used \
                 in the OAuth dialog request",
            ),
            CodeRejection::MissingCode => ("no_code", "You must provide a code"),
            CodeRejection::UnknownCode => ("unknown_code", "Matching code was not found or was already used"),
            CodeRejection::ExpiredCode => ("expired_code", "Matching code was not found or was already used"),
            CodeRejection::UsedCode => ("used_code", "This authorization code has been used"),
        };
        let status = StatusCode::BAD_REQUEST;
        Self::new(outcome, (status, Json(CodeExchangeError::new(status, message))))
    }
}
