//! The function's responses.

use evertoken_core::document::{Document, HealthState};
use http::header::{CACHE_CONTROL, CONTENT_TYPE, RETRY_AFTER};
use http::{HeaderValue, Response, StatusCode};
use serde::Serialize;
use time::OffsetDateTime;

/// What a consumer needs to know about an account.
#[derive(Serialize)]
struct Account<'a> {
    name: &'a str,
    access_token: &'a str,
    #[serde(with = "time::serde::rfc3339::option")]
    expires_at: Option<OffsetDateTime>,
    health: HealthState,
}

/// The form of all errors of Evertoken's HTTP interfaces (docs/interfaces.md).
#[derive(Serialize)]
struct ErrorBody {
    error: Problem,
}

#[derive(Serialize)]
struct Problem {
    code: &'static str,
    message: &'static str,
    remedy: &'static str,
}

/// Why a request gets no token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// API Gateway has not authorized the request by IAM.
    NotAuthorized,
    /// The function does not serve this path or method.
    UnknownPath,
    /// The path contains no account name.
    InvalidName,
    /// The vault has no such account.
    UnknownAccount,
    /// The vault has failed.
    VaultFailed,
}

impl Refusal {
    fn status(self) -> StatusCode {
        match self {
            Self::NotAuthorized => StatusCode::FORBIDDEN,
            Self::InvalidName => StatusCode::BAD_REQUEST,
            Self::UnknownPath | Self::UnknownAccount => StatusCode::NOT_FOUND,
            Self::VaultFailed => StatusCode::SERVICE_UNAVAILABLE,
        }
    }

    fn problem(self) -> Problem {
        let (code, message, remedy) = match self {
            Self::NotAuthorized => (
                "not_authorized",
                "The request was not authorized by IAM.",
                "Deploy the route with IAM authorization, as infra/reader.yaml does.",
            ),
            Self::UnknownPath => ("not_found", "There is nothing at this path.", "Request GET /accounts/NAME/token."),
            Self::InvalidName => (
                "invalid_name",
                "The path contains no valid account name.",
                "Use 1 to 63 of the characters a-z, 0-9 and hyphen, starting with a letter or digit.",
            ),
            Self::UnknownAccount => (
                "unknown_account",
                "There is no account with this name.",
                "Check the name. If the account was removed, its owner must connect it again.",
            ),
            Self::VaultFailed => (
                "vault_failed",
                "The account could not be read.",
                "Try again in a few seconds. The function's log states the cause.",
            ),
        };
        Problem { code, message, remedy }
    }

    pub(crate) fn response(self) -> Response<String> {
        let mut response = json(self.status(), &ErrorBody { error: self.problem() });
        if self == Self::VaultFailed {
            response.headers_mut().insert(RETRY_AFTER, HeaderValue::from_static("5"));
        }
        response
    }
}

/// The response with an account's token.
pub(crate) fn token(document: &Document) -> Response<String> {
    let account = Account {
        name: document.name.as_str(),
        access_token: document.access_token.expose(),
        expires_at: document.expires_at,
        health: document.health.state,
    };
    json(StatusCode::OK, &account)
}

fn json(status: StatusCode, body: &impl Serialize) -> Response<String> {
    // All types consist of text and of times that the document contained, so they always have a JSON form.
    let mut response = Response::new(serde_json::to_string(body).unwrap_or_default());
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    // A proxy must store no token, and no answer that a login makes wrong.
    response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}
