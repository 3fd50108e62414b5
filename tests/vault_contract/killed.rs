//! A process that is killed while it writes.

use evertoken_core::vault::AccountStore;
use std::fs;
use std::io::Write as _;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use evertoken_file_vault::FileVault;
use evertoken_core::document::Document;
use evertoken_core::entropy::Entropy;
use evertoken_core::entropy::SystemEntropy;
use evertoken_tests::sample::{document, name};
use tempfile::TempDir;

/// Kills in all.
const KILLS: u64 = 1_000;

/// Vaults that are written at the same time: a writer mostly waits for the disk.
const VAULTS: u64 = 8;

/// No kill comes later than this after the first write. One write takes some milliseconds.
const LATEST: Duration = Duration::from_millis(12);

#[test]
fn a_thousand_kills_leave_a_whole_document_and_never_an_older_one_than_acknowledged() {
    let vaults: Vec<_> = (0..VAULTS).map(|_| std::thread::spawn(|| kill_again_and_again(KILLS / VAULTS))).collect();
    let writes: u64 = vaults.into_iter().map(|vault| vault.join().unwrap()).sum();
    // The writers got something done between their kills.
    assert!(writes > KILLS, "{writes}");
    writeln!(std::io::stderr(), "{KILLS} kills, {writes} acknowledged writes").unwrap();
}

/// Returns how many writes were acknowledged.
fn kill_again_and_again(kills: u64) -> u64 {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let dir = TempDir::new().unwrap();
    let vault = FileVault::open(dir.path()).unwrap();
    runtime.block_on(vault.create(&document("shop-de"))).unwrap();
    let mut stored = 0;
    let mut writes = 0;
    for _ in 0..kills {
        let acknowledged = write_until_killed(dir.path());
        assert!(acknowledged > stored, "the writer went on from {acknowledged} and not from {stored}");
        writes += acknowledged - stored;
        // As the next process finds it, and as this one does that had it open all the time.
        for vault in [FileVault::open(dir.path()).unwrap(), vault.clone()] {
            let current = runtime.block_on(vault.get(&name("shop-de"))).unwrap().unwrap().document;
            stored = count(&current);
            // The write that was under way is there or not.
            assert!((acknowledged..=acknowledged + 1).contains(&stored), "{stored} after {acknowledged}");
        }
        let previous = fs::read_to_string(dir.path().join("accounts/shop-de.previous.json")).unwrap();
        let previous = count(&Document::decode(&name("shop-de"), &previous).unwrap());
        assert!((stored - 1..=stored).contains(&previous), "{previous} before {stored}");
        assert_eq!(unfinished(dir.path()), 0, "what was begun is cleared away");
    }
    writes
}

/// Starts a writer, kills it at a random moment, and returns the last count that it said was stored.
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
    // This is the random moment, and not a wait for anything.
    std::thread::sleep(LATEST.mul_f64(f64::from(u16::from_be_bytes(bytes)) / 65_536.0));
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
