//! Facebook's ids.

use std::fmt;
use std::num::ParseIntError;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::account::InstagramId;

/// The id of a person, page or business: a positive integer, for most people above 2^53.
///
/// Serializes to a string, and deserializes from a string or an integer, like an [`InstagramId`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(from = "InstagramId", into = "InstagramId")]
pub struct FacebookId(pub u64);

impl From<InstagramId> for FacebookId {
    fn from(id: InstagramId) -> Self {
        Self(id.0)
    }
}

impl From<FacebookId> for InstagramId {
    fn from(id: FacebookId) -> Self {
        Self(id.0)
    }
}

impl fmt::Display for FacebookId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl FromStr for FacebookId {
    type Err = ParseIntError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        text.parse().map(Self)
    }
}
