//! Names and ids of accounts.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// An account's key in the vault: a slug `[a-z0-9][a-z0-9-]{0,62}`.
///
/// The invite sets it. Without a name in the invite, it is the account id.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct AccountName(String);

/// The text is not a valid account name.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error(
    "{0:?} is not a valid account name: use 1 to 63 of the characters a-z, 0-9 and hyphen, starting with a letter or digit"
)]
pub struct InvalidAccountName(String);

impl AccountName {
    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// This name, a hyphen and `text`, in which every character that a name cannot have is a hyphen.
    #[must_use]
    pub fn extended_by(&self, text: &str) -> Self {
        let suffix = text.chars().map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '-' });
        let suffix: String = suffix.take(LONGEST_SUFFIX).collect();
        let base: String = self.0.chars().take(LONGEST_NAME - 1 - suffix.len()).collect();
        Self(format!("{base}-{suffix}"))
    }

    /// The only account that may have this name, if the name looks like an Instagram id. Otherwise somebody could take the
    /// name that another account gets when it is connected without one.
    pub fn reserved_for(&self) -> Option<AccountId> {
        (self.0.len() >= SHORTEST_ID).then(|| self.0.parse().ok()).flatten()
    }
}

/// In characters.
const LONGEST_NAME: usize = 63;

/// Instagram's usernames have at most 30 characters.
const LONGEST_SUFFIX: usize = 32;

/// Instagram's ids have 16 or 17 digits. A shorter number is an ordinary name.
const SHORTEST_ID: usize = 15;

impl FromStr for AccountName {
    type Err = InvalidAccountName;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let letter_or_digit = |b: &u8| b.is_ascii_lowercase() || b.is_ascii_digit();
        let valid = text.len() <= LONGEST_NAME
            && text.as_bytes().first().is_some_and(letter_or_digit)
            && text.bytes().all(|b| letter_or_digit(&b) || b == b'-');
        if valid { Ok(Self(text.to_owned())) } else { Err(InvalidAccountName(text.to_owned())) }
    }
}

impl TryFrom<String> for AccountName {
    type Error = InvalidAccountName;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<AccountName> for String {
    fn from(name: AccountName) -> Self {
        name.0
    }
}

impl fmt::Display for AccountName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// An Instagram id: decimal digits, kept as text.
///
/// Ids exceed 2^53 and arrive as JSON integers from one endpoint and as strings from another
/// (`fbsamples/threads_api#9`), so a number type would round them somewhere.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct AccountId(String);

/// The text is not a valid Instagram id.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("not a valid Instagram id: expected 1 to 32 digits")]
pub struct InvalidAccountId;

impl AccountId {
    /// The id as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The account name of an account that was connected without a name.
    pub fn to_name(&self) -> AccountName {
        // Digits are a subset of a slug's alphabet, and 32 is less than 63.
        AccountName(self.0.clone())
    }
}

impl FromStr for AccountId {
    type Err = InvalidAccountId;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let valid = (1..=32).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit());
        if valid { Ok(Self(text.to_owned())) } else { Err(InvalidAccountId) }
    }
}

impl TryFrom<String> for AccountId {
    type Error = InvalidAccountId;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<AccountId> for String {
    fn from(id: AccountId) -> Self {
        id.0
    }
}

impl fmt::Display for AccountId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_slugs() {
        let longest = "a".repeat(63);
        for good in ["a", "0", "shop-de", "17841405793187218", longest.as_str()] {
            assert!(good.parse::<AccountName>().is_ok(), "{good}");
        }
        let too_long = "a".repeat(64);
        for bad in ["", "-a", "Shop", "a_b", "a/b", "a.b", "ä", "a b", too_long.as_str()] {
            assert!(bad.parse::<AccountName>().is_err(), "{bad}");
        }
    }

    #[test]
    fn an_extended_name_is_valid_and_has_the_whole_username_or_id() {
        let longest = "a".repeat(63);
        for base in ["shop", longest.as_str()] {
            for (text, end) in [
                // Both have the greatest length.
                ("Maya.Makes_1234567890123456789", "-maya-makes-1234567890123456789"),
                ("17841405793187218178414057931872", "-17841405793187218178414057931872"),
            ] {
                let name = base.parse::<AccountName>().unwrap().extended_by(text);
                assert!(name.as_str().ends_with(end) && name.as_str().parse::<AccountName>().is_ok(), "{name}");
            }
        }
    }

    #[test]
    fn a_name_that_looks_like_an_id_is_reserved_for_that_account() {
        let reserved = |name: &str| name.parse::<AccountName>().unwrap().reserved_for();
        assert_eq!(reserved("17841405793187218").unwrap().as_str(), "17841405793187218");
        for name in ["2026", "17841405793187218-shop", "shop-de"] {
            assert_eq!(reserved(name), None, "{name}");
        }
    }

    #[test]
    fn ids_are_digits() {
        assert!("28978671838402975".parse::<AccountId>().is_ok());
        for bad in ["", "1.0", "-1", "1e9", "abc"] {
            assert!(bad.parse::<AccountId>().is_err(), "{bad}");
        }
    }
}
