//! The file vault acknowledges a write only once it is on disk, so that it survives a power failure.
//!
//! The tests preload a library that records each call of `fsync`, because its effect shows only after a power failure.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use evertoken_core::vault::AccountStore;
use evertoken_file_vault::FileVault;
use evertoken_tests::sample::document;
use evertoken_tests::{binaries, preloaded_library};
use tempfile::TempDir;

/// Creates a vault with one account in a new folder.
fn vault() -> (TempDir, PathBuf) {
    let dir = TempDir::new().unwrap();
    let vault = dir.path().join("vault");
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(FileVault::open(&vault).unwrap().create(&document("shop-de"))).unwrap();
    (dir, vault)
}

/// Runs a program, and returns the names of what it has written to disk, in order. A folder in which `file` existed then is
/// complete.
fn synced_by(program: &Path, arguments: &[&str], dir: &Path, file: &str) -> Vec<String> {
    let log = dir.join("log");
    let mut process = Command::new(program);
    process
        .env_clear()
        .env("LD_PRELOAD", preloaded_library::compile("fsync_recorder", dir))
        .env("FSYNC_LOG", &log)
        .env("FSYNC_FILE", file);
    let output = process.args(arguments).output().unwrap();
    assert!(output.status.success(), "{output:?}");
    let log = fs::read_to_string(log).unwrap_or_default();
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
    let (dir, vault) = vault();
    let writer = Path::new(env!("CARGO_BIN_EXE_vault-writer"));
    let arguments = [vault.to_str().unwrap(), "shop-de", "1"];
    assert_eq!(synced_by(writer, &arguments, dir.path(), "shop-de.previous.json"), expected);
}

#[test]
fn a_removal_is_acknowledged_only_after_it_is_on_disk() {
    let (dir, vault) = vault();
    let arguments = ["remove", "shop-de", "--yes", "--local", vault.to_str().unwrap()];
    let synced = synced_by(binaries::path("evertoken"), &arguments, dir.path(), "shop-de.json");
    assert_eq!(synced.last().map(String::as_str), Some("accounts"));
}

/// Otherwise a power failure could lose the key of an invite that was already sent.
#[test]
fn a_new_signing_key_is_on_disk_before_it_signs_an_invite() {
    let (dir, vault) = vault();
    let url = "https://login.example.test";
    let arguments = ["invite", "--name", "other", "--public-url", url, "--local", vault.to_str().unwrap()];
    let synced = synced_by(binaries::path("evertoken"), &arguments, dir.path(), "signing-key");
    assert!(synced.ends_with(&[".unfinished-".to_owned(), "vault complete".to_owned()]), "{synced:?}");
}
