//! Error responses of the Graph host, with status 400 unless stated otherwise (Meta, Graph API error handling).

use axum::Json;
use http::{Method, StatusCode};
use serde_json::Value;

use crate::endpoint_response::EndpointResponse;
use crate::error_body::GraphError;
use crate::shapes::SubcodeFormat;
use crate::token_rejection::TokenRejection;

/// Why the Graph host rejects a request.
pub(crate) enum GraphRejection {
    Token(TokenRejection),
    /// Code 100, type `IGApiException`.
    UnsupportedMethod(Method),
    /// Code 2500 with status 500: the path does not exist.
    UnknownPath(String),
    /// Code 10: the scope is not granted.
    MissingScope,
    /// Code 100: another `grant_type`. The message is assumed.
    WrongGrantType,
    /// Code 1: `client_secret` is missing or wrong. That of the Facebook host; assumed for Instagram.
    WrongSecret,
    /// Code 452: a long-lived token where a short-lived one is required, or the other way round. Instagram's response
    /// is not documented; assumed.
    WrongTokenKind,
    /// Code 100: a refresh of a token younger than 24 hours. Meta documents the rule but not the response; assumed.
    TokenTooYoung,
    /// Code 100: a field that a profile does not have.
    UnknownField(String),
    /// Code 2500: the parameter `fields` has unmatched braces. The message is that of the Facebook host; assumed.
    InvalidFields,
    /// Code 100: a parameter has an invalid value. The message is assumed.
    InvalidParameter(&'static str),
    /// Code 100, subcode 33: no such post, or that of another account.
    UnknownObject(String),
    /// Code 80002: the budget of calls for the account and app is used up (Meta, "Rate Limits").
    TooManyCalls,
}

impl From<TokenRejection> for GraphRejection {
    fn from(rejection: TokenRejection) -> Self {
        Self::Token(rejection)
    }
}

impl GraphRejection {
    /// The error response, with the subcode in the configured format.
    pub(crate) fn response(&self, subcode_format: SubcodeFormat) -> EndpointResponse {
        let mut error = self.error();
        error.subcode = match subcode_format {
            SubcodeFormat::Present => error.subcode,
            SubcodeFormat::Zero => error.subcode.map(|_| 0),
            SubcodeFormat::Absent => None,
        };
        EndpointResponse::new(self.outcome(), (self.status(), Json(Value::from(error))))
    }

    fn status(&self) -> StatusCode {
        match self {
            Self::UnknownPath(_) => StatusCode::INTERNAL_SERVER_ERROR,
            _ => StatusCode::BAD_REQUEST,
        }
    }

    /// The label in the counters.
    pub(crate) fn outcome(&self) -> &'static str {
        match self {
            Self::Token(rejection) => rejection.outcome(),
            Self::UnsupportedMethod(_) => "unsupported",
            Self::UnknownPath(_) => "unknown_path",
            Self::MissingScope => "no_permission",
            Self::WrongGrantType => "wrong_grant_type",
            Self::WrongSecret => "wrong_secret",
            Self::WrongTokenKind => "wrong_kind",
            Self::TokenTooYoung => "too_young",
            Self::UnknownField(_) => "unknown_field",
            Self::InvalidFields => "invalid_fields",
            Self::InvalidParameter(_) => "invalid_parameter",
            Self::UnknownObject(_) => "unknown_object",
            Self::TooManyCalls => "too_many_calls",
        }
    }

    pub(crate) fn error(&self) -> GraphError {
        match self {
            Self::Token(rejection) => rejection.error(),
            Self::UnsupportedMethod(method) => {
                let method = method.as_str().to_ascii_lowercase();
                GraphError::invalid_request(format!("Unsupported request - method type: {method}"))
            }
            Self::UnknownPath(path) => GraphError::new(2500, format!("Unknown path components: {path}")),
            Self::MissingScope => GraphError::new(10, "(#10) Application does not have permission for this action"),
            Self::WrongGrantType => GraphError::invalid_request("Invalid parameter: grant_type"),
            Self::WrongSecret => GraphError::new(1, "Error validating client secret."),
            Self::WrongTokenKind => GraphError::new(
                452,
                "Session key invalid. This could be because the session key has an incorrect format, or because the \
                 user has revoked this session",
            ),
            Self::TokenTooYoung => GraphError::invalid_request(
                "Invalid request: the access token must be at least 24 hours old to be refreshed",
            ),
            Self::UnknownField(field) => {
                GraphError::invalid_request(format!("Tried accessing nonexisting field ({field})"))
            }
            Self::InvalidFields => GraphError::new(2500, "Syntax error in parameter fields"),
            Self::InvalidParameter(name) => GraphError::invalid_request(format!("Invalid parameter: {name}")),
            Self::UnknownObject(id) => {
                let message = format!(
                    "Unsupported get request. Object with ID '{id}' does not exist, cannot be loaded due to missing \
                     permissions, or does not support this operation"
                );
                GraphError { subcode: Some(33), ..GraphError::invalid_request(message) }
            }
            Self::TooManyCalls => GraphError::new(
                80002,
                "(#80002) There have been too many calls to this Instagram account. Wait a bit and try again.",
            ),
        }
    }
}
