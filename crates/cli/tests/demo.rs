//! `evertoken demo`, run as a process.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a failed assertion ends the test")]

use std::process::{Command, Output};

use serde_json::Value;
use tempfile::TempDir;

fn demo(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_evertoken")).arg("demo").args(arguments).output().unwrap()
}

fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).unwrap()
}

#[test]
fn without_a_terminal_prints_events_and_a_table_without_colors() {
    let year = demo(&["--accounts", "6", "--days", "120"]);
    assert_eq!((year.status.code(), text(&year.stderr)), (Some(0), ""));
    let shown = text(&year.stdout);
    assert!(!shown.contains('\x1b'), "{shown}");
    for news in ["Instagram and the vault are down for two days", "owner changed the password", "owner logged in again"]
    {
        assert!(shown.contains(news), "{news}: {shown}");
    }
    assert!(shown.ends_with("Tokens that a service can keep: 6 of 6 kept (100%)\n"), "{shown}");
}

#[test]
fn the_same_seed_prints_the_same_json_without_tokens() {
    let year = || demo(&["--accounts", "4", "--days", "60", "--seed", "3", "--json"]);
    let (one, other) = (year(), year());
    assert_eq!(one.stdout, other.stdout);
    assert!(!text(&one.stdout).contains("IGAA"));
    let outcome: Value = serde_json::from_slice(&one.stdout).unwrap();
    assert_eq!((&outcome["seed"], &outcome["survival"]["kept"]), (&3.into(), &4.into()));
}

#[test]
fn the_report_is_one_self_contained_page() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("year.html");
    let year = demo(&["--accounts", "5", "--days", "90", "--report", path.to_str().unwrap(), "--json"]);
    assert_eq!(year.status.code(), Some(0), "{}", text(&year.stderr));
    let page = std::fs::read_to_string(&path).unwrap();
    assert!(page.contains("5 of 5 kept (100%)") && page.contains("<svg") && page.contains("shop-005"), "{page}");
    for from_elsewhere in ["http:", "https:", "<script", "<link", "src=", "url(", "@import"] {
        assert!(!page.contains(from_elsewhere), "{from_elsewhere}");
    }
    let left_behind: Vec<_> = std::fs::read_dir(folder.path()).unwrap().collect();
    assert_eq!(left_behind.len(), 1, "{left_behind:?}");
}

#[test]
fn a_report_is_overwritten_only_with_force() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("year.html");
    std::fs::write(&path, "mine").unwrap();
    let short = ["--accounts", "1", "--days", "1", "--report", path.to_str().unwrap()];
    let refused = demo(&short);
    let words = text(&refused.stderr);
    assert_eq!((refused.status.code(), text(&refused.stdout)), (Some(1), ""), "{words}");
    assert!(words.contains("already exists") && words.contains("--force"), "{words}");
    assert_eq!(std::fs::read_to_string(&path).unwrap(), "mine");
    assert_eq!(demo(&[&short[..], &["--force"]].concat()).status.code(), Some(0));
    assert!(std::fs::read_to_string(&path).unwrap().starts_with("<!DOCTYPE html>"));
    assert_eq!(demo(&["--force"]).status.code(), Some(2));
}

#[test]
fn one_account_and_one_day_have_no_plural() {
    let year = demo(&["--accounts", "1", "--days", "1"]);
    let shown = text(&year.stdout);
    assert!(shown.contains("1 day, 1 account, "), "{shown}");
}

#[test]
fn rejects_numbers_outside_their_range() {
    let table = [
        ("--accounts", "0", "is not in 1..=10000"),
        ("--accounts", "-5", "is not in 1..=10000"),
        ("--days", "3651", "is not in 1..=3650"),
        ("--faults", "101", "is not in 0..=100"),
        ("--faults", "NaN", "is not in 0..=100"),
        ("--seed", "-1", "invalid digit"),
    ];
    for (option, value, allowed) in table {
        let refused = demo(&[option, value]);
        let words = text(&refused.stderr);
        assert_eq!(refused.status.code(), Some(2), "{words}");
        assert!(words.contains(allowed) && words.contains(option) && words.contains(value), "{words}");
    }
}

#[test]
fn fails_before_the_simulation_if_the_report_cannot_be_written() {
    let folder = TempDir::new().unwrap();
    for path in [folder.path().join("none/year.html"), folder.path().to_owned()] {
        let refused = demo(&["--report", path.to_str().unwrap()]);
        assert_eq!((refused.status.code(), text(&refused.stdout)), (Some(1), ""));
        let words = text(&refused.stderr);
        assert!(words.contains(path.to_str().unwrap()) && words.contains("in a folder that exists"), "{words}");
    }
}
