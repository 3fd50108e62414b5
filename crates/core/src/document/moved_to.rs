//! Marks a document as the copy of an account that has moved to a pack.

use serde::{Deserialize, Serialize};

use super::Document;

/// The key of the mark. Older releases keep it, as any key that they do not know.
const KEY: &str = "evertoken_moved_to";

/// Where an account has moved to. Its copy keeps a valid token, and Evertoken writes to it no more.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MovedTo {
    /// The pack, such as `main-00042`.
    pub pack: String,
    /// Identifies the move, so that two moves never write the same value.
    #[serde(rename = "move")]
    pub by: String,
}

impl MovedTo {
    /// Marks a document whose account is in no pack, for the labels of its secret. It is never stored.
    pub fn nowhere() -> Self {
        Self { pack: String::new(), by: String::new() }
    }
}

impl Document {
    /// Where the account has moved to, if this document is a copy.
    pub fn moved_to(&self) -> Option<MovedTo> {
        MovedTo::deserialize(self.unknown.get(KEY)?).ok()
    }

    /// The document as a copy.
    #[must_use]
    pub fn with_moved_to(&self, moved_to: &MovedTo) -> Self {
        let mut copy = self.clone();
        // A struct of two strings is always valid JSON.
        copy.unknown.insert(KEY.to_owned(), serde_json::to_value(moved_to).unwrap_or_default());
        copy
    }

    /// The document without the mark.
    #[must_use]
    pub fn without_moved_to(&self) -> Self {
        let mut document = self.clone();
        if self.moved_to().is_some() {
            document.unknown.remove(KEY);
        }
        document
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use time::macros::datetime;

    use super::*;
    use crate::sample;

    #[test]
    fn a_copy_is_a_valid_document_with_a_mark_that_can_be_removed() {
        let document = sample::document("shop-de", datetime!(2026-11-26 05:00 UTC));
        assert_eq!(document.moved_to(), None);
        let moved_to = MovedTo { pack: "main-00042".to_owned(), by: "9f3c".to_owned() };
        let copy = document.with_moved_to(&moved_to);
        let json = secrecy::ExposeSecret::expose_secret(&copy.encode()).to_owned();
        assert!(json.ends_with(r#""evertoken_moved_to":{"move":"9f3c","pack":"main-00042"}}"#), "{json}");
        let read = Document::decode(&document.name, &json).unwrap();
        assert_eq!((read.moved_to(), read.without_moved_to()), (Some(moved_to), document));
    }

    #[test]
    fn a_key_of_another_form_is_no_mark_and_stays() {
        let mut document = sample::document("shop-de", datetime!(2026-11-26 05:00 UTC));
        document.unknown.insert("evertoken_moved_to".to_owned(), json!("Berlin"));
        assert_eq!(document.moved_to(), None);
        assert_eq!(document.without_moved_to(), document);
    }
}
