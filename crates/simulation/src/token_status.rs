//! Whether a stored token works, and who can restore it.

use evertoken_sandbox::{FacebookTokenRejection, TokenRejection};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TokenStatus {
    Working,
    /// Expired or unknown to Instagram. A service could have kept it alive.
    Lost,
    /// Only a new login by the owner helps.
    OwnerNeeded,
    /// Connected through Facebook, and the app's access to the account's data has ended. Only a new login helps.
    AccessEnded,
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

impl From<Result<(), FacebookTokenRejection>> for TokenStatus {
    fn from(check: Result<(), FacebookTokenRejection>) -> Self {
        use FacebookTokenRejection as Rejection;
        match check {
            Ok(()) => Self::Working,
            Err(Rejection::Checkpointed) => Self::Checkpointed,
            Err(Rejection::DataAccessExpired) => Self::AccessEnded,
            Err(Rejection::Revoked { .. } | Rejection::PasswordChanged | Rejection::RoleLost) => Self::OwnerNeeded,
            Err(Rejection::Missing | Rejection::Unknown | Rejection::Expired { .. }) => Self::Lost,
        }
    }
}
