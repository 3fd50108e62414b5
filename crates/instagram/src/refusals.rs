//! From an error body to a [`ProviderError`].
//!
//! Two shapes: Graph's nested `error` object, and the code exchange's flat one, whose `code` is only an HTTP status, so
//! that its `error_message` has to be looked at. Texts: Meta, "Business Login for Instagram", and the issues named at
//! each row. Whatever Instagram wrote stays in here.

use evertoken_core::provider_error::{GraphError, ProviderError, ProviderErrorKind};
use reqwest::StatusCode;
use reqwest::header::{HeaderMap, RETRY_AFTER};
use serde::Deserialize;
use serde_json::Value;
use time::Duration;

use crate::http::Answer;

#[derive(Deserialize)]
struct Nested {
    error: NestedError,
}

#[derive(Deserialize)]
struct NestedError {
    code: i64,
    error_subcode: Option<i64>,
    #[serde(rename = "type")]
    kind: Option<String>,
    message: Option<String>,
    is_transient: Option<bool>,
    fbtrace_id: Option<String>,
}

#[derive(Deserialize)]
struct Flat {
    error_message: String,
    code: Option<i64>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Refusal {
    Nested(Nested),
    Flat(Flat),
}

/// The failure that an answer is; none if it is none. The body counts, the status is a weak signal: throttling comes as
/// 400, 403 and 429 (Meta, "Rate Limits").
pub(crate) fn in_answer(answer: &Answer) -> Option<ProviderError> {
    let failure = match serde_json::from_slice::<Refusal>(&answer.body) {
        Ok(Refusal::Nested(Nested { error })) => nested(error),
        Ok(Refusal::Flat(flat)) => {
            let problem = by_text(&flat.error_message).or_else(|| by_status(answer.status));
            ProviderError {
                code: flat.code,
                ..ProviderError::new(problem.unwrap_or(ProviderErrorKind::RequestRefused))
            }
        }
        Err(_) if answer.status.is_success() => return None,
        Err(_) => ProviderError::new(by_status(answer.status).unwrap_or(ProviderErrorKind::Unreadable)),
    };
    Some(ProviderError { retry_after: retry_after(&answer.headers), ..failure })
}

fn nested(error: NestedError) -> ProviderError {
    let message = error.message.unwrap_or_default();
    let problem = if names_the_app_secret(&message) {
        // Its code is 1 or 101, the first of which means a passing fault everywhere else.
        ProviderErrorKind::WrongAppCredentials
    } else {
        ProviderErrorKind::from_graph(GraphError {
            code: error.code,
            subcode: error.error_subcode,
            transient: error.is_transient,
            unsupported: error.kind.as_deref() == Some("IGApiException") || message.starts_with("Unsupported request"),
            checkpoint: is_checkpoint(&message),
        })
    };
    ProviderError {
        code: Some(error.code),
        subcode: error.error_subcode,
        trace_id: error.fbtrace_id.filter(|id| is_trace_id(id)),
        ..ProviderError::new(problem)
    }
}

/// Some 23 letters and digits of Meta's; anything else is not repeated, and least of all what begins as a token does.
fn is_trace_id(id: &str) -> bool {
    id.len() <= 40
        && id.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-')
        && !["IGAA", "IGQ", "EAA"].iter().any(|token| id.starts_with(token))
}

/// "You cannot access the app till you log in to www.instagram.com and follow the instructions given." comes with subcode
/// 459 or with none at all; "Session key is malformed" belongs to the same group (`gitroomhq/postiz-app`).
fn is_checkpoint(message: &str) -> bool {
    message.contains("till you log in to") || message.contains("Session key is malformed")
}

fn names_the_app_secret(message: &str) -> bool {
    let message = message.to_lowercase();
    ["client secret", "client_secret", "app secret", "invalid platform app", "validating application"]
        .iter()
        .any(|sign| message.contains(sign))
}

/// What a status says where the body says nothing.
fn by_status(status: StatusCode) -> Option<ProviderErrorKind> {
    if status == StatusCode::TOO_MANY_REQUESTS {
        Some(ProviderErrorKind::RateLimited)
    } else {
        status.is_server_error().then_some(ProviderErrorKind::Unavailable)
    }
}

fn by_text(message: &str) -> Option<ProviderErrorKind> {
    let text = message.to_lowercase();
    let says = |sign: &str| text.contains(sign);
    if says("matching code was not found") || says("authorization code") || says("provide a code") {
        // jaredhanson/passport-instagram#9, simi/omniauth-facebook#170
        Some(ProviderErrorKind::CodeUsed)
    } else if says("redirect uri") || says("redirect_uri") {
        // omniauth/omniauth-instagram#22, #23, #41
        Some(ProviderErrorKind::RedirectMismatch)
    } else if says("insufficient developer role") {
        // jsmrtn/craftagram#16
        Some(ProviderErrorKind::InsufficientRole)
    } else if names_the_app_secret(&text) || says("client_id") || says("client id") {
        // alexandrtovmach/react-instagram-login#2
        Some(ProviderErrorKind::WrongAppCredentials)
    } else {
        None
    }
}

/// How long to wait: `Retry-After` in seconds, or `X-Business-Use-Case-Usage`'s `estimated_time_to_regain_access` in
/// minutes (Meta, "Rate Limits").
fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let seconds = headers.get(RETRY_AFTER).and_then(|value| value.to_str().ok()?.trim().parse::<u32>().ok());
    let regained = || -> Option<Duration> {
        let usage: Value = serde_json::from_slice(headers.get("x-business-use-case-usage")?.as_bytes()).ok()?;
        let entries = usage.as_object()?.values().filter_map(Value::as_array).flatten();
        let minutes = entries.filter_map(|entry| entry.get("estimated_time_to_regain_access")?.as_i64());
        minutes.max().filter(|minutes| (1..=10_080).contains(minutes)).map(Duration::minutes)
    };
    seconds.map(|seconds| Duration::seconds(seconds.into())).or_else(regained)
}

