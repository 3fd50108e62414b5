//! OAuth scopes.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// A set of scopes in the order of their first mention.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "Vec<String>", into = "Vec<String>")]
pub struct Scopes(Vec<String>);

impl Scopes {
    /// The scopes in `self` that are not in `granted`.
    #[must_use]
    pub fn missing_from(&self, granted: &Scopes) -> Scopes {
        Self(self.0.iter().filter(|scope| !granted.0.contains(scope)).cloned().collect())
    }

    /// Whether the set is empty.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Iterates over the scopes.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(String::as_str)
    }
}

impl<S: Into<String>> FromIterator<S> for Scopes {
    fn from_iter<I: IntoIterator<Item = S>>(scopes: I) -> Self {
        let mut all = Vec::new();
        for scope in scopes {
            let scope = scope.into();
            if !scope.is_empty() && !all.contains(&scope) {
                all.push(scope);
            }
        }
        Self(all)
    }
}

impl From<Vec<String>> for Scopes {
    fn from(scopes: Vec<String>) -> Self {
        scopes.into_iter().collect()
    }
}

impl From<Scopes> for Vec<String> {
    fn from(scopes: Scopes) -> Self {
        scopes.0
    }
}

/// The text contains a character that is not allowed in a scope.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("not a valid list of scopes: expected lower-case words with underscores, separated by commas")]
pub struct InvalidScopes;

impl FromStr for Scopes {
    type Err = InvalidScopes;

    /// Accepts commas and whitespace as separators, as Meta's authorize URL does.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let valid = |scope: &str| scope.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_');
        let scopes: Vec<&str> =
            text.split(|c: char| c == ',' || c.is_whitespace()).filter(|scope| !scope.is_empty()).collect();
        if scopes.iter().all(|scope| valid(scope)) { Ok(scopes.into_iter().collect()) } else { Err(InvalidScopes) }
    }
}

impl fmt::Display for Scopes {
    /// Comma-separated, as in Meta's authorize URL.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.join(","))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn splits_at_commas_and_spaces_and_removes_duplicates() {
        let scopes: Scopes = "instagram_business_basic, a_b  a_b".parse().unwrap();
        assert_eq!(scopes.to_string(), "instagram_business_basic,a_b");
        assert!("A".parse::<Scopes>().is_err());
    }

    #[test]
    fn lists_the_scopes_that_were_not_granted() {
        let wanted: Scopes = "basic,publish".parse().unwrap();
        let granted: Scopes = "basic".parse().unwrap();
        assert_eq!(wanted.missing_from(&granted).to_string(), "publish");
        assert!(granted.missing_from(&wanted).is_empty());
    }
}
