//! The invariants of packs, each with its tests, in crates/packed-vault/README.md.

use std::fs;

use evertoken_tests::workspace;
use regex_lite::Regex;

use crate::security_standards::is_test;

#[test]
fn every_invariant_names_its_tests() {
    let text = fs::read_to_string(workspace::root().join("crates/packed-vault/README.md")).unwrap();
    let (_, section) = text.split_once("\n## Invariants\n").unwrap();
    let (section, _) = section.split_once("\n## ").unwrap();
    let rows: Vec<_> = section.lines().filter(|line| line.starts_with("| ")).skip(2).collect();
    let proof = Regex::new("`([^`]*)`").unwrap();
    for row in &rows {
        let proofs: Vec<_> = proof.captures_iter(row).map(|proof| proof[1].to_owned()).collect();
        assert!(!proofs.is_empty(), "{row}: no test");
        for proof in proofs {
            assert!(is_test(&proof), "there is no test {proof}");
        }
    }
    assert_eq!(rows.len(), 13);
}
