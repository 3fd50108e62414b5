//! docs/assumptions.md lists what the live check checks, and each place in the code exists.

use std::collections::BTreeSet;

use evertoken_tests::live::{event_facts, secret_facts, stack_facts};
use evertoken_tests::workspace;

/// The cells of each assumption: ID, assumption, place, source, check.
fn rows() -> Vec<Vec<String>> {
    let text = std::fs::read_to_string(workspace::root().join("docs/assumptions.md")).unwrap();
    let rows = text.lines().filter(|line| line.starts_with("| `"));
    rows.map(|line| line.trim_matches('|').split('|').map(|cell| cell.trim().to_owned()).collect()).collect()
}

#[test]
fn every_place_contains_the_words_that_the_list_quotes() {
    let rows = rows();
    assert!(rows.len() > 25, "{}", rows.len());
    for row in rows {
        assert_eq!(row.len(), 5, "{row:?}");
        assert!(row.iter().all(|cell| !cell.is_empty()), "{row:?}");
        // [`path`](../path): `words`
        let (link, words) = row[2].split_once("): `").unwrap_or_else(|| panic!("{}: {}", row[0], row[2]));
        let path = link.split_once("](../").unwrap().1;
        let file = std::fs::read_to_string(workspace::root().join(path)).unwrap_or_else(|_| panic!("no {path}"));
        let words = words.trim_end_matches('`');
        assert!(file.contains(words), "{}: {path} does not contain {words:?}", row[0]);
    }
}

#[test]
fn the_list_and_the_live_check_agree() {
    let listed: BTreeSet<String> = rows()
        .into_iter()
        .filter(|row| row[4] == "`make live`")
        .map(|row| row[0].trim_matches('`').to_owned())
        .collect();
    let checked = [&secret_facts::CHECKED[..], &event_facts::CHECKED, &stack_facts::CHECKED].concat();
    assert_eq!(listed, checked.into_iter().map(ToOwned::to_owned).collect());
}

#[test]
fn every_id_is_unique() {
    let ids: Vec<_> = rows().into_iter().map(|row| row[0].clone()).collect();
    assert_eq!(ids.iter().collect::<BTreeSet<_>>().len(), ids.len(), "{ids:?}");
}
