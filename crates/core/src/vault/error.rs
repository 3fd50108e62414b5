//! The errors of a vault.

use crate::document::DocumentError;

/// An error from a vault. Contains neither a stored value nor the vault's response.
#[derive(Clone, Debug, thiserror::Error, PartialEq, Eq)]
pub enum VaultError {
    /// Another writer was faster. Read again and decide again.
    #[error("another process changed the account in the meantime")]
    Conflict,
    /// The stored value is not an account document. It was not changed.
    #[error("the account's document is unreadable: {0}")]
    Unreadable(#[from] DocumentError),
    /// The vault denied access.
    #[error("the vault denied access ({code})")]
    Denied {
        /// Why, as far as the vault tells.
        cause: DenialCause,
        /// The vault's own error code, such as `AccessDeniedException`.
        code: String,
    },
    /// The vault did not respond, or responded with an error.
    #[error("the vault is unavailable ({code})")]
    Unavailable {
        /// Why, as far as the vault tells.
        cause: OutageCause,
        /// The vault's own error code, such as `ThrottlingException`.
        code: String,
    },
}

/// Why a vault denied access.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum DenialCause {
    /// No credentials were found.
    NoCredentials,
    /// The credentials are expired, invalid or signed with a wrong clock.
    CredentialsRejected,
    /// The credentials are valid and lack a permission.
    PermissionMissing,
    /// The file system does not permit reading or writing.
    FilePermission,
    /// A link, another user's file or the like stands in place of a document.
    UnsafeFile,
}

/// Why a vault is unavailable.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum OutageCause {
    /// No connection, or no response in time.
    Network,
    /// No region or endpoint is configured, or it is invalid.
    Endpoint,
    /// Too many requests.
    Throttled,
    /// The disk or the quota is full.
    StorageFull,
    /// Another process holds the lock.
    Locked,
    /// The account was deleted a moment ago, and the vault has not finished that yet.
    BeingDeleted,
    /// Any other error.
    Other,
}
