//! The file that the report is written to, atomically.

use std::fs::Permissions;
use std::io::{self, ErrorKind, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

use crate::error::{CliError, Result};

/// Everyone may read the report, unlike a temporary file.
const MODE: u32 = 0o644;

#[derive(Debug)]
pub(super) struct ReportFile(PathBuf);

impl ReportFile {
    /// Checks that the file can be written, and leaves nothing behind.
    pub(super) fn check(path: PathBuf) -> Result<Self> {
        let file = Self(path);
        let checked =
            if file.0.is_dir() { Err(ErrorKind::IsADirectory.into()) } else { file.temporary().map(|_temporary| ()) };
        checked.map_err(|source| CliError::WriteFile { path: file.0.clone(), source })?;
        Ok(file)
    }

    pub(super) fn write(&self, page: &str) -> Result<()> {
        self.replace(page).map_err(|source| CliError::WriteFile { path: self.0.clone(), source })
    }

    fn replace(&self, page: &str) -> io::Result<()> {
        let mut file = self.temporary()?;
        file.write_all(page.as_bytes())?;
        file.persist(&self.0)?;
        Ok(())
    }

    /// In the same folder, so that renaming it is atomic.
    fn temporary(&self) -> io::Result<NamedTempFile> {
        let folder = self.0.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        tempfile::Builder::new().permissions(Permissions::from_mode(MODE)).tempfile_in(folder)
    }
}
