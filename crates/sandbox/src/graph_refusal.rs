//! How the Graph host refuses: Meta's nested error (Meta, Graph API error handling), with status 400 where no other is
//! named.

use axum::Json;
use http::{Method, StatusCode};
use serde_json::json;
use time::OffsetDateTime;
use time::format_description::BorrowedFormatItem;
use time::macros::{format_description, offset};

use crate::answer::Answer;
use crate::settings::Subcode;

/// `Sunday, 22-Nov-26 05:00:00 PST`, as in Meta's messages.
const MESSAGE_TIME: &[BorrowedFormatItem<'_>] =
    format_description!("[weekday], [day]-[month repr:short]-[year repr:last_two] [hour]:[minute]:[second] PST");

pub(crate) enum GraphRefusal {
    /// Code 100, type `IGApiException`. Also what an unaccepted tester gets, whatever the method: NangoHQ/nango#5531,
    /// chatwoot/chatwoot#12656.
    Unsupported(Method),
    /// Code 2500 with status 500: a path that is none.
    UnknownPath(String),
    /// Code 2500: no token sent. Message and code are those of the Facebook host; assumed here.
    NoToken,
    /// Code 190: no token of ours.
    UnknownToken,
    /// Code 190, subcode 463 (Meta, access token debugging; chatwoot/chatwoot#12989).
    Expired { at: OffsetDateTime, now: OffsetDateTime },
    /// Code 190, subcode 458.
    Revoked { app_id: String },
    /// Code 190, subcode 460: Dymantic/laravel-instagram-feed#61.
    PasswordChanged,
    /// Code 190, subcode 459.
    Checkpointed,
    /// Code 190, subcode 467. The message is that of the Facebook host; assumed here.
    Superseded,
    /// Code 10: the scope is not granted.
    NoPermission,
    /// Code 100: another `grant_type`. The message is assumed.
    WrongGrantType,
    /// Code 1: `client_secret` is missing or wrong. That of the Facebook host; assumed here.
    WrongSecret,
    /// Code 452: a long-lived token where a short-lived one belongs, or the other way round. Instagram's body is not
    /// documented; assumed.
    WrongKind,
    /// Code 100: a refresh of a token younger than 24 hours. Meta documents the rule and nobody the body; assumed.
    TooYoung,
    /// Code 100: a field that a profile does not have.
    UnknownField(String),
}

/// What one refusal says.
struct Error {
    outcome: &'static str,
    status: StatusCode,
    kind: &'static str,
    code: u32,
    subcode: Option<u32>,
    message: String,
}

impl Error {
    fn new(outcome: &'static str, code: u32, message: impl Into<String>) -> Self {
        Self {
            outcome,
            status: StatusCode::BAD_REQUEST,
            kind: "OAuthException",
            code,
            subcode: None,
            message: message.into(),
        }
    }

    /// Code 190 with its subcode.
    fn token(outcome: &'static str, subcode: u32, message: impl Into<String>) -> Self {
        Self { subcode: Some(subcode), ..Self::new(outcome, 190, message) }
    }

    /// An error of the Instagram host's own.
    fn instagram(outcome: &'static str, message: impl Into<String>) -> Self {
        Self { kind: "IGApiException", ..Self::new(outcome, 100, message) }
    }
}

impl GraphRefusal {
    fn error(self) -> Error {
        match self {
            Self::Unsupported(method) => {
                let method = method.as_str().to_ascii_lowercase();
                Error::instagram("unsupported", format!("Unsupported request - method type: {method}"))
            }
            Self::UnknownPath(path) => Error {
                status: StatusCode::INTERNAL_SERVER_ERROR,
                ..Error::new("unknown_path", 2500, format!("Unknown path components: {path}"))
            },
            Self::NoToken => Error::new(
                "no_token",
                2500,
                "An active access token must be used to query information about the current user.",
            ),
            Self::UnknownToken => {
                Error::new("unknown_token", 190, "Invalid OAuth access token - Cannot parse access token")
            }
            Self::Expired { at, now } => Error::token(
                "expired",
                463,
                format!(
                    "Error validating access token: Session has expired on {}. The current time is {}.",
                    message_time(at),
                    message_time(now)
                ),
            ),
            Self::Revoked { app_id } => Error::token(
                "revoked",
                458,
                format!("Error validating access token: The user has not authorized application {app_id}."),
            ),
            Self::PasswordChanged => Error::token(
                "password_changed",
                460,
                "Error validating access token: The session has been invalidated because the user changed their \
                 password or Facebook has changed the session for security reasons.",
            ),
            Self::Checkpointed => Error::token(
                "checkpointed",
                459,
                "You cannot access the app till you log in to www.instagram.com and follow the instructions given.",
            ),
            Self::Superseded => Error::token(
                "superseded",
                467,
                "Error validating access token: The session is invalid because the user logged out.",
            ),
            Self::NoPermission => {
                Error::new("no_permission", 10, "(#10) Application does not have permission for this action")
            }
            Self::WrongGrantType => Error::instagram("wrong_grant_type", "Invalid parameter: grant_type"),
            Self::WrongSecret => Error::new("wrong_secret", 1, "Error validating client secret."),
            Self::WrongKind => Error::new(
                "wrong_kind",
                452,
                "Session key invalid. This could be because the session key has an incorrect format, or because the \
                 user has revoked this session",
            ),
            Self::TooYoung => Error::instagram(
                "too_young",
                "Invalid request: the access token must be at least 24 hours old to be refreshed",
            ),
            Self::UnknownField(field) => {
                Error::instagram("unknown_field", format!("Tried accessing nonexisting field ({field})"))
            }
        }
    }

    /// The word for the counters.
    pub(crate) fn outcome(self) -> &'static str {
        self.error().outcome
    }

    /// The answer, with the subcode in the form that is switched on.
    pub(crate) fn answer(self, shape: Subcode) -> Answer {
        let error = self.error();
        let mut body = json!({
            "message": error.message,
            "type": error.kind,
            "code": error.code,
            "fbtrace_id": crate::grants::new_trace_id(),
        });
        let subcode = match shape {
            Subcode::Present => error.subcode,
            Subcode::Zero => error.subcode.map(|_| 0),
            Subcode::Absent => None,
        };
        if let (Some(subcode), Some(body)) = (subcode, body.as_object_mut()) {
            body.insert("error_subcode".to_owned(), subcode.into());
        }
        Answer::new(error.outcome, (error.status, Json(json!({"error": body}))))
    }
}

/// Meta writes Pacific time.
fn message_time(time: OffsetDateTime) -> String {
    time.to_offset(offset!(-8)).format(MESSAGE_TIME).unwrap_or_default()
}
