//! The key that a feed's public files are named by.

use std::fmt;
use std::str::FromStr;

use evertoken_core::account::{AccountName, InvalidAccountName};
use evertoken_core::entropy::{Entropy, EntropyError};
use serde::{Deserialize, Serialize};

/// The name of a feed's public files: the account's name, or 32 hex digits that nobody can guess.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct FeedKey(AccountName);

/// Bytes of an unlisted key: 128 bits.
const UNLISTED_BYTES: usize = 16;

impl FeedKey {
    /// The key of a feed that anybody who knows the account's name can find.
    pub fn named(account: &AccountName) -> Self {
        Self(account.clone())
    }

    /// A new random key.
    pub fn unlisted(entropy: &dyn Entropy) -> Result<Self, EntropyError> {
        let mut bytes = [0; UNLISTED_BYTES];
        entropy.fill(&mut bytes)?;
        // Hex digits are a subset of a name's alphabet, so this never fails.
        hex::encode(bytes).parse().map_err(|_| EntropyError)
    }

    /// The key as text.
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }

    /// Whether this may be the key of the account's feed.
    pub fn fits(&self, account: &AccountName) -> bool {
        self.0 == *account || self.is_random()
    }

    fn is_random(&self) -> bool {
        let is_digit = |b: u8| b.is_ascii_digit() || (b'a'..=b'f').contains(&b);
        self.as_str().len() == 2 * UNLISTED_BYTES && self.as_str().bytes().all(is_digit)
    }
}

impl FromStr for FeedKey {
    type Err = InvalidAccountName;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        text.parse().map(Self)
    }
}

impl fmt::Display for FeedKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use evertoken_core::entropy::SystemEntropy;

    use super::*;

    #[test]
    fn an_unlisted_key_has_128_random_bits_and_fits_every_account() {
        let account: AccountName = "shop".parse().unwrap();
        let (one, other) = (FeedKey::unlisted(&SystemEntropy).unwrap(), FeedKey::unlisted(&SystemEntropy).unwrap());
        assert_ne!(one, other);
        assert_eq!(one.as_str().len(), 32);
        assert!(one.fits(&account) && FeedKey::named(&account).fits(&account));
        // Those could be the names of other accounts.
        for other in ["other-shop", "cafe", "g123456789abcdef0123456789abcdef"] {
            assert!(!other.parse::<FeedKey>().unwrap().fits(&account), "{other}");
        }
    }
}
