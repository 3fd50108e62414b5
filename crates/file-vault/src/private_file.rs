//! Files that only their owner can read, written atomically.

use std::fs::File;
use std::io::{self, Write};
use std::path::Path;

use tempfile::NamedTempFile;

/// Prefix of the name of an incomplete file.
const UNFINISHED: &str = ".tmp-";

/// Writes a file and replaces the one that exists.
pub fn write(path: &Path, bytes: &[u8]) -> io::Result<()> {
    prepare(path, UNFINISHED, bytes, |_| Ok(()))?.persist(path)?;
    Ok(())
}

/// Writes a file. Fails with [`io::ErrorKind::AlreadyExists`] if there is one.
pub fn create(path: &Path, bytes: &[u8]) -> io::Result<()> {
    prepare(path, UNFINISHED, bytes, |_| Ok(()))?.persist_noclobber(path)?;
    Ok(())
}

/// Writes a temporary file next to `path`. Temporary files have mode 0600 from the start and are deleted unless they are
/// persisted. `adjust` runs before the file is written to disk.
pub(crate) fn prepare(
    path: &Path,
    prefix: &str,
    bytes: &[u8],
    adjust: impl FnOnce(&File) -> io::Result<()>,
) -> io::Result<NamedTempFile> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or_else(|| Path::new("."));
    let mut file = tempfile::Builder::new().prefix(prefix).tempfile_in(folder)?;
    file.write_all(bytes)?;
    adjust(file.as_file())?;
    file.as_file().sync_all()?;
    Ok(file)
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn a_file_is_prepared_in_its_own_folder_so_that_it_can_be_renamed() {
        let folder = tempfile::TempDir::new().unwrap();
        let prepare = |path: &Path| prepare(path, UNFINISHED, b"", |_| Ok(())).unwrap();
        assert_eq!(prepare(&folder.path().join("secret")).path().parent(), Some(folder.path()));
        let here = prepare(Path::new("secret"));
        assert_eq!(here.path().parent().unwrap().canonicalize().unwrap(), std::env::current_dir().unwrap());
    }

    #[test]
    fn a_private_file_is_readable_by_its_owner_alone() {
        let folder = tempfile::TempDir::new().unwrap();
        let path = folder.path().join("secret");
        create(&path, b"one").unwrap();
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(create(&path, b"two").unwrap_err().kind(), io::ErrorKind::AlreadyExists);
        write(&path, b"three").unwrap();
        assert_eq!(std::fs::read(&path).unwrap(), b"three");
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
    }
}
