//! Error responses.
//!
//! There are two forms: the Graph API's nested `error` object, and the flat object of the code exchange. The `code` of the
//! flat form is only an HTTP status, so its `error_message` has to be inspected. Sources of the messages: Meta, "Business
//! Login for Instagram", and the issue named at each message. Text from Instagram never leaves this file.

use evertoken_core::provider_error::{GraphError, ProviderError, ProviderErrorKind};
use reqwest::StatusCode;
use reqwest::header::{HeaderMap, RETRY_AFTER};
use serde::Deserialize;
use time::Duration;

use crate::call_usage::call_usage;
use crate::transport::HttpResponse;

#[derive(Deserialize)]
#[serde(untagged)]
enum ErrorBody {
    Graph { error: GraphErrorBody },
    CodeExchange(CodeExchangeError),
}

#[derive(Deserialize)]
struct GraphErrorBody {
    code: i64,
    error_subcode: Option<i64>,
    #[serde(rename = "type")]
    error_type: Option<String>,
    message: Option<String>,
    is_transient: Option<bool>,
    fbtrace_id: Option<String>,
}

#[derive(Deserialize)]
struct CodeExchangeError {
    error_message: String,
    code: Option<i64>,
}

/// Returns the error in a response, or `None` if the response is not an error. The body decides. The status alone is
/// unreliable: throttling is reported with 400, 403 and 429 (Meta, "Rate Limits").
pub(crate) fn find_error(response: &HttpResponse) -> Option<ProviderError> {
    let error = match serde_json::from_slice::<ErrorBody>(&response.body) {
        Ok(ErrorBody::Graph { error }) => graph_error(error),
        Ok(ErrorBody::CodeExchange(error)) => {
            let kind = kind_of_message(&error.error_message).or_else(|| kind_of_status(response.status));
            let kind = kind.unwrap_or(ProviderErrorKind::RequestRefused);
            ProviderError { code: error.code, ..ProviderError::new(kind) }
        }
        Err(_) if response.status.is_success() => return None,
        Err(_) => ProviderError::new(kind_of_status(response.status).unwrap_or(ProviderErrorKind::Unreadable)),
    };
    Some(ProviderError { retry_after: retry_after(&response.headers), ..error })
}

fn graph_error(error: GraphErrorBody) -> ProviderError {
    let message = error.message.unwrap_or_default();
    let kind = if mentions_app_secret(&message) {
        // The code is 1 or 101. Code 1 means a transient error everywhere else.
        ProviderErrorKind::WrongAppCredentials
    } else {
        ProviderErrorKind::from_graph(GraphError {
            code: error.code,
            subcode: error.error_subcode,
            transient: error.is_transient,
            unsupported: error.error_type.as_deref() == Some("IGApiException")
                || message.starts_with("Unsupported request"),
            checkpoint: is_checkpoint(&message),
        })
    };
    ProviderError {
        code: Some(error.code),
        subcode: error.error_subcode,
        trace_id: error.fbtrace_id.filter(|id| is_trace_id(id)),
        ..ProviderError::new(kind)
    }
}

/// Meta's trace ids have about 23 letters and digits. Anything else is dropped, in particular text that starts like a
/// token.
fn is_trace_id(id: &str) -> bool {
    id.len() <= 40
        && id.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-')
        && !["IGAA", "IGQ", "EAA"].iter().any(|prefix| id.starts_with(prefix))
}

/// "You cannot access the app till you log in to www.instagram.com and follow the instructions given." comes with subcode
/// 459 or without a subcode. "Session key is malformed" means the same (`gitroomhq/postiz-app`).
fn is_checkpoint(message: &str) -> bool {
    message.contains("till you log in to") || message.contains("Session key is malformed")
}

fn mentions_app_secret(message: &str) -> bool {
    let message = message.to_lowercase();
    ["client secret", "client_secret", "app secret", "invalid platform app", "validating application"]
        .iter()
        .any(|phrase| message.contains(phrase))
}

/// The kind of error if only the status is known.
fn kind_of_status(status: StatusCode) -> Option<ProviderErrorKind> {
    if status == StatusCode::TOO_MANY_REQUESTS {
        Some(ProviderErrorKind::RateLimited)
    } else {
        status.is_server_error().then_some(ProviderErrorKind::Unavailable)
    }
}

