//! Error responses of Facebook's Graph API, with status 400 unless stated otherwise (Meta, "Graph API error handling").

use axum::Json;
use http::{Method, StatusCode};
use serde_json::Value;

use crate::endpoint_response::EndpointResponse;
use crate::error_body::{GraphError, GraphErrorType};
use crate::facebook::token_rejection::FacebookTokenRejection;
use crate::graph_rejection::GraphRejection;
use crate::shapes::SubcodeFormat;

/// Why Facebook rejects a call.
pub(crate) enum FacebookRejection {
    Token(FacebookTokenRejection),
    /// Code 2500: a path with `me` and no token.
    NoActiveToken,
    /// Code 100, type `GraphMethodException`.
    ProofMissing,
    /// Code 100, type `GraphMethodException`.
    ProofInvalid,
    /// Code 100, subcode 33: the method is not supported.
    UnsupportedMethod(Method),
    /// Code 2500 with status 500: the path does not exist.
    UnknownPath(String),
    /// Code 10: a permission of Instagram's or of a page's is not granted.
    MissingPermission(&'static str),
    /// Code 200: a permission for a list is not granted.
    RequiredPermission(&'static str),
    /// Code 100: a field that the node does not have.
    UnknownField {
        field: String,
        node: &'static str,
    },
    /// Code 2500: the parameter `fields` has unmatched braces.
    InvalidFields,
    /// Code 100: a parameter has an invalid value. The message is assumed.
    InvalidParameter(&'static str),
    /// Code 100: a parameter is missing. The message is assumed.
    MissingParameter(&'static str),
    /// Code 100, subcode 33: no such object, or no access to it.
    UnknownObject(String),
    /// Code 80002: the budget of calls for the account and app is used up.
    TooManyCalls,
    /// A list of posts is rejected, for the same reasons as on Instagram's host.
    Posts(GraphRejection),
    /// Code 101: `client_id` is missing.
    MissingClientId,
    /// Code 101: `client_id` is not that of the app.
    UnknownApp,
    /// Code 1: `client_secret` is missing or wrong.
    WrongSecret,
    /// Code 1: `code` is missing.
    MissingCode,
    /// Code 191: `redirect_uri` is missing.
    MissingRedirectUri,
    /// Code 100, subcode 36007: the code is not one of Facebook's.
    UnknownCode,
    /// Code 100, subcode 36007.
    ExpiredCode,
    /// Code 100, subcode 36008.
    RedirectUriMismatch,
    /// Code 100, subcode 36009.
    UsedCode,
    /// Code 190: the app's own token has a wrong secret.
    InvalidAppToken,
    /// Code 100: the debugger wants the app's own token (`nyaruka/rapidpro#3734`).
    AppTokenRequired,
    /// Code 100: the token to inspect belongs to another app.
    OtherAppsToken,
}

impl From<FacebookTokenRejection> for FacebookRejection {
    fn from(rejection: FacebookTokenRejection) -> Self {
        Self::Token(rejection)
    }
}

impl From<GraphRejection> for FacebookRejection {
    fn from(rejection: GraphRejection) -> Self {
        match rejection {
            GraphRejection::UnknownObject(id) => Self::UnknownObject(id),
            GraphRejection::InvalidParameter(name) => Self::InvalidParameter(name),
            GraphRejection::InvalidFields => Self::InvalidFields,
            GraphRejection::UnknownPath(path) => Self::UnknownPath(path),
            other => Self::Posts(other),
        }
    }
}

impl FacebookRejection {
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
    fn outcome(&self) -> &'static str {
        match self {
            Self::Token(rejection) => rejection.outcome(),
            Self::NoActiveToken => "no_token",
            Self::ProofMissing => "no_proof",
            Self::ProofInvalid => "wrong_proof",
            Self::UnsupportedMethod(_) => "unsupported",
            Self::UnknownPath(_) => "unknown_path",
            Self::MissingPermission(_) | Self::RequiredPermission(_) => "no_permission",
            Self::UnknownField { .. } => "unknown_field",
            Self::InvalidFields => "invalid_fields",
            Self::InvalidParameter(_) => "invalid_parameter",
            Self::MissingParameter(_) => "no_parameter",
            Self::UnknownObject(_) => "unknown_object",
            Self::TooManyCalls => "too_many_calls",
            Self::Posts(rejection) => rejection.outcome(),
            Self::MissingClientId | Self::UnknownApp => "unknown_app",
            Self::WrongSecret => "wrong_secret",
            Self::MissingCode => "no_code",
            Self::MissingRedirectUri => "no_redirect_uri",
            Self::UnknownCode => "unknown_code",
            Self::ExpiredCode => "expired_code",
            Self::RedirectUriMismatch => "redirect_uri_mismatch",
            Self::UsedCode => "used_code",
            Self::InvalidAppToken => "wrong_app_token",
            Self::AppTokenRequired => "no_app_token",
            Self::OtherAppsToken => "other_apps_token",
        }
    }

    fn error(&self) -> GraphError {
        match self {
            Self::Token(rejection) => rejection.error(),
            Self::NoActiveToken => GraphError::new(
                2500,
                "An active access token must be used to query information about the current user.",
            ),
            Self::ProofMissing => method_error(None, "API calls from the server require an appsecret_proof argument"),
            Self::ProofInvalid => method_error(None, "Invalid appsecret_proof provided in the API argument"),
            Self::UnsupportedMethod(method) => {
                let method = method.as_str().to_ascii_lowercase();
                method_error(Some(33), format!("Unsupported {method} request."))
            }
            Self::UnknownPath(path) => GraphError::new(2500, format!("Unknown path components: {path}")),
            Self::MissingPermission(scope) => GraphError::new(
                10,
                format!(
                    "(#10) This endpoint requires the '{scope}' permission. Refer to \
                     https://developers.facebook.com/docs/permissions for details."
                ),
            ),
            Self::RequiredPermission(scope) => GraphError::new(200, format!("(#200) Requires {scope} permission")),
            Self::UnknownField { field, node } => GraphError::new(
                100,
                format!("(#100) Tried accessing nonexisting field ({field}) on node type ({node})"),
            ),
            Self::InvalidFields => GraphError::new(2500, "Syntax error in parameter fields"),
            Self::InvalidParameter(name) => GraphError::new(100, format!("(#100) Invalid parameter: {name}")),
            Self::MissingParameter(name) => GraphError::new(100, format!("(#100) The parameter {name} is required")),
            Self::UnknownObject(id) => method_error(
                Some(33),
                format!(
                    "Unsupported get request. Object with ID '{id}' does not exist, cannot be loaded due to missing \
                     permissions, or does not support this operation. Please read the Graph API documentation at \
                     https://developers.facebook.com/docs/graph-api"
                ),
            ),
            Self::TooManyCalls => GraphError::new(
                80002,
                "(#80002) There have been too many calls to this Instagram account. Wait a bit and try again.",
            ),
            Self::Posts(rejection) => GraphError { error_type: GraphErrorType::OAuth, ..rejection.error() },
            Self::MissingClientId => GraphError::new(101, "Missing client_id parameter."),
            Self::UnknownApp => {
                GraphError::new(101, "Error validating application. Cannot get application info due to a system error.")
            }
            Self::WrongSecret => GraphError::new(1, "Error validating client secret."),
            Self::MissingCode => GraphError::new(1, "Missing authorization code"),
            Self::MissingRedirectUri => GraphError::new(191, "Missing redirect_uri parameter."),
            Self::UnknownCode => code_error(36007, "Invalid verification code format."),
            Self::ExpiredCode => code_error(36007, "This authorization code has expired."),
            Self::RedirectUriMismatch => code_error(
                36008,
                "Error validating verification code. Please make sure your redirect_uri is identical to the one you used \
                 in the OAuth dialog request",
            ),
            Self::UsedCode => code_error(36009, "This authorization code has been used."),
            Self::InvalidAppToken => GraphError::new(190, "Invalid OAuth access token signature."),
            Self::AppTokenRequired => GraphError::new(
                100,
                "(#100) You must provide an app access token, or a user access token that is an owner or developer of \
                 the app",
            ),
            Self::OtherAppsToken => {
                GraphError::new(100, "(#100) The App_id in the input_token did not match the Viewing App")
            }
        }
    }
}

/// Code 100 of type `GraphMethodException`.
fn method_error(subcode: Option<u32>, message: impl Into<String>) -> GraphError {
    GraphError { error_type: GraphErrorType::GraphMethod, subcode, ..GraphError::new(100, message) }
}

/// Code 100 of type `OAuthException`: the code exchange's errors.
fn code_error(subcode: u32, message: &str) -> GraphError {
    GraphError { subcode: Some(subcode), ..GraphError::new(100, message) }
}
