//! Meta's numeric ids.

use std::str::FromStr;

use serde::Deserialize;

/// An id. One endpoint sends a JSON integer above 2^53, another a string (`fbsamples/threads_api#9`).
#[derive(Deserialize)]
#[serde(untagged)]
pub(crate) enum NumericId {
    Text(String),
    Number(u64),
}

impl NumericId {
    /// `None` if the text is not a valid id.
    pub(crate) fn parse<T: FromStr>(self) -> Option<T> {
        match self {
            Self::Text(text) => text.parse().ok(),
            Self::Number(number) => number.to_string().parse().ok(),
        }
    }
}