fn kind_of_message(message: &str) -> Option<ProviderErrorKind> {
    let message = message.to_lowercase();
    let contains = |phrase: &str| message.contains(phrase);
    if contains("matching code was not found") || contains("authorization code") || contains("provide a code") {
        // jaredhanson/passport-instagram#9, simi/omniauth-facebook#170
        Some(ProviderErrorKind::CodeUsed)
    } else if contains("redirect uri") || contains("redirect_uri") {
        // omniauth/omniauth-instagram#22, #23, #41
        Some(ProviderErrorKind::RedirectMismatch)
    } else if contains("insufficient developer role") {
        // jsmrtn/craftagram#16
        Some(ProviderErrorKind::InsufficientRole)
    } else if mentions_app_secret(&message) || contains("client_id") || contains("client id") {
        // alexandrtovmach/react-instagram-login#2
        Some(ProviderErrorKind::WrongAppCredentials)
    } else {
        None
    }
}

/// The wait that Instagram asks for: `Retry-After` in seconds, or `estimated_time_to_regain_access` of
/// `X-Business-Use-Case-Usage` in minutes (Meta, "Rate Limits").
fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let seconds = headers.get(RETRY_AFTER).and_then(|value| value.to_str().ok()?.trim().parse::<u32>().ok());
    seconds.map(|seconds| Duration::seconds(seconds.into())).or_else(|| call_usage(headers)?.blocked_for)
}

#[cfg(test)]
mod tests {
    use evertoken_core::provider_error::ErrorCategory;

    use super::*;

    fn response(status: u16, body: &str) -> HttpResponse {
        let status = StatusCode::from_u16(status).unwrap();
        HttpResponse { status, headers: HeaderMap::new(), body: body.as_bytes().to_vec().into() }
    }

