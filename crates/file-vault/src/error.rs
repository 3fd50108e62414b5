//! Errors of the file system as errors of a vault.

use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use evertoken_core::document::DocumentError;
use evertoken_core::vault::{DenialCause, OutageCause, VaultError};

use crate::unsafe_file::{Problem, reason};

/// The folder cannot be used as a vault.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("cannot open the vault {} ({reason})", .dir.display())]
pub struct OpenError {
    dir: PathBuf,
    reason: String,
    kind: ErrorKind,
    problem: Option<Problem>,
}

impl OpenError {
    pub(crate) fn new(dir: &Path, error: &io::Error) -> Self {
        Self {
            dir: dir.to_owned(),
            reason: reason(error).into_owned(),
            kind: error.kind(),
            problem: Problem::of(error),
        }
    }

    /// The error of the operating system.
    pub fn kind(&self) -> ErrorKind {
        self.kind
    }

    /// Why the folder `accounts` is refused. `None` for every other error.
    pub fn problem(&self) -> Option<Problem> {
        self.problem
    }
}

/// An operation on the folder failed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum FolderError {
    #[error("another process changed the account in the meantime")]
    Conflict,
    #[error(transparent)]
    Unreadable(#[from] DocumentError),
    #[error(transparent)]
    Io(#[from] io::Error),
}

impl From<FolderError> for VaultError {
    /// The code is why a file is refused, or the standard library's description, such as "no storage space".
    fn from(error: FolderError) -> Self {
        let error = match error {
            FolderError::Conflict => return Self::Conflict,
            FolderError::Unreadable(error) => return Self::Unreadable(error),
            FolderError::Io(error) => error,
        };
        let code = reason(&error).into_owned();
        if Problem::of(&error).is_some() {
            return Self::Denied { cause: DenialCause::UnsafeFile, code };
        }
        let cause = match error.kind() {
            ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem => {
                return Self::Denied { cause: DenialCause::FilePermission, code };
            }
            ErrorKind::StorageFull | ErrorKind::QuotaExceeded | ErrorKind::FileTooLarge => OutageCause::StorageFull,
            ErrorKind::ResourceBusy => OutageCause::Locked,
            _ => OutageCause::Other,
        };
        Self::Unavailable { cause, code }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_vault_error_keeps_the_cause_of_an_io_error() {
        let cause = |kind| match VaultError::from(FolderError::from(io::Error::from(kind))) {
            VaultError::Unavailable { cause, code } => (Some(cause), code),
            VaultError::Denied { cause: DenialCause::FilePermission, code } => (None, code),
            other => panic!("{other}"),
        };
        for kind in [ErrorKind::StorageFull, ErrorKind::QuotaExceeded, ErrorKind::FileTooLarge] {
            assert_eq!(cause(kind).0, Some(OutageCause::StorageFull), "{kind}");
        }
        for kind in [ErrorKind::PermissionDenied, ErrorKind::ReadOnlyFilesystem] {
            assert_eq!(cause(kind), (None, kind.to_string()));
        }
        assert_eq!(cause(ErrorKind::ResourceBusy), (Some(OutageCause::Locked), "resource busy".to_owned()));
        assert_eq!(cause(ErrorKind::TimedOut).0, Some(OutageCause::Other));
    }
}
