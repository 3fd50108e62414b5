//! Why a command ended, and what helps.

use std::fmt;
use std::io;
use std::process::ExitCode;

use evertoken_core::variables::VariableError;
use evertoken_core::vault::{DenialCause, OutageCause, VaultError};

use crate::file_vault::OpenError;

/// A failure with its remedy.
#[derive(Debug)]
pub(crate) struct CliError {
    what: String,
    help: String,
    is_usage: bool,
}

impl CliError {
    /// It did not work: exit code 1.
    pub(crate) fn failed(what: impl Into<String>, help: impl Into<String>) -> Self {
        Self { what: what.into(), help: help.into(), is_usage: false }
    }

    /// It was asked for wrongly: exit code 2.
    pub(crate) fn usage(what: impl Into<String>, help: impl Into<String>) -> Self {
        Self { what: what.into(), help: help.into(), is_usage: true }
    }
}

impl fmt::Display for CliError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.what)
    }
}

impl std::error::Error for CliError {}

/// The first error of this type on the way down to the cause.
fn find<E: std::error::Error + Send + Sync + 'static>(error: &anyhow::Error) -> Option<&E> {
    // A context is found by anyhow alone, a source by its chain alone.
    error.downcast_ref().or_else(|| error.chain().find_map(|cause| cause.downcast_ref()))
}

/// Whether whoever read our output has gone: nothing to be told, and nobody to tell it.
pub(crate) fn nobody_reads(error: &anyhow::Error) -> bool {
    find::<io::Error>(error).is_some_and(|error| error.kind() == io::ErrorKind::BrokenPipe)
}

/// 2 for wrong usage, a wrong variable included, else 1.
pub(crate) fn exit_code(error: &anyhow::Error) -> ExitCode {
    let usage =
        find::<CliError>(error).is_some_and(|problem| problem.is_usage) || find::<VariableError>(error).is_some();
    ExitCode::from(if usage { 2 } else { 1 })
}

/// What happened, and its causes, where they say more.
pub(crate) fn message(error: &anyhow::Error) -> String {
    let mut message = String::new();
    for cause in error.chain().map(ToString::to_string) {
        if message.is_empty() {
            message = cause;
        } else if !message.contains(&cause) {
            message = format!("{message}: {cause}");
        }
    }
    message
}

/// What the person can do about it, where that is known.
pub(crate) fn help(error: &anyhow::Error) -> Option<String> {
    if let Some(problem) = find::<CliError>(error) {
        return Some(problem.help.clone());
    }
    if let Some(error) = find::<OpenError>(error) {
        return help_with_file(error.kind());
    }
    if let Some(error) = find::<io::Error>(error) {
        return help_with_file(error.kind());
    }
    find::<VaultError>(error).and_then(help_with_vault).map(str::to_owned)
}

const READ_ONLY: &str = "the folder and its files must be writable by you, on a disk that is mounted for writing. \
     Nothing was changed";
const FULL: &str = "make room on the disk and try again. Nothing was lost: a document is replaced whole or not at all";
const BUSY: &str = "another process holds the vault's lock: wait for it, or see which one with `fuser` on the file .lock \
     in its folder accounts. Nothing was changed";

fn help_with_file(kind: io::ErrorKind) -> Option<String> {
    let help = match kind {
        io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => READ_ONLY,
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded | io::ErrorKind::FileTooLarge => FULL,
        io::ErrorKind::NotADirectory | io::ErrorKind::NotFound => "name a folder with --local DIR",
        _ => return None,
    };
    Some(help.to_owned())
}

fn help_with_vault(error: &VaultError) -> Option<&'static str> {
    Some(match error {
        VaultError::Conflict => "run the command again: it decides on what is there now",
        VaultError::Unreadable(_) => {
            "it was left alone. Restore the document by hand, or remove it there and connect the account again"
        }
        VaultError::Denied { cause, .. } => match cause {
            DenialCause::FilePermission => READ_ONLY,
            DenialCause::NoCredentials => {
                "set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY; or name a vault of files with --local DIR"
            }
            DenialCause::CredentialsRejected => {
                "the AWS credentials are not accepted: log in again, and see whether this machine's clock is right"
            }
            DenialCause::PermissionMissing => {
                "these AWS credentials lack a permission: secretsmanager:ListSecrets and BatchGetSecretValue to read all, \
                 GetSecretValue to read one, PutSecretValue to refresh, DeleteSecret to remove"
            }
        },
        VaultError::Unavailable { cause, .. } => match cause {
            OutageCause::StorageFull => FULL,
            OutageCause::Locked => BUSY,
            OutageCause::Network => "see whether this machine reaches AWS, and whether AWS_ENDPOINT_URL is right",
            OutageCause::Endpoint => "set AWS_REGION to the region of the stack, as us-east-1",
            OutageCause::Throttled | OutageCause::Other => return None,
        },
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_remedy_is_found_however_deep_its_error_lies() {
        let vault = VaultError::Unavailable { cause: OutageCause::StorageFull, code: "no storage space".to_owned() };
        let error = anyhow::Error::from(evertoken_core::refresh::RunError(vault)).context("renewing");
        assert_eq!(help(&error).as_deref(), Some(FULL));
        let error = anyhow::Error::from(CliError::usage("no", "do")).context("inviting");
        assert_eq!(help(&error).as_deref(), Some("do"));
        assert_eq!(exit_code(&error), ExitCode::from(2));
    }
}
