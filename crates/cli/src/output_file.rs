//! A file that a command writes, atomically.

use std::fs::Permissions;
use std::io::{self, ErrorKind, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

use crate::error::{CliError, Result};

/// Whether a file that exists may be overwritten.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Existing {
    Keep,
    Overwrite,
}

/// Who may read the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Readers {
    Everyone,
    Owner,
}

#[derive(Debug)]
pub(crate) struct OutputFile {
    path: PathBuf,
    existing: Existing,
    readers: Readers,
}

impl OutputFile {
    /// Checks that the file can be written, and leaves nothing behind.
    pub(crate) fn check(path: PathBuf, existing: Existing, readers: Readers) -> Result<Self> {
        let file = Self { path, existing, readers };
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

    pub(crate) fn write(&self, text: &str) -> Result<()> {
        self.try_write(text).map_err(|source| self.error(source))
    }

    fn try_write(&self, text: &str) -> io::Result<()> {
        let mut file = self.temporary()?;
        file.write_all(text.as_bytes())?;
        match self.existing {
            Existing::Keep => file.persist_noclobber(&self.path)?,
            Existing::Overwrite => file.persist(&self.path)?,
        };
        Ok(())
    }

    fn error(&self, source: io::Error) -> CliError {
        let path = self.path.clone();
        match source.kind() {
            ErrorKind::AlreadyExists => CliError::OutputExists(path),
            _ => CliError::WriteFile { path, source },
        }
    }

    /// In the same folder, so that renaming it is atomic.
    fn temporary(&self) -> io::Result<NamedTempFile> {
        let folder = self.path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let mode = match self.readers {
            Readers::Everyone => 0o644,
            Readers::Owner => 0o600,
        };
        tempfile::Builder::new().permissions(Permissions::from_mode(mode)).tempfile_in(folder)
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::symlink;

    use tempfile::TempDir;

    use super::*;

    #[test]
    fn a_file_that_appears_after_the_check_is_kept() {
        let dir = TempDir::new().unwrap();
        let path = dir.path().join("links.csv");
        let output = OutputFile::check(path.clone(), Existing::Keep, Readers::Owner).unwrap();
        fs::write(&path, "theirs").unwrap();
        assert!(matches!(output.write("ours"), Err(CliError::OutputExists(_))));
        assert_eq!(fs::read_to_string(&path).unwrap(), "theirs");
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1);
    }

    #[test]
    fn a_link_is_never_written_through_and_counts_as_a_file_even_if_it_leads_nowhere() {
        let dir = TempDir::new().unwrap();
        let [path, target] = ["links.csv", "target"].map(|name| dir.path().join(name));
        symlink(&target, &path).unwrap();
        let kept = OutputFile::check(path.clone(), Existing::Keep, Readers::Owner);
        assert!(matches!(kept, Err(CliError::OutputExists(_))), "{kept:?}");
        OutputFile::check(path.clone(), Existing::Overwrite, Readers::Owner).unwrap().write("ours").unwrap();
        assert!(!target.exists() && fs::symlink_metadata(&path).unwrap().is_file());
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    }
}
