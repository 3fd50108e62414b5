//! The members of a JSON object with their exact text.

use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use secrecy::zeroize::Zeroizing;
use secrecy::{ExposeSecret, SecretString};
use serde::de::{Deserialize, DeserializeSeed, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

/// The members of an object in their order, with the text of their values. Keys that appear twice are kept.
#[derive(Clone, Debug, Default)]
pub(super) struct Entries(Vec<(String, Text)>);

/// The text of a value. Overwritten when nothing refers to it any more.
#[derive(Clone)]
enum Text {
    /// A part of the text that was parsed, which is not copied for each value: a pack has hundreds.
    Part(Arc<Zeroizing<String>>, Range<usize>),
    /// A text of its own.
    Own(SecretString),
}

impl Text {
    fn expose(&self) -> &str {
        match self {
            Self::Part(text, range) => text.get(range.clone()).unwrap_or_default(),
            Self::Own(text) => text.expose_secret(),
        }
    }
}

impl fmt::Debug for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[REDACTED]")
    }
}

/// The members of a pack.
#[derive(Debug)]
pub(super) struct PackMembers {
    /// All members but the objects.
    pub(super) members: Entries,
    /// The members of the objects that were asked for. Keys that appear twice are kept.
    pub(super) objects: Vec<(String, Entries)>,
}

impl PackMembers {
    /// Parses an object and, in the same pass, the objects under these keys. `None` if the text is not an object, or if one
    /// of these keys has another value.
    pub(super) fn parse(text: &Arc<Zeroizing<String>>, objects: &[&str]) -> Option<Self> {
        let mut json = serde_json::Deserializer::from_str(text);
        let nested = Nested { objects }.deserialize(&mut json).ok()?;
        json.end().ok()?;
        Some(Self {
            members: Entries::part_of(text, nested.members),
            objects: nested.objects.into_iter().map(|(key, found)| (key, Entries::part_of(text, found.0))).collect(),
        })
    }
}

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
        Some(Self(members.0.into_iter().map(|(key, value)| (key, Text::Own(value.get().into()))).collect()))
    }

    /// Members that borrow from `text`.
    fn part_of(text: &Arc<Zeroizing<String>>, members: Vec<(String, &RawValue)>) -> Self {
        let part = |value: &RawValue| {
            let begin = value.get().as_ptr().addr() - text.as_ptr().addr();
            Text::Part(Arc::clone(text), begin..begin + value.get().len())
        };
        Self(members.into_iter().map(|(key, value)| (key, part(value))).collect())
    }

    pub(super) fn get(&self, key: &str) -> Found<'_> {
        let mut values = self.0.iter().filter(|(other, _)| other == key).map(|(_, value)| value.expose());
        match (values.next(), values.next()) {
            (None, _) => Found::Nothing,
            (Some(value), None) => Found::One(value),
            (Some(_), Some(_)) => Found::Several,
        }
    }

    /// Replaces the value of a key in place, or adds it at the end.
    pub(super) fn set(&mut self, key: &str, value: SecretString) {
        match self.0.iter_mut().find(|(other, _)| other == key) {
            Some((_, present)) => *present = Text::Own(value),
            None => self.0.push((key.to_owned(), Text::Own(value))),
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
        match self.0.remove(at).1 {
            Text::Own(value) => Some(value),
            part @ Text::Part(..) => Some(part.expose().into()),
        }
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(key, value)| (key.as_str(), value.expose()))
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
        self.0.iter().map(|(key, value)| 6 * key.len() + value.expose().len() + 4).sum::<usize>() + 2
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

/// Like [`Members`], but parses the objects under some keys too.
struct Nested<'a> {
    objects: &'a [&'a str],
}

struct NestedMembers<'a> {
    members: Vec<(String, &'a RawValue)>,
    objects: Vec<(String, Members<'a>)>,
}

impl<'de> DeserializeSeed<'de> for Nested<'_> {
    type Value = NestedMembers<'de>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Nested<'_> {
    type Value = NestedMembers<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut nested = NestedMembers { members: Vec::new(), objects: Vec::new() };
        while let Some(key) = map.next_key::<String>()? {
            if self.objects.contains(&key.as_str()) {
                nested.objects.push((key, map.next_value()?));
            } else {
                nested.members.push((key, map.next_value()?));
            }
        }
        Ok(nested)
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
    fn objects_are_parsed_in_the_same_pass() {
        let parse = |text: &str| PackMembers::parse(&Arc::new(Zeroizing::new(text.to_owned())), &["a", "p"]);
        let parsed = parse(r#"{"x":{"a":1},"a":{"b": "ä" ,"c":[ 2],"b":3},"y":"z","a":{}} "#).unwrap();
        let members: Vec<_> = parsed.members.iter().collect();
        assert_eq!(members, [("x", r#"{"a":1}"#), ("y", r#""z""#)]);
        let (keys, objects): (Vec<_>, Vec<_>) = parsed.objects.into_iter().unzip();
        assert_eq!(keys, ["a", "a"]);
        assert_eq!(objects[0].iter().collect::<Vec<_>>(), [("b", r#""ä""#), ("c", "[ 2]"), ("b", "3")]);
        assert!(objects[1].is_empty());
        for other in [r#"{"a":[]}"#, r#"{"p":null}"#, "[]", "{}}", "{", ""] {
            assert!(parse(other).is_none(), "{other}");
        }
    }

    #[test]
    fn debug_output_contains_no_value() {
        let text = r#"{"shop-de":"IGAAsecret","a":{"b":"IGAAsecret"}}"#;
        let parsed = PackMembers::parse(&Arc::new(Zeroizing::new(text.to_owned())), &["a"]);
        let shown = format!("{:?}{:?}", Entries::parse(text).unwrap(), parsed.unwrap());
        assert!(shown.contains("shop-de") && !shown.contains("IGAA"), "{shown}");
    }
}
