//! The permissions a person grants.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// A set of permissions, in the order in which they were named.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "Vec<String>", into = "Vec<String>")]
pub struct Scopes(Vec<String>);

impl Scopes {
    /// Those of `self` that `granted` lacks.
    #[must_use]
    pub fn missing_from(&self, granted: &Scopes) -> Scopes {
        Self(self.0.iter().filter(|scope| !granted.0.contains(scope)).cloned().collect())
    }

    /// Whether no permission is named.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The permissions one by one.
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

/// A permission has a character that none of Meta's has.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("permissions are lower-case words with underscores, separated by commas")]
pub struct InvalidScopes;

impl FromStr for Scopes {
    type Err = InvalidScopes;

    /// Commas or white space separate, as in Meta's authorize URL.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let valid = |scope: &str| scope.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_');
        let scopes: Vec<&str> =
            text.split(|c: char| c == ',' || c.is_whitespace()).filter(|scope| !scope.is_empty()).collect();
        if scopes.iter().all(|scope| valid(scope)) { Ok(scopes.into_iter().collect()) } else { Err(InvalidScopes) }
    }
}

impl fmt::Display for Scopes {
    /// Comma-separated, as Meta's authorize URL takes them.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.join(","))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commas_and_spaces_separate_and_doubles_vanish() {
        let scopes: Scopes = "instagram_business_basic, a_b  a_b".parse().unwrap();
        assert_eq!(scopes.to_string(), "instagram_business_basic,a_b");
        assert!("A".parse::<Scopes>().is_err());
    }

    #[test]
    fn what_was_unticked_is_named() {
        let wanted: Scopes = "basic,publish".parse().unwrap();
        let granted: Scopes = "basic".parse().unwrap();
        assert_eq!(wanted.missing_from(&granted).to_string(), "publish");
        assert!(granted.missing_from(&wanted).is_empty());
    }
}
