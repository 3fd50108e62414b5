//! The members of a JSON object with their exact text.

use std::fmt;

use secrecy::{ExposeSecret, SecretString};
use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

/// The members of an object in their order, with the text of their values. Keys that appear twice are kept.
#[derive(Clone, Debug, Default)]
pub(super) struct Entries(Vec<(String, SecretString)>);

/// What an object has under a key. Without `Debug`, because the value may contain a token.
#[derive(Clone, Copy)]
pub(super) enum Found<'a> {
    /// Nothing.
    Nothing,
    /// This value.
    One(&'a str),
    /// Several values.
    Several,
}

impl Entries {
    /// Parses an object.
    pub(super) fn parse(json: &str) -> Option<Self> {
        let members: Members<'_> = serde_json::from_str(json).ok()?;
        Some(members.0.into_iter().map(|(key, value)| (key, SecretString::from(value.get()))).collect())
    }

    pub(super) fn get(&self, key: &str) -> Found<'_> {
        let mut values = self.0.iter().filter(|(other, _)| other == key).map(|(_, value)| value.expose_secret());
        match (values.next(), values.next()) {
            (None, _) => Found::Nothing,
            (Some(value), None) => Found::One(value),
            (Some(_), Some(_)) => Found::Several,
        }
    }

    /// Replaces the value of a key in place, or adds it at the end.
    pub(super) fn set(&mut self, key: &str, value: SecretString) {
        match self.0.iter_mut().find(|(other, _)| other == key) {
            Some((_, present)) => *present = value,
            None => self.0.push((key.to_owned(), value)),
        }
    }

    /// Removes all values of a key. Returns whether there was one.
    pub(super) fn remove(&mut self, key: &str) -> bool {
        let before = self.0.len();
        self.0.retain(|(other, _)| other != key);
        self.0.len() < before
    }

    /// Takes the value of a key out.
    pub(super) fn take(&mut self, key: &str) -> Option<SecretString> {
        let at = self.0.iter().position(|(other, _)| other == key)?;
        Some(self.0.remove(at).1)
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(key, value)| (key.as_str(), value.expose_secret()))
    }

    pub(super) fn keys(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|(key, _)| key.as_str())
    }

    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// An upper bound of the length of the object as JSON.
    pub(super) fn longest_text(&self) -> usize {
        // A character of a key takes at most six.
        self.0.iter().map(|(key, value)| 6 * key.len() + value.expose_secret().len() + 4).sum::<usize>() + 2
    }

    /// Writes the members without the braces.
    pub(super) fn write_members(&self, text: &mut String) {
        for (at, (key, value)) in self.iter().enumerate() {
            if at > 0 {
                text.push(',');
            }
            write_key(text, key);
            text.push_str(value);
        }
    }
}

/// Writes a key and a colon.
pub(super) fn write_key(text: &mut String, key: &str) {
    // A string is always valid JSON.
    text.push_str(&serde_json::to_string(key).unwrap_or_default());
    text.push(':');
}

impl FromIterator<(String, SecretString)> for Entries {
    fn from_iter<I: IntoIterator<Item = (String, SecretString)>>(members: I) -> Self {
        Self(members.into_iter().collect())
    }
}

impl PartialEq for Entries {
    fn eq(&self, other: &Self) -> bool {
        self.len() == other.len() && self.iter().eq(other.iter())
    }
}

impl Eq for Entries {}

/// Borrows the values from the text.
struct Members<'a>(Vec<(String, &'a RawValue)>);

impl<'de> Deserialize<'de> for Members<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(MembersVisitor)
    }
}

struct MembersVisitor;

impl<'de> Visitor<'de> for MembersVisitor {
    type Value = Members<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut members = Vec::new();
        while let Some(member) = map.next_entry::<String, &RawValue>()? {
            members.push(member);
        }
        Ok(Members(members))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_keep_every_byte_and_their_order() {
        let text = r#"{"b": {"x" :1e2,  "y":"ä"}, "a":[1, 2],"b":null,"\u0022":0.10}"#;
        let entries = Entries::parse(text).unwrap();
        let mut written = String::new();
        entries.write_members(&mut written);
        assert_eq!(written, r#""b":{"x" :1e2,  "y":"ä"},"a":[1, 2],"b":null,"\"":0.10"#);
        assert!(written.len() <= entries.longest_text());
        assert!(matches!(entries.get("a"), Found::One("[1, 2]")));
        assert!(matches!(entries.get("b"), Found::Several) && matches!(entries.get("c"), Found::Nothing));
        for other in ["[]", "1", "{", "{}}", ""] {
            assert_eq!(Entries::parse(other), None, "{other}");
        }
    }

    #[test]
    fn debug_output_contains_no_value() {
        let entries = Entries::parse(r#"{"shop-de":"IGAAsecret"}"#).unwrap();
        assert!(!format!("{entries:?}").contains("IGAA"));
    }
}
