//! Opens a file vault, and says what was wrong with the modes and owners of its files.

use std::path::Path;

use evertoken_file_vault::{FileVault, Inspection};

use super::any_vault::AnyVault;
use crate::credentials::key_file;
use crate::credentials::local_credentials::{app_file, signing_key_file};
use crate::error::{CliError, Result};
use crate::terminal::output;

/// The folder that `serve` creates without an option.
pub(crate) const DEFAULT_FOLDER: &str = "evertoken-data";

/// Whether a folder contains a vault, usable or not.
pub(crate) fn is_vault(dir: &Path) -> bool {
    dir.join("accounts").symlink_metadata().is_ok()
}

/// Opens the vault in a folder, or creates it.
pub(crate) fn open_or_create(dir: &Path) -> Result<AnyVault> {
    let vault = FileVault::open(dir)?;
    warn(dir, vault.inspection());
    Ok(AnyVault::First(vault))
}

/// Opens the vault in a folder. A folder without a vault is an error: it is probably a typo.
pub(crate) fn open(dir: &Path) -> Result<AnyVault> {
    let vault = existing(dir)?;
    warn(dir, vault.inspection());
    Ok(AnyVault::First(vault))
}

/// Opens the vault in a folder without a warning.
pub(crate) fn existing(dir: &Path) -> Result<FileVault> {
    if !is_vault(dir) {
        return Err(CliError::NotAVault(dir.to_owned()));
    }
    Ok(FileVault::existing(dir)?)
}

/// What other users had access to until now. `None` if they could not enter the folder: then the modes of its files do not
/// matter.
pub(crate) fn exposure(dir: &Path, inspection: &Inspection) -> Option<String> {
    let mode = inspection.exposed_folder?;
    let accounts = dir.join("accounts");
    let files = match inspection.exposed_files {
        0 => String::new(),
        1 => " and 1 file in it".to_owned(),
        files => format!(" and {files} files in it"),
    };
    let accounts = accounts.display();
    Some(format!("other users of this machine had access to {accounts}{files} (mode {mode:03o}). It is private now"))
}

/// Commands that do not use the keys warn about them; those that do refuse them.
fn warn(dir: &Path, inspection: &Inspection) {
    if let Some(exposure) = exposure(dir, inspection) {
        output::warning(&format!("{exposure}. Whoever read tokens there still has them."));
    }
    for path in [app_file(dir), signing_key_file(dir)] {
        if let Err(error) = key_file::read(&path) {
            output::warning(&format!("{error}."));
        }
    }
}
