//! The file vault acknowledges a write only once it is on disk, so that it survives a power failure.
//!
//! The tests preload a library that records each call of `fsync`, because its effect shows only after a power failure.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use evertoken_core::vault::AccountStore;
use evertoken_file_vault::FileVault;
use evertoken_tests::sample::document;
use evertoken_tests::workspace;
use tempfile::TempDir;

/// Compiles the library into `dir`.
fn recorder(dir: &Path) -> PathBuf {
    let library = dir.join("fsync_recorder.so");
    let source = workspace::root().join("tests/support/fsync_recorder.c");
    let mut compiler = Command::new("cc");
    compiler.args(["-shared", "-fPIC", "-O1", "-o"]).arg(&library).arg(source);
    assert!(compiler.status().unwrap().success());
    library
}

/// Runs `vault-writer`, which replaces a document once, and returns the names of what it has written to disk, in order.
fn synced_by_a_replacement() -> Vec<String> {
    let dir = TempDir::new().unwrap();
    let (vault, log) = (dir.path().join("vault"), dir.path().join("log"));
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(FileVault::open(&vault).unwrap().create(&document("shop-de"))).unwrap();
    let mut writer = Command::new(env!("CARGO_BIN_EXE_vault-writer"));
    writer.env("LD_PRELOAD", recorder(dir.path())).env("FSYNC_LOG", &log).env("FSYNC_FILE", "shop-de.previous.json");
    let status = writer.args([vault.as_os_str(), "shop-de".as_ref(), "1".as_ref()]).status().unwrap();
    assert!(status.success());
    let log = fs::read_to_string(log).unwrap();
    let names = log.lines().map(|line| Path::new(line).file_name().unwrap().to_str().unwrap().to_owned());
    // Temporary files have random names.
    names.map(|name| if name.starts_with(".unfinished-") { ".unfinished-".to_owned() } else { name }).collect()
}

#[test]
fn a_write_is_acknowledged_only_after_the_file_and_then_its_folder_are_on_disk() {
    let expected = [
        // Opening the vault, whose folder may be new.
        "vault",
        // The previous document.
        ".unfinished-",
        "accounts complete",
        // The current one.
        ".unfinished-",
        "accounts complete",
    ];
    assert_eq!(synced_by_a_replacement(), expected);
}
