//! Checks the folder of a file vault.

use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use super::finding::Finding;

/// Checks that the folder exists, is private and is writable.
pub(super) fn check(dir: &Path) -> Vec<Finding> {
    let accounts = dir.join("accounts");
    let shown = accounts.display();
    let Ok(metadata) = std::fs::metadata(&accounts) else {
        let remedy = "Check the path. `evertoken serve --local DIR` and `evertoken import --local DIR` create a vault.";
        return vec![Finding::problem("folder", format!("{shown} does not exist"), remedy)];
    };
    let mut findings = Vec::new();
    let mode = metadata.permissions().mode() & 0o777;
    if mode.trailing_zeros() >= 6 {
        findings.push(Finding::ok("folder", format!("only its owner can read {shown}")));
    } else {
        let text = format!("other users of this machine could read {shown} (mode {mode:03o})");
        let remedy = "Every command that opens the vault makes it private. Whoever read it before has the tokens.";
        findings.push(Finding::warning("folder", text, remedy));
    }
    if let Err(error) = tempfile::NamedTempFile::new_in(&accounts) {
        let text = format!("cannot write to {shown} ({})", error.kind());
        findings.push(Finding::problem(
            "folder",
            text,
            "Run as the owner of the folder, and check the free disk space.",
        ));
    }
    findings
}
