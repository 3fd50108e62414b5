//! Files with secrets in the folder of a file vault. They are used only if nobody else can have read or written them.

use std::ffi::OsStr;
use std::io::{self, ErrorKind};
use std::path::Path;

use evertoken_file_vault::safe_folder::{Exposed, SafeFolder};
use secrecy::SecretString;

use crate::error::{CliError, Result};

/// The text of a file, or `None` if there is none.
pub(crate) fn read(path: &Path) -> Result<Option<SecretString>> {
    let failed = |source| CliError::ReadFile { path: path.to_owned(), source };
    let (dir, name) = locate(path);
    let folder = match SafeFolder::of_vault(dir) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        opened => opened.map_err(failed)?,
    };
    let Some(bytes) = folder.read(name, Exposed::Refuse).map_err(failed)? else { return Ok(None) };
    let text = String::from_utf8(bytes).map_err(|_| failed(ErrorKind::InvalidData.into()))?;
    Ok(Some(SecretString::from(text)))
}

/// Replaces the file.
pub(crate) fn write(path: &Path, bytes: &[u8]) -> Result<()> {
    let (dir, name) = locate(path);
    let written = SafeFolder::of_vault(dir).and_then(|folder| folder.write(name, bytes));
    written.map_err(|source| CliError::WriteFile { path: path.to_owned(), source })
}

/// Creates the file. Fails with [`ErrorKind::AlreadyExists`] if there is one.
pub(crate) fn create(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let (dir, name) = locate(path);
    SafeFolder::of_vault(dir)?.create(name, bytes)
}

/// The folder and the name. The paths come from [`super::local_credentials`], so they have both.
fn locate(path: &Path) -> (&Path, &OsStr) {
    let dir = path.parent().filter(|dir| !dir.as_os_str().is_empty());
    (dir.unwrap_or_else(|| Path::new(".")), path.file_name().unwrap_or_default())
}