    #[test]
    fn finds_the_kind_of_error_in_both_forms() {
        let table = [
            (
                400,
                r#"{"error_type":"OAuthException","code":400,"error_message":"Matching code was not found or was already used"}"#,
                ProviderErrorKind::CodeUsed,
            ),
            (
                400,
                r#"{"code":400,"error_message":"This authorization code has been used","error_type":"OAuthException"}"#,
                ProviderErrorKind::CodeUsed,
            ),
            (
                400,
                r#"{"error_type":"OAuthException","code":400,"error_message":"Invalid platform app"}"#,
                ProviderErrorKind::WrongAppCredentials,
            ),
            (
                400,
                r#"{"error_type":"OAuthException","code":400,"error_message":"Invalid client_id"}"#,
                ProviderErrorKind::WrongAppCredentials,
            ),
            (
                400,
                r#"{"error_type":"OAuthException","code":400,"error_message":"The client ID is unknown"}"#,
                ProviderErrorKind::WrongAppCredentials,
            ),
            (
                400,
                r#"{"error_type":"OAuthException","code":400,"error_message":"Redirect URI doesn't match original redirect URI"}"#,
                ProviderErrorKind::RedirectMismatch,
            ),
            (
                403,
                r#"{"error_type":"OAuthForbiddenException","code":403,"error_message":"Insufficient developer role"}"#,
                ProviderErrorKind::InsufficientRole,
            ),
            (
                400,
                r#"{"error":{"message":"Unsupported request - method type: get","type":"IGApiException","code":100,"fbtrace_id":"A1"}}"#,
                ProviderErrorKind::TesterNotAccepted,
            ),
            (
                400,
                r#"{"error":{"message":"Unsupported request - method type: get","type":"OAuthException","code":100}}"#,
                ProviderErrorKind::TesterNotAccepted,
            ),
            (
                400,
                r#"{"error":{"message":"Something else","type":"IGApiException","code":100}}"#,
                ProviderErrorKind::TesterNotAccepted,
            ),
            (
                400,
                r#"{"error":{"message":"Something else","type":"OAuthException","code":100}}"#,
                ProviderErrorKind::RequestRefused,
            ),
            (
                400,
                r#"{"error":{"message":"Error validating access token: Session has expired","type":"OAuthException","code":190,"error_subcode":463}}"#,
                ProviderErrorKind::Expired,
            ),
            (
                400,
                r#"{"error":{"message":"You cannot access the app till you log in to www.instagram.com and follow the instructions given.","type":"OAuthException","code":190,"error_subcode":0}}"#,
                ProviderErrorKind::Checkpoint,
            ),
            (
                400,
                r#"{"error":{"message":"Error validating client secret.","type":"OAuthException","code":1}}"#,
                ProviderErrorKind::WrongAppCredentials,
            ),
            (200, r#"{"error":{"message":"x","type":"OAuthException","code":190}}"#, ProviderErrorKind::TokenInvalid),
            (500, "<html>Oops</html>", ProviderErrorKind::Unavailable),
            (429, "", ProviderErrorKind::RateLimited),
            (404, "not found", ProviderErrorKind::Unreadable),
        ];
        for (status, body, kind) in table {
            assert_eq!(find_error(&response(status, body)).map(|error| error.kind), Some(kind), "{body}");
        }
        assert_eq!(find_error(&response(200, r#"{"access_token":"T"}"#)), None);
    }

    /// Code 190 would otherwise mean that the token is dead, and 9876 is in no table.
    #[test]
    fn an_error_that_instagram_calls_transient_is_temporary_whatever_its_code() {
        for (code, transient, kind) in [
            (190, r#","is_transient":true"#, ProviderErrorKind::Unavailable),
            (190, r#","is_transient":false"#, ProviderErrorKind::TokenInvalid),
            (9876, r#","is_transient":true"#, ProviderErrorKind::Unavailable),
            (9876, "", ProviderErrorKind::Unclassified),
        ] {
            let body = format!(r#"{{"error":{{"message":"x","code":{code}{transient}}}}}"#);
            assert_eq!(find_error(&response(400, &body)).map(|error| error.kind), Some(kind), "{body}");
        }
    }

    #[test]
    fn keeps_the_codes_and_the_trace_id() {
        let body =
            r#"{"error_type":"OAuthException","code":400,"error_message":"This authorization code has been used"}"#;
        assert_eq!(find_error(&response(400, body)).unwrap().code, Some(400));
        let body = r#"{"error":{"message":"x","code":190,"error_subcode":463,"fbtrace_id":"A-trace_id1"}}"#;
        let error = find_error(&response(400, body)).unwrap();
        assert_eq!((error.code, error.subcode), (Some(190), Some(463)));
        assert_eq!(error.trace_id.as_deref(), Some("A-trace_id1"));
        for (length, is_kept) in [(40, true), (41, false)] {
            let body = body.replace("A-trace_id1", &"A".repeat(length));
            assert_eq!(find_error(&response(400, &body)).unwrap().trace_id.is_some(), is_kept, "{length}");
        }
        let body = body.replace("A-trace_id1", "two words");
        assert_eq!(find_error(&response(400, &body)).unwrap().trace_id, None);
    }

    #[test]
    fn reads_the_wait_from_either_header() {
        let mut limited = response(403, r#"{"error":{"message":"x","code":80002}}"#);
        limited.headers.insert(
            "x-business-use-case-usage",
            r#"{"178414":[{"type":"instagram","estimated_time_to_regain_access":9}]}"#.parse().unwrap(),
        );
        let error = find_error(&limited).unwrap();
        assert_eq!((error.category(), error.retry_after), (ErrorCategory::Throttled, Some(Duration::minutes(9))));
        limited.headers.insert(RETRY_AFTER, "7".parse().unwrap());
        assert_eq!(find_error(&limited).unwrap().retry_after, Some(Duration::seconds(7)));
    }

    #[test]
    fn never_repeats_text_from_the_body() {
        let body = r#"{"error":{"message":"bad token IGAAsecret","code":190,"fbtrace_id":"IGAA secret"}}"#;
        assert!(!format!("{:?}", find_error(&response(400, body))).contains("IGAA"));
        let body = body.replace("IGAA secret", "IGAAsecret");
        assert!(!format!("{:?}", find_error(&response(400, &body))).contains("IGAA"));
    }
}
