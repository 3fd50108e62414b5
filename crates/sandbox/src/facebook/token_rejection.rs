//! The reasons why Facebook rejects a token (Meta, "Graph API error handling" and "Debug access tokens").

use time::OffsetDateTime;

use crate::error_body::GraphError;
use crate::token_rejection::message_time;

/// Why Facebook rejects a token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FacebookTokenRejection {
    /// Code 104: the request has no token.
    Missing,
    /// Code 190: the sandbox has not issued this token.
    Unknown,
    /// Code 190, subcode 463.
    Expired {
        /// The token's expiry.
        expired_at: OffsetDateTime,
        /// The time of the request.
        now: OffsetDateTime,
    },
    /// Code 190, subcode 458: the person has removed the app.
    Revoked {
        /// The app that was removed.
        app_id: String,
    },
    /// Code 190, subcode 460: the person has changed the password.
    PasswordChanged,
    /// Code 190, subcode 459: the person must log in to Facebook and follow instructions.
    Checkpointed,
    /// Code 190, subcode 492: the person has lost the role on the page. The message is that of `snarfed/bridgy#596`.
    RoleLost,
    /// Code 190, subcode 493: the person has not logged in for 90 days (`MrSwitch/hello.js#548`). Only calls on Instagram
    /// accounts are rejected.
    DataAccessExpired,
}

impl FacebookTokenRejection {
    /// The label in the counters.
    pub(crate) fn outcome(&self) -> &'static str {
        match self {
            Self::Missing => "no_token",
            Self::Unknown => "unknown_token",
            Self::Expired { .. } => "expired",
            Self::Revoked { .. } => "revoked",
            Self::PasswordChanged => "password_changed",
            Self::Checkpointed => "checkpointed_on_facebook",
            Self::RoleLost => "role_lost",
            Self::DataAccessExpired => "data_access_expired",
        }
    }

    pub(crate) fn error(&self) -> GraphError {
        match self {
            Self::Missing => GraphError::new(104, "An access token is required to request this resource."),
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
                "Error validating access token: You cannot access the app till you log in to www.facebook.com and follow \
                 the instructions given.",
            ),
            Self::RoleLost => GraphError::invalid_token(
                492,
                "The user must be an administrator of the page in order to impersonate it.",
            ),
            Self::DataAccessExpired => GraphError::invalid_token(
                493,
                "The access token is invalid since the user hasn't engaged the app in longer than 90 days.",
            ),
        }
    }
}
