//! Tests that a document names as `path::name`.

use std::fs;

use evertoken_tests::workspace;
use regex_lite::Regex;

/// Asserts that a text names a test, and that each test that it names exists. `what` is what the tests prove.
pub(crate) fn assert_names_tests(what: &str, text: &str) {
    let code = Regex::new("`([a-z][^`]*)`").unwrap();
    let names: Vec<_> = code.captures_iter(text).map(|name| name[1].to_owned()).collect();
    assert!(!names.is_empty(), "{what}: no test");
    for name in names {
        assert!(is_test(&name), "{what}: there is no test {name}");
    }
}

fn is_test(named: &str) -> bool {
    let Some((path, name)) = named.split_once("::") else { return false };
    let Ok(source) = fs::read_to_string(workspace::root().join(path)) else { return false };
    let test = Regex::new(&format!(r"#\[(?:tokio::)?test(?:\([^)]*\))?\]\s*(?:async )?fn {name}\(")).unwrap();
    test.is_match(&source)
}
