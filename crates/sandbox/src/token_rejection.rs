//! The reasons why the Graph host rejects a token.

use time::OffsetDateTime;
use time::format_description::BorrowedFormatItem;
use time::macros::{format_description, offset};

use crate::error_body::GraphError;

/// `Sunday, 22-Nov-26 05:00:00 PST`, as in Meta's messages.
const MESSAGE_TIME: &[BorrowedFormatItem<'_>] =
    format_description!("[weekday], [day]-[month repr:short]-[year repr:last_two] [hour]:[minute]:[second] PST");

/// Why the Graph host rejects a token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TokenRejection {
    /// Code 2500: the request has no token. Message and code are those of the Facebook host; assumed for Instagram.
    Missing,
    /// Code 190: the sandbox has not issued this token.
    Unknown,
    /// Code 190, subcode 463 (Meta, access token debugging; chatwoot/chatwoot#12989).
    Expired {
        /// The token's expiry.
        expired_at: OffsetDateTime,
        /// The time of the request.
        now: OffsetDateTime,
    },
    /// Code 190, subcode 458: the account's owner has removed the app.
    Revoked {
        /// The app that was removed.
        app_id: String,
    },
    /// Code 190, subcode 460: Dymantic/laravel-instagram-feed#61.
    PasswordChanged,
    /// Code 190, subcode 459: the account's owner must log in to Instagram and follow instructions.
    Checkpointed,
    /// Code 190, subcode 467: a refresh has replaced the token. The message is that of the Facebook host; assumed for
    /// Instagram.
    Superseded,
    /// Code 100: the account has not accepted the tester invitation. Instagram reports an unsupported method
    /// (NangoHQ/nango#5531, chatwoot/chatwoot#12656).
    NotATester,
}

impl TokenRejection {
    /// The label in the counters.
    pub(crate) fn outcome(&self) -> &'static str {
        match self {
            Self::Missing => "no_token",
            Self::Unknown => "unknown_token",
            Self::Expired { .. } => "expired",
            Self::Revoked { .. } => "revoked",
            Self::PasswordChanged => "password_changed",
            Self::Checkpointed => "checkpointed",
            Self::Superseded => "superseded",
            Self::NotATester => "unsupported",
        }
    }

    pub(crate) fn error(&self) -> GraphError {
        match self {
            Self::Missing => GraphError::new(
                2500,
                "An active access token must be used to query information about the current user.",
            ),
            Self::Unknown => GraphError::new(190, "Invalid OAuth access token - Cannot parse access token"),
            Self::Expired { expired_at, now } => {
                let (expired_at, now) = (message_time(*expired_at), message_time(*now));
                let message = format!(
                    "Error validating access token: Session has expired on {expired_at}. The current time is {now}."
                );
                GraphError::invalid_token(463, message)
            }
            Self::Revoked { app_id } => {
                let message =
                    format!("Error validating access token: The user has not authorized application {app_id}.");
                GraphError::invalid_token(458, message)
            }
            Self::PasswordChanged => GraphError::invalid_token(
                460,
                "Error validating access token: The session has been invalidated because the user changed their \
                 password or Facebook has changed the session for security reasons.",
            ),
            Self::Checkpointed => GraphError::invalid_token(
                459,
                "You cannot access the app till you log in to www.instagram.com and follow the instructions given.",
            ),
            Self::Superseded => GraphError::invalid_token(
                467,
                "Error validating access token: The session is invalid because the user logged out.",
            ),
            Self::NotATester => GraphError::invalid_request("Unsupported request - method type: get"),
        }
    }
}

/// Meta writes Pacific time.
pub(crate) fn message_time(time: OffsetDateTime) -> String {
    time.to_offset(offset!(-8)).format(MESSAGE_TIME).unwrap_or_default()
}
