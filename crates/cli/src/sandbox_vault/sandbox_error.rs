//! Why a folder and a sandbox do not fit together.

use std::borrow::Cow;
use std::path::{Path, PathBuf};

use crate::vault::vault_option::VaultOption;

#[derive(Clone, Debug, thiserror::Error, PartialEq, Eq)]
pub(crate) enum SandboxError {
    #[error("{} belongs to the sandbox: Instagram does not know its accounts", .0.display())]
    OfSandbox(PathBuf),
    #[error("{} contains a Meta app or Instagram accounts, which the sandbox does not know", .0.display())]
    OfInstagram(PathBuf),
    #[error("the sandbox of {} is not running", .0.display())]
    Stopped(PathBuf),
    #[error("the sandbox of {} is already running", .0.display())]
    Running(PathBuf),
    #[error("cannot use {}: {reason}", .path.display())]
    File { path: PathBuf, reason: &'static str },
}

impl SandboxError {
    pub(crate) fn hint(&self) -> Cow<'static, str> {
        let start = |dir: &Path| VaultOption::local(dir).command("serve --sandbox");
        match self {
            Self::OfSandbox(dir) => format!("name another folder, or start the sandbox with `{}`", start(dir)).into(),
            Self::OfInstagram(_) => "name another folder with --local DIR; nothing was changed".into(),
            Self::Stopped(dir) => format!("start it with `{}`, and try again", start(dir)).into(),
            Self::Running(_) => "use that one, or stop it with Ctrl-C first".into(),
            Self::File { path, .. } => {
                let start = start(path.parent().unwrap_or(path));
                format!("`{start}` writes it again; if the accounts are Instagram's, delete it").into()
            }
        }
    }
}
