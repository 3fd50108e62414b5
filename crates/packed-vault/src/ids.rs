//! The names of packs and of their secrets.

use std::fmt;
use std::str::FromStr;

use evertoken_core::group::Group;

/// A pack, such as `main-00042`. It keeps its id when its secret is replaced.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PackId {
    group: Group,
    number: u32,
}

impl PackId {
    /// The pack with this number in a group. Numbers start at 1.
    pub fn new(group: Group, number: u32) -> Self {
        Self { group, number }
    }

    /// The group of the pack's accounts.
    pub fn group(&self) -> &Group {
        &self.group
    }

    /// The pack's number in its group.
    pub fn number(&self) -> u32 {
        self.number
    }

    /// The secret that holds this pack in a generation.
    pub fn at(&self, generation: Generation) -> PackSecret {
        PackSecret { pack: self.clone(), generation }
    }
}

impl fmt::Display for PackId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{:05}", self.group, self.number)
    }
}

impl FromStr for PackId {
    type Err = InvalidId;

    /// Accepts only the form that [`Display`](fmt::Display) writes, so that a pack has one name.
    fn from_str(text: &str) -> Result<Self, InvalidId> {
        let parsed = text.rsplit_once('-').and_then(|(group, number)| {
            let number = Some(number).filter(|number| number.bytes().all(|b| b.is_ascii_digit()))?;
            Some(Self { group: group.parse().ok()?, number: number.parse().ok()? })
        });
        parsed.filter(|pack| pack.to_string() == text).ok_or(InvalidId("pack"))
    }
}

/// Counts the secrets that a pack has had. A pack moves to a new secret to get rid of its earlier versions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Generation(u32);

impl Generation {
    /// The generation of a new pack.
    pub const FIRST: Self = Self(1);

    /// The generation with this number.
    pub fn new(number: u32) -> Self {
        Self(number)
    }

    /// The number.
    pub fn number(self) -> u32 {
        self.0
    }

    /// The generation that follows.
    #[must_use]
    pub fn next(self) -> Self {
        Self(self.0.saturating_add(1))
    }

    /// The generation before, if there is one.
    #[must_use]
    pub fn previous(self) -> Option<Self> {
        (self > Self::FIRST).then(|| Self(self.0.saturating_sub(1)))
    }
}

impl fmt::Display for Generation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

/// The secret that holds a pack, named `<prefix>/packs/<pack>/<generation>`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PackSecret {
    /// The pack.
    pub pack: PackId,
    /// The pack's generation. Each has a secret of its own.
    pub generation: Generation,
}

impl fmt::Display for PackSecret {
    /// The secret's name after the prefix, such as `packs/main-00042/3`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "packs/{}/{}", self.pack, self.generation)
    }
}

impl FromStr for PackSecret {
    type Err = InvalidId;

    fn from_str(text: &str) -> Result<Self, InvalidId> {
        let parsed = text.strip_prefix("packs/").and_then(|rest| {
            let (pack, generation) = rest.split_once('/')?;
            Some(Self { pack: pack.parse().ok()?, generation: Generation(generation.parse().ok()?) })
        });
        parsed.filter(|secret| secret.to_string() == text).ok_or(InvalidId("pack secret"))
    }
}

/// How many accounts a pack takes: 16 to 200.
///
/// 128 is the smallest power of two that costs less than $0.004 an account and month, and leaves room for tokens that are
/// two and a half times as long as today's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PackSize(u16);

impl PackSize {
    /// The size, or `None` outside of 16 to 200.
    pub fn new(accounts: u16) -> Option<Self> {
        (16..=200).contains(&accounts).then_some(Self(accounts))
    }

    /// The number of accounts.
    pub fn accounts(self) -> u32 {
        u32::from(self.0)
    }
}

impl Default for PackSize {
    fn default() -> Self {
        Self(128)
    }
}

/// The text is not the name of a pack or of the secret of a pack.
#[derive(Clone, Copy, Debug, thiserror::Error, PartialEq, Eq)]
#[error("not a valid {0} name")]
pub struct InvalidId(&'static str);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pack_has_one_name() {
        for text in ["main-00042", "client-a-00001", "main-123456"] {
            assert_eq!(text.parse::<PackId>().unwrap().to_string(), text);
        }
        for text in ["", "main", "main-42", "main-000042", "-00042", "Main-00042", "main-0004x", "main-+0042"] {
            assert_eq!(text.parse::<PackId>(), Err(InvalidId("pack")), "{text}");
        }
    }

    #[test]
    fn a_secret_is_named_after_its_pack_and_generation() {
        let secret = PackId::new(Group::main(), 42).at(Generation::new(3));
        assert_eq!(secret.to_string(), "packs/main-00042/3");
        assert_eq!("packs/main-00042/3".parse(), Ok(secret));
        for text in ["packs/main-00042", "packs/main-00042/03", "packs/main-00042/3/x", "accounts/shop-de"] {
            assert!(text.parse::<PackSecret>().is_err(), "{text}");
        }
    }

    #[test]
    fn a_pack_size_has_limits() {
        assert_eq!(PackSize::default().accounts(), 128);
        assert_eq!([15, 16, 200, 201].map(|size| PackSize::new(size).is_some()), [false, true, true, false]);
    }
}
