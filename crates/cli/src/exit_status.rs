//! How a command ends.

use std::process::ExitCode;

/// The exit status of a command. Scripts rely on the numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ExitStatus {
    /// 0: the command did what it was asked to do.
    Ok,
    /// 1: it failed.
    Failed,
    /// 2: the command line or a variable is wrong.
    Usage,
    /// 3: it is done, and it found an account or a part of the service that needs attention.
    Unhealthy,
}

impl ExitStatus {
    pub(crate) fn healthy_if(healthy: bool) -> Self {
        if healthy { Self::Ok } else { Self::Unhealthy }
    }
}

impl From<ExitStatus> for ExitCode {
    fn from(status: ExitStatus) -> Self {
        Self::from(match status {
            ExitStatus::Ok => 0,
            ExitStatus::Failed => 1,
            ExitStatus::Usage => 2,
            ExitStatus::Unhealthy => 3,
        })
    }
}
