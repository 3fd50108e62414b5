//! Checks the folder of a file vault.

use std::os::unix::fs::MetadataExt;
use std::path::Path;

use evertoken_file_vault::FileVault;

use super::finding::Finding;
use crate::error::CliError;
use crate::vault::local_folder;
use crate::vault::vault_option::VaultOption;

const SUBJECT: &str = "folder";

/// Checks that the folder exists, is private and is writable. Opening it makes it private.
pub(super) fn check(dir: &Path) -> Vec<Finding> {
    let mut findings = check_vault(dir);
    findings.extend(check_sharing(dir));
    findings
}

fn check_vault(dir: &Path) -> Vec<Finding> {
    let vault = match local_folder::existing(dir) {
        Ok(vault) => vault,
        Err(CliError::NotAVault(_)) => {
            let text = format!("{} does not exist", dir.join("accounts").display());
            let vault = VaultOption::local(dir);
            let remedy = format!(
                "Check the path. Either of these creates a vault there: {}, or {}",
                vault.command("setup"),
                vault.command("import my-shop")
            );
            return vec![Finding::problem(SUBJECT, text, remedy)];
        }
        Err(error) => return vec![Finding::failure(SUBJECT, &error, &VaultOption::local(dir))],
    };
    let mut findings = vec![check_modes(dir, &vault)];
    findings.extend(vault.inspection().refused.iter().map(|refused| {
        let remedy = "Replace it with a regular file that belongs to the owner of the folder, or delete it.";
        Finding::problem(SUBJECT, format!("not used: {refused}"), remedy)
    }));
    if let Err(error) = vault.check_writable() {
        let text = format!("cannot write to {} ({})", dir.join("accounts").display(), error.kind());
        let remedy = "Run as the owner of the folder, and check the free disk space.";
        findings.push(Finding::problem(SUBJECT, text, remedy));
    }
    findings
}

fn check_modes(dir: &Path, vault: &FileVault) -> Finding {
    if let Some(exposure) = local_folder::exposure(dir, vault.inspection()) {
        let remedy = "Connect the accounts again if somebody may have read their tokens.";
        return Finding::warning(SUBJECT, exposure, remedy);
    }
    let corrected = match vault.inspection().exposed_files {
        0 => String::new(),
        files => format!("; corrected modes of files: {files}"),
    };
    Finding::ok(SUBJECT, format!("only its owner can read {}{corrected}", dir.join("accounts").display()))
}

/// Whoever can write to the folder above can put another one in its place.
fn check_sharing(dir: &Path) -> Option<Finding> {
    let mode = dir.metadata().ok()?.mode();
    let is_shared = mode & 0o022 != 0 && mode & 0o1000 == 0;
    is_shared.then(|| {
        let text = format!("other users can replace files in {} (mode {:03o})", dir.display(), mode & 0o777);
        Finding::warning(SUBJECT, text, format!("chmod go-w {}", shell_words::quote(&dir.to_string_lossy())))
    })
}
