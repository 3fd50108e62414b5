//! Groups of accounts that are stored apart from those of other groups.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// The accounts of one owner or client, such as `client-a`: a slug of 1 to 32 characters. A vault that stores accounts together
/// stores only those of one group together, so that a policy can grant access to a group.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Group(String);

/// The text is not the name of a group.
#[derive(Clone, Copy, Debug, thiserror::Error, PartialEq, Eq)]
#[error("not a valid group: expected 1 to 32 lowercase letters, digits and hyphens, starting with a letter or digit")]
pub struct InvalidGroup;

impl Group {
    /// The group of accounts whose invite names none.
    pub fn main() -> Self {
        Self("main".to_owned())
    }

    /// The group as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Group {
    type Err = InvalidGroup;

    fn from_str(text: &str) -> Result<Self, InvalidGroup> {
        let letter_or_digit = |b: &u8| b.is_ascii_lowercase() || b.is_ascii_digit();
        let valid = text.len() <= 32
            && text.as_bytes().first().is_some_and(letter_or_digit)
            && text.bytes().all(|b| letter_or_digit(&b) || b == b'-');
        if valid { Ok(Self(text.to_owned())) } else { Err(InvalidGroup) }
    }
}

impl TryFrom<String> for Group {
    type Error = InvalidGroup;

    fn try_from(text: String) -> Result<Self, InvalidGroup> {
        text.parse()
    }
}

impl From<Group> for String {
    fn from(group: Group) -> Self {
        group.0
    }
}

impl fmt::Display for Group {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_group_is_a_slug() {
        for text in ["main", "client-a", "2b", &"g".repeat(32)] {
            assert_eq!(text.parse::<Group>().unwrap().as_str(), text);
        }
        for text in ["", "-a", "Client", "client_a", "a/b", "a:b", &"g".repeat(33)] {
            assert_eq!(text.parse::<Group>(), Err(InvalidGroup), "{text}");
            assert!(serde_json::from_value::<Group>(text.into()).is_err(), "{text}");
        }
    }
}
