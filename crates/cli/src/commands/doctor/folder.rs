//! The folder of a vault of files.

use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use super::finding::Finding;

/// Whether it is there, is its owner's alone, and can be written to.
pub(super) fn check(dir: &Path) -> Vec<Finding> {
    let accounts = dir.join("accounts");
    let shown = accounts.display();
    let Ok(metadata) = std::fs::metadata(&accounts) else {
        let remedy =
            "Check the folder's name; `evertoken serve --local DIR` and `evertoken import --local DIR` make one.";
        return vec![Finding::problem("folder", format!("{shown} is not there"), remedy)];
    };
    let mut findings = Vec::new();
    let mode = metadata.permissions().mode() & 0o777;
    if mode.trailing_zeros() >= 6 {
        findings.push(Finding::ok("folder", format!("{shown} is its owner's alone")));
    } else {
        let text = format!("others of this machine could enter {shown} (mode {mode:03o})");
        let remedy = "It is private from now on: every command that opens the vault sees to that. Whoever has read it until \
             now has the tokens.";
        findings.push(Finding::warning("folder", text, remedy));
    }
    if let Err(error) = tempfile::NamedTempFile::new_in(&accounts) {
        let text = format!("{shown} cannot be written to: {}", error.kind());
        findings.push(Finding::problem("folder", text, "Run as the folder's owner; make room on the disk."));
    }
    findings
}
