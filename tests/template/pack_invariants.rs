//! The invariants of packs, each with its tests, in crates/packed-vault/README.md.

use std::fs;

use evertoken_tests::workspace;

use crate::named_tests::assert_names_tests;

#[test]
fn every_invariant_names_its_tests() {
    let text = fs::read_to_string(workspace::root().join("crates/packed-vault/README.md")).unwrap();
    let (_, section) = text.split_once("\n## Invariants\n").unwrap();
    let (section, _) = section.split_once("\n## ").unwrap();
    let rows: Vec<_> = section.lines().filter(|line| line.starts_with("| ")).skip(2).collect();
    for row in &rows {
        let (invariant, tests) = row.trim_start_matches("| ").split_once(" | ").unwrap();
        assert_names_tests(invariant, tests);
    }
    assert_eq!(rows.len(), 14);
}
