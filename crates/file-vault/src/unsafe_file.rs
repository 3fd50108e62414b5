//! Why a file or folder is refused.

use std::borrow::Cow;
use std::fs::Metadata;
use std::io::{self, ErrorKind};
use std::os::unix::fs::MetadataExt;

/// A file or folder that another user may have put in place, could read, or could change.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{name}: {problem}")]
pub struct UnsafeFile {
    name: String,
    problem: Problem,
}

/// What is wrong with a file or folder.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Problem {
    /// The name is a symbolic link, which is not followed.
    #[error("a symbolic link")]
    Link,
    /// A folder, pipe, socket or device in place of a file.
    #[error("not a regular file")]
    NotAFile,
    /// A symbolic link or a file in place of a folder.
    #[error("a link or file in place of a folder")]
    NotAFolder,
    /// The file has another name, in a folder that others may be able to write to.
    #[error("a file with several hard links")]
    HardLinks,
    /// The owner is neither this user nor, for root, the owner of the vault.
    #[error("owned by user {0}")]
    Owner(u32),
    /// The permission bits give access to the group or to others.
    #[error("accessible to other users, mode {0:03o}")]
    Mode(u32),
}

impl Problem {
    /// The problem of a refused file. `None` for every other error.
    pub fn of(error: &io::Error) -> Option<Self> {
        let refused = error.get_ref().and_then(|inner| inner.downcast_ref::<UnsafeFile>());
        refused.map(|refused| refused.problem)
    }

    pub(crate) fn of_file(file: &Metadata) -> Option<Self> {
        if !file.is_file() {
            Some(Self::NotAFile)
        } else if file.nlink() > 1 {
            Some(Self::HardLinks)
        } else {
            None
        }
    }

    pub(crate) fn with(self, name: &str) -> io::Error {
        io::Error::new(ErrorKind::PermissionDenied, UnsafeFile { name: name.to_owned(), problem: self })
    }
}

/// The permission bits, if they give access to the group or to others.
pub(crate) fn exposed_mode(metadata: &Metadata) -> Option<u32> {
    let mode = metadata.mode() & 0o777;
    (mode & 0o077 != 0).then_some(mode)
}

/// An error in a few words: why a file is refused, or else the standard library's description, such as "no storage space".
pub fn reason(error: &io::Error) -> Cow<'static, str> {
    match error.get_ref().and_then(|inner| inner.downcast_ref::<UnsafeFile>()) {
        Some(refused) => refused.to_string().into(),
        None => error.kind().to_string().into(),
    }
}
