//! Error responses of Facebook's Graph API: those of Instagram's, and what only Facebook sends.

use evertoken_core::provider_error::{ProviderError, ProviderErrorKind};
use serde::Deserialize;

use crate::error_responses::find_error;
use crate::transport::HttpResponse;

#[derive(Deserialize)]
struct Body {
    error: Typed,
}

#[derive(Deserialize)]
struct Typed {
    #[serde(rename = "type")]
    error_type: Option<String>,
    message: Option<String>,
}

/// Returns the error in a response, or `None` if the response is not an error.
pub(super) fn find_facebook_error(response: &HttpResponse) -> Option<ProviderError> {
    let error = find_error(response)?;
    let kind = match (error.code, error.subcode) {
        // "This authorization code has expired", "This authorization code has been used" (`simi/omniauth-facebook#170`).
        (Some(100), Some(36_007 | 36_009)) => ProviderErrorKind::CodeUsed,
        // "Please make sure your redirect_uri is identical to the one you used in the OAuth dialog request"
        (Some(100), Some(36_008)) => ProviderErrorKind::RedirectMismatch,
        // "Object with ID ... does not exist, cannot be loaded due to missing permissions, or does not support this operation"
        (Some(100), Some(33)) => ProviderErrorKind::AccountUnlinked,
        (Some(100), None) if is_about_proof(response) => ProviderErrorKind::ProofRejected,
        _ => error.kind,
    };
    Some(ProviderError { kind, ..error })
}

/// "API calls from the server require an `appsecret_proof` argument", "Invalid `appsecret_proof` provided in the API argument":
/// both have the type `GraphMethodException` (Meta, "Secure Graph API calls").
fn is_about_proof(response: &HttpResponse) -> bool {
    serde_json::from_slice::<Body>(&response.body).is_ok_and(|Body { error }| {
        error.error_type.as_deref() == Some("GraphMethodException")
            || error.message.is_some_and(|message| message.contains("appsecret_proof"))
    })
}

#[cfg(test)]
mod tests {
    use reqwest::StatusCode;
    use reqwest::header::HeaderMap;

    use super::*;

    fn kind(body: &str) -> Option<ProviderErrorKind> {
        let body = body.as_bytes().to_vec().into();
        let response = HttpResponse { status: StatusCode::BAD_REQUEST, headers: HeaderMap::new(), body };
        find_facebook_error(&response).map(|error| error.kind)
    }

    #[test]
    fn each_code_of_facebook_login_has_its_kind() {
        use ProviderErrorKind as Kind;
        for (error, expected) in [
            (r#""code":190,"error_subcode":493"#, Kind::DataAccessExpired),
            (r#""code":190,"error_subcode":492"#, Kind::PageRoleLost),
            (r#""code":190,"error_subcode":460"#, Kind::PasswordChanged),
            (r#""code":10"#, Kind::PermissionMissing),
            (r#""code":200"#, Kind::PermissionMissing),
            (r#""code":299"#, Kind::PermissionMissing),
            (r#""code":100,"error_subcode":33,"type":"GraphMethodException""#, Kind::AccountUnlinked),
            (r#""code":100,"error_subcode":36007"#, Kind::CodeUsed),
            (r#""code":100,"error_subcode":36008"#, Kind::RedirectMismatch),
            (r#""code":100,"error_subcode":36009"#, Kind::CodeUsed),
            (r#""code":100,"type":"GraphMethodException""#, Kind::ProofRejected),
            (
                r#""code":100,"type":"OAuthException","message":"Invalid appsecret_proof provided in the API argument""#,
                Kind::ProofRejected,
            ),
            (r#""code":100,"type":"OAuthException""#, Kind::RequestRefused),
            (r#""code":1,"message":"Error validating client secret.""#, Kind::WrongAppCredentials),
            (r#""code":4"#, Kind::AppRateLimited),
        ] {
            assert_eq!(kind(&format!(r#"{{"error":{{{error}}}}}"#)), Some(expected), "{error}");
        }
        assert_eq!(kind(r#"{"data":[]}"#), Some(Kind::Unreadable));
    }
}
