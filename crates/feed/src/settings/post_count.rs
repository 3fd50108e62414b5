//! How many posts a feed shows.

use serde::{Deserialize, Serialize};

/// A number of posts, from 1 to 100.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "u64", into = "u64")]
pub struct PostCount(u8);

/// The number of posts is out of range.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0} is not a valid number of posts: use 1 to 100")]
pub struct InvalidPostCount(u64);

impl PostCount {
    /// Instagram returns at most 100 posts in one response.
    pub(super) const MAX: u8 = 100;

    /// The number.
    pub fn get(self) -> usize {
        self.0.into()
    }
}

impl Default for PostCount {
    fn default() -> Self {
        Self(12)
    }
}

impl TryFrom<u64> for PostCount {
    type Error = InvalidPostCount;

    fn try_from(number: u64) -> Result<Self, Self::Error> {
        let count = u8::try_from(number).ok().filter(|count| (1..=Self::MAX).contains(count));
        count.map(Self).ok_or(InvalidPostCount(number))
    }
}

impl From<PostCount> for u64 {
    fn from(count: PostCount) -> Self {
        count.0.into()
    }
}
