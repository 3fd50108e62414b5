//! A token that stands for `{token}` in an input, and must not appear in any error.

/// As long as a short token of Instagram's.
pub(crate) const TOKEN: &str = "IGAAplantedByTheFuzzTargets0123456789abcdefghijklmnopqrstuvwxyzABCDEFGH";

/// The input with the token in its places; `None` if it is not UTF-8.
pub(crate) fn plant(data: &[u8]) -> Option<String> {
    Some(std::str::from_utf8(data).ok()?.replace("{token}", TOKEN))
}

/// Asserts that a text does not contain the token.
pub(crate) fn assert_absent(text: &str) {
    assert!(!text.contains(TOKEN), "the token is in {text:?}");
}
