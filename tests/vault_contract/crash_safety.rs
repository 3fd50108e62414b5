//! The file vault after a process is killed during a write.

use std::fs;
use std::io::{BufRead, BufReader, Write as _};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use evertoken_core::document::Document;
use evertoken_core::entropy::{Entropy, SystemEntropy};
use evertoken_core::vault::AccountStore;
use evertoken_file_vault::FileVault;
use evertoken_tests::sample::{document, name};
use tempfile::TempDir;

/// The total number of kills.
const KILLS: u64 = 1_000;

/// The number of vaults that are written concurrently, because a writer mostly waits for the disk.
const VAULTS: u64 = 8;

/// The longest time between the first write and the kill. One write takes a few milliseconds.
const MAX_DELAY: Duration = Duration::from_millis(12);

#[test]
fn a_thousand_kills_never_lose_an_acknowledged_write() {
    let vaults: Vec<_> = (0..VAULTS).map(|_| std::thread::spawn(|| kill_repeatedly(KILLS / VAULTS))).collect();
    let writes: u64 = vaults.into_iter().map(|vault| vault.join().unwrap()).sum();
    // The writers made progress between the kills.
    assert!(writes > KILLS, "{writes}");
    writeln!(std::io::stderr(), "{KILLS} kills, {writes} acknowledged writes").unwrap();
}

/// Returns how many writes were acknowledged.
fn kill_repeatedly(kills: u64) -> u64 {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let dir = TempDir::new().unwrap();
    let vault = FileVault::open(dir.path()).unwrap();
    runtime.block_on(vault.create(&document("shop-de"))).unwrap();
    let mut stored = 0;
    let mut writes = 0;
    for _ in 0..kills {
        let acknowledged = write_until_killed(dir.path());
        assert!(acknowledged > stored, "the writer continued from {acknowledged} instead of {stored}");
        writes += acknowledged - stored;
        // Check a newly opened vault, as the next process sees it, and the one that has been open all the time.
        for vault in [FileVault::open(dir.path()).unwrap(), vault.clone()] {
            let current = runtime.block_on(vault.get(&name("shop-de"))).unwrap().unwrap().document;
            stored = count(&current);
            // The write in progress may or may not have been stored.
            assert!((acknowledged..=acknowledged + 1).contains(&stored), "{stored} after {acknowledged}");
        }
        let previous = fs::read_to_string(dir.path().join("accounts/shop-de.previous.json")).unwrap();
        let previous = count(&Document::decode(&name("shop-de"), &previous).unwrap());
        assert!((stored - 1..=stored).contains(&previous), "{previous} before {stored}");
        assert_eq!(unfinished(dir.path()), 0, "unfinished files were not removed");
    }
    writes
}

/// Starts a writer, kills it at a random moment, and returns the last count that it reported as stored.
fn write_until_killed(dir: &Path) -> u64 {
    let mut writer = Command::new(env!("CARGO_BIN_EXE_vault-writer"))
        .args([dir.as_os_str(), "shop-de".as_ref(), "1000000".as_ref()])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(writer.stdout.take().unwrap()).lines().map(|line| line.unwrap().parse().unwrap());
    let first: u64 = lines.next().unwrap();
    let mut bytes = [0; 2];
    SystemEntropy.fill(&mut bytes).unwrap();
    // Sleep for a random time; this does not wait for any condition.
    std::thread::sleep(MAX_DELAY.mul_f64(f64::from(u16::from_be_bytes(bytes)) / 65_536.0));
    writer.kill().unwrap();
    writer.wait().unwrap();
    lines.last().unwrap_or(first)
}

fn count(document: &Document) -> u64 {
    document.unknown.get("count").and_then(serde_json::Value::as_u64).unwrap_or(0)
}

fn unfinished(dir: &Path) -> usize {
    let files = fs::read_dir(dir.join("accounts")).unwrap();
    files.filter(|file| file.as_ref().unwrap().file_name().to_string_lossy().starts_with(".unfinished")).count()
}
