//! The answers that faults give.

use std::io;

use axum::Json;
use axum::body::{Body, Bytes, to_bytes};
use axum::response::{IntoResponse, Response};
use futures_util::{StreamExt, stream};
use http::header::{CONTENT_TYPE, RETRY_AFTER};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use serde_json::{Value, json};

use crate::answer::Answer;
use crate::counters::Endpoint;
use crate::faults::FaultAnswer;
use crate::grants::new_trace_id;

/// Larger than any genuine answer.
const LARGEST_ANSWER: usize = 1024 * 1024;

const CHUNK: &[u8] = &[b'x'; 16 * 1024];

/// Turns a fault into an answer. `genuine` is what Instagram would have answered, where the work was done.
pub(crate) async fn fault_answer(fault: FaultAnswer, endpoint: Endpoint, genuine: Option<Response>) -> Answer {
    match fault {
        FaultAnswer::Status { status, body, headers } => {
            let body = body.unwrap_or_else(|| service_down(endpoint));
            let response = match body {
                Value::String(text) => (status.0, text).into_response(),
                json => (status.0, Json(json)).into_response(),
            };
            Answer::new("fault_status", (header_map(headers), response))
        }
        FaultAnswer::Cut => Answer::new("fault_cut", json_body(cut(genuine).await)),
        FaultAnswer::WrongJson => {
            Answer::new("fault_wrong_json", json_body(Body::from(r#"{"access_token": <!DOCTYPE html>"#)))
        }
        FaultAnswer::RateLimit { status, retry_after_seconds } => {
            let mut response = (status.0, Json(limit_reached(endpoint))).into_response();
            let headers = response.headers_mut();
            let usage = r#"{"call_count":100,"total_time":25,"total_cputime":25}"#;
            headers.insert("x-app-usage", HeaderValue::from_static(usage));
            if let Some(seconds) = retry_after_seconds {
                headers.insert(RETRY_AFTER, seconds.into());
            }
            Answer::new("fault_rate_limit", response)
        }
        FaultAnswer::Huge { bytes } => Answer::new("fault_huge", json_body(huge(bytes))),
    }
}

/// The names and values were checked when the fault was set.
fn header_map(headers: impl IntoIterator<Item = (String, String)>) -> HeaderMap {
    headers
        .into_iter()
        .filter_map(|(name, value)| Some((HeaderName::try_from(name).ok()?, HeaderValue::try_from(value).ok()?)))
        .collect()
}

fn json_body(body: Body) -> Response {
    ([(CONTENT_TYPE, "application/json; charset=utf-8")], body).into_response()
}

/// Half an answer, then an error: the server closes the connection without an end to the body.
async fn cut(genuine: Option<Response>) -> Body {
    let whole = match genuine {
        Some(response) => to_bytes(response.into_body(), LARGEST_ANSWER).await.unwrap_or_default(),
        None => Bytes::from_static(br#"{"access_token":"#),
    };
    let half = whole.slice(..whole.len() / 2);
    Body::from_stream(stream::iter([Ok(half), Err(io::Error::from(io::ErrorKind::ConnectionAborted))]))
}

/// `{"padding":"xxx..."}`, made while it is sent.
fn huge(bytes: u64) -> Body {
    let chunks = usize::try_from(bytes.div_ceil(16 * 1024)).unwrap_or(usize::MAX);
    let padding = stream::iter(std::iter::repeat_n(CHUNK, chunks));
    let body = stream::iter([&br#"{"padding":""#[..]]).chain(padding).chain(stream::iter([&br#""}"#[..]]));
    Body::from_stream(body.map(|chunk| Ok::<_, io::Error>(Bytes::from_static(chunk))))
}

/// Code 2, "service down" (Meta, Graph API error handling), or its flat counterpart.
fn service_down(endpoint: Endpoint) -> Value {
    let message = "An unexpected error has occurred. Please retry your request later.";
    match endpoint {
        Endpoint::Code => json!({"error_type": "OAuthException", "code": 500, "error_message": message}),
        _ => json!({"error": {
            "message": message, "type": "OAuthException", "code": 2, "is_transient": true, "fbtrace_id": new_trace_id(),
        }}),
    }
}

/// Code 4, "app limit reached" (Meta, Graph API rate limits). The flat form is assumed from the old Instagram API's.
fn limit_reached(endpoint: Endpoint) -> Value {
    match endpoint {
        Endpoint::Code => json!({
            "error_type": "OAuthRateLimitException", "code": StatusCode::TOO_MANY_REQUESTS.as_u16(),
            "error_message": "You have exceeded the maximum number of requests per hour.",
        }),
        _ => json!({"error": {
            "message": "(#4) Application request limit reached", "type": "OAuthException", "code": 4,
            "is_transient": true, "fbtrace_id": new_trace_id(),
        }}),
    }
}
