//! Builds the HTTP responses of injected faults.

use std::io;

use axum::Json;
use axum::body::{Body, Bytes, to_bytes};
use axum::response::{IntoResponse, Response};
use futures_util::{StreamExt, stream};
use http::header::{CONTENT_TYPE, RETRY_AFTER};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use serde_json::Value;

use crate::endpoint::Endpoint;
use crate::endpoint_response::EndpointResponse;
use crate::error_body::{CodeExchangeError, CodeExchangeErrorType, GraphError};
use crate::injected_fault::FaultResponse;

/// Larger than any of the sandbox's own responses.
const MAX_RESPONSE_BYTES: usize = 1024 * 1024;

const CHUNK: &[u8] = &[b'x'; 16 * 1024];

/// `original` is Instagram's response, if Instagram has processed the request.
pub(crate) async fn fault_response(
    fault: FaultResponse,
    endpoint: Endpoint,
    original: Option<Response>,
) -> EndpointResponse {
    match fault {
        FaultResponse::Status { status, body, headers } => {
            let body = body.unwrap_or_else(|| service_down(endpoint));
            let response = match body {
                Value::String(text) => (status, text).into_response(),
                json => (status, Json(json)).into_response(),
            };
            EndpointResponse::new("fault_status", (header_map(headers), response))
        }
        FaultResponse::Truncated => EndpointResponse::new("fault_cut", json_response(truncated(original).await)),
        FaultResponse::InvalidJson => {
            let body = Body::from(r#"{"access_token": <!DOCTYPE html>"#);
            EndpointResponse::new("fault_wrong_json", json_response(body))
        }
        FaultResponse::RateLimit { status, retry_after_seconds } => {
            let mut response = (status, Json(rate_limited(endpoint))).into_response();
            let headers = response.headers_mut();
            let usage = r#"{"call_count":100,"total_time":25,"total_cputime":25}"#;
            headers.insert("x-app-usage", HeaderValue::from_static(usage));
            if let Some(seconds) = retry_after_seconds {
                headers.insert(RETRY_AFTER, seconds.into());
            }
            EndpointResponse::new("fault_rate_limit", response)
        }
        FaultResponse::Oversized { bytes } => EndpointResponse::new("fault_huge", json_response(oversized(bytes))),
    }
}

/// `InjectedFault::validate` has checked names and values.
fn header_map(headers: impl IntoIterator<Item = (String, String)>) -> HeaderMap {
    headers
        .into_iter()
        .filter_map(|(name, value)| Some((HeaderName::try_from(name).ok()?, HeaderValue::try_from(value).ok()?)))
        .collect()
}

fn json_response(body: Body) -> Response {
    ([(CONTENT_TYPE, "application/json; charset=utf-8")], body).into_response()
}

/// Half a body, then an error, which makes the server close the connection.
async fn truncated(original: Option<Response>) -> Body {
    let whole = match original {
        Some(response) => to_bytes(response.into_body(), MAX_RESPONSE_BYTES).await.unwrap_or_default(),
        None => Bytes::from_static(br#"{"access_token":"#),
    };
    let half = whole.slice(..whole.len() / 2);
    Body::from_stream(stream::iter([Ok(half), Err(io::Error::from(io::ErrorKind::ConnectionAborted))]))
}

/// `{"padding":"xxx..."}`, generated while it is sent.
fn oversized(bytes: u64) -> Body {
    let chunks = usize::try_from(bytes.div_ceil(16 * 1024)).unwrap_or(usize::MAX);
    let padding = stream::iter(std::iter::repeat_n(CHUNK, chunks));
    let body = stream::iter([&br#"{"padding":""#[..]]).chain(padding).chain(stream::iter([&br#""}"#[..]]));
    Body::from_stream(body.map(|chunk| Ok::<_, io::Error>(Bytes::from_static(chunk))))
}

/// Code 2, "service down" (Meta, Graph API error handling), or its flat counterpart.
fn service_down(endpoint: Endpoint) -> Value {
    let message = "An unexpected error has occurred. Please retry your request later.";
    match endpoint {
        Endpoint::Code => CodeExchangeError::new(StatusCode::INTERNAL_SERVER_ERROR, message).into(),
        _ => GraphError::transient(2, message).into(),
    }
}

/// Code 4, "app limit reached" (Meta, Graph API rate limits). The flat form is assumed from the old Instagram API's.
fn rate_limited(endpoint: Endpoint) -> Value {
    match endpoint {
        Endpoint::Code => {
            let message = "You have exceeded the maximum number of requests per hour.";
            let error = CodeExchangeError::new(StatusCode::TOO_MANY_REQUESTS, message);
            CodeExchangeError { error_type: CodeExchangeErrorType::RateLimit, ..error }.into()
        }
        _ => GraphError::transient(4, "(#4) Application request limit reached").into(),
    }
}