#[cfg(test)]
mod tests {
    use evertoken_core::provider_error::ErrorCategory;

    use super::*;

    fn answer(status: u16, body: &str) -> Answer {
        let status = StatusCode::from_u16(status).unwrap();
        Answer { status, headers: HeaderMap::new(), body: body.as_bytes().to_vec() }
    }

    #[test]
    fn both_shapes_lead_to_the_problem_behind_them() {
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
        for (status, body, problem) in table {
            assert_eq!(in_answer(&answer(status, body)).map(|failure| failure.kind), Some(problem), "{body}");
        }
        assert_eq!(in_answer(&answer(200, r#"{"access_token":"T"}"#)), None);
    }

    #[test]
    fn a_wait_is_read_from_either_header() {
        let mut limited = answer(403, r#"{"error":{"message":"x","code":80002}}"#);
        limited.headers.insert(
            "x-business-use-case-usage",
            r#"{"178414":[{"type":"instagram","estimated_time_to_regain_access":9}]}"#.parse().unwrap(),
        );
        let failure = in_answer(&limited).unwrap();
        assert_eq!((failure.category(), failure.retry_after), (ErrorCategory::Throttled, Some(Duration::minutes(9))));
        limited.headers.insert(RETRY_AFTER, "7".parse().unwrap());
        assert_eq!(in_answer(&limited).unwrap().retry_after, Some(Duration::seconds(7)));
    }

    #[test]
    fn nothing_of_the_body_is_repeated() {
        let body = r#"{"error":{"message":"bad token IGAAsecret","code":190,"fbtrace_id":"IGAA secret"}}"#;
        assert!(!format!("{:?}", in_answer(&answer(400, body))).contains("IGAA"));
        let body = body.replace("IGAA secret", "IGAAsecret");
        assert!(!format!("{:?}", in_answer(&answer(400, &body))).contains("IGAA"));
    }
}
