//! Faults and error responses of Instagram that several tests use.

use evertoken_sandbox::{CodeExchangeError, Endpoint, FaultResponse, GraphError, GraphErrorType, InjectedFault};
use reqwest::StatusCode;
use serde_json::{Value, json};

/// The trace ID in [`graph_error`], which must not reach users.
pub const TRACE_ID: &str = "AbC1";

/// Creates a fault that makes an endpoint respond with status 503.
pub fn service_unavailable(endpoint: Endpoint) -> InjectedFault {
    InjectedFault::new(endpoint, FaultResponse::status(StatusCode::SERVICE_UNAVAILABLE))
}

/// Creates a fault that makes an endpoint reject every token with this subcode of error 190.
pub fn invalid_token(endpoint: Endpoint, subcode: u32) -> InjectedFault {
    let error = GraphError::invalid_token(subcode, "no");
    InjectedFault::new(endpoint, FaultResponse::with_body(StatusCode::BAD_REQUEST, error)).always()
}

/// Creates a fault that makes an endpoint always respond with this status and body.
pub fn response(endpoint: Endpoint, status: u16, body: Value) -> InjectedFault {
    InjectedFault::new(endpoint, FaultResponse::with_body(StatusCode::from_u16(status).unwrap(), body)).always()
}

/// Creates a fault that makes the profile endpoint respond as if every token belonged to an account that the sandbox
/// does not have.
pub fn profile_of_another_account() -> InjectedFault {
    let profile = json!({
        "id": "27640875392278832",
        "user_id": "17841400000000001",
        "username": "somebody_else",
        "account_type": "BUSINESS",
    });
    response(Endpoint::Me, 200, profile)
}

/// Creates the body of an error of the Graph host.
pub fn graph_error(code: u32, subcode: u32, message: &str) -> Value {
    let error_type =
        if message.starts_with("Unsupported request") { GraphErrorType::InstagramApi } else { GraphErrorType::OAuth };
    let fbtrace_id = TRACE_ID.to_owned();
    GraphError { error_type, subcode: Some(subcode), fbtrace_id, ..GraphError::new(code, message) }.into()
}

/// Creates the body of an error of the code exchange.
pub fn code_exchange_error(message: &str) -> Value {
    CodeExchangeError::new(StatusCode::BAD_REQUEST, message).into()
}
