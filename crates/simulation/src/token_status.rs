//! Whether a stored token works, and who can restore it.

use evertoken_sandbox::TokenRejection;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TokenStatus {
    Working,
    /// Expired or unknown to Instagram. A service could have kept it alive.
    Lost,
    /// Only a new login by the owner helps.
    OwnerNeeded,
    /// The owner must confirm something on Instagram, after which the token works again.
    Checkpointed,
}

impl From<Result<(), TokenRejection>> for TokenStatus {
    fn from(check: Result<(), TokenRejection>) -> Self {
        match check {
            Ok(()) => Self::Working,
            Err(TokenRejection::Checkpointed) => Self::Checkpointed,
            Err(TokenRejection::Revoked { .. } | TokenRejection::PasswordChanged) => Self::OwnerNeeded,
            Err(_) => Self::Lost,
        }
    }
}
