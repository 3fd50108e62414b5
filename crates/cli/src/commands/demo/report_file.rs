//! The file that the report is written to, atomically.

use std::fs::Permissions;
use std::io::{self, ErrorKind, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

use crate::error::{CliError, Result};

/// Everyone may read the report, unlike a temporary file.
const MODE: u32 = 0o644;

/// Whether a file that exists may be overwritten.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Existing {
    Keep,
    Overwrite,
}

#[derive(Debug)]
pub(super) struct ReportFile {
    path: PathBuf,
    existing: Existing,
}

impl ReportFile {
    /// Checks that the file can be written, and leaves nothing behind.
    pub(super) fn check(path: PathBuf, existing: Existing) -> Result<Self> {
        let file = Self { path, existing };
        let checked = if file.path.is_dir() {
            Err(ErrorKind::IsADirectory.into())
        } else if existing == Existing::Keep && file.path.symlink_metadata().is_ok() {
            Err(ErrorKind::AlreadyExists.into())
        } else {
            file.temporary().map(|_temporary| ())
        };
        checked.map_err(|source| file.error(source))?;
        Ok(file)
    }

    pub(super) fn write(&self, page: &str) -> Result<()> {
        self.try_write(page).map_err(|source| self.error(source))
    }

    fn try_write(&self, page: &str) -> io::Result<()> {
        let mut file = self.temporary()?;
        file.write_all(page.as_bytes())?;
        match self.existing {
            Existing::Keep => file.persist_noclobber(&self.path)?,
            Existing::Overwrite => file.persist(&self.path)?,
        };
        Ok(())
    }

    fn error(&self, source: io::Error) -> CliError {
        let path = self.path.clone();
        match source.kind() {
            ErrorKind::AlreadyExists => CliError::ReportExists(path),
            _ => CliError::WriteFile { path, source },
        }
    }

    /// In the same folder, so that renaming it is atomic.
    fn temporary(&self) -> io::Result<NamedTempFile> {
        let folder = self.path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        tempfile::Builder::new().permissions(Permissions::from_mode(MODE)).tempfile_in(folder)
    }
}
