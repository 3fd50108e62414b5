//! The tables in docs/security-standards.md.

use std::collections::BTreeSet;
use std::fs;

use evertoken_tests::workspace;

use crate::named_tests::assert_names_tests;

/// The rows of all tables: requirement, status, and proof or reason.
fn rows() -> Vec<[String; 3]> {
    let text = fs::read_to_string(workspace::root().join("docs/security-standards.md")).unwrap();
    let rows = text.lines().filter(|line| line.starts_with("| ") && !line.starts_with("| ---"));
    let cells = rows.map(|row| row.trim_matches('|').split(" | ").map(|cell| cell.trim().to_owned()));
    let rows = cells.map(|cells| <[String; 3]>::try_from(cells.collect::<Vec<_>>()).unwrap());
    rows.filter(|[_, status, _]| status != "Status").collect()
}

#[test]
fn every_requirement_that_is_met_names_its_tests_and_every_other_one_a_reason() {
    let rows = rows();
    for [requirement, status, proof] in &rows {
        match status.as_str() {
            "met" => assert_names_tests(requirement, proof),
            "not met" | "not applicable" => {
                assert!(proof.ends_with('.') && proof.len() > 15, "{requirement}: no reason");
            }
            other => panic!("{requirement}: unknown status {other:?}"),
        }
    }
    assert!(rows.len() > 100, "{} rows", rows.len());
}

#[test]
fn every_chapter_of_the_asvs_and_every_section_of_the_rfc_is_listed_once() {
    let text = fs::read_to_string(workspace::root().join("docs/security-standards.md")).unwrap();
    let (rfc, asvs) = text.split_once("## OWASP ASVS").unwrap();
    for section in ["2.1,", "2.1.1", "2.1.2", "2.2.1", "2.2.2", "2.3", "2.4", "2.5", "2.6"] {
        assert!(rfc.contains(&format!("| {section}")), "{section}");
    }
    for section in 1..=17 {
        assert!(rfc.contains(&format!("4.{section}")), "4.{section}");
        assert!(asvs.contains(&format!("V{section} ")), "V{section}");
    }
    let requirements: Vec<_> = rows().into_iter().map(|[requirement, ..]| requirement).collect();
    assert_eq!(requirements.iter().collect::<BTreeSet<_>>().len(), requirements.len(), "a requirement is listed twice");
}
