//! Words and hashtags of filters.

use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// A word or hashtag of a filter, or several words.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Word(String);

/// The text is no word.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not a word or hashtag: use 1 to 100 characters with at least one letter, digit or symbol")]
pub struct InvalidWord(String);

impl Word {
    /// The word as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Word {
    type Err = InvalidWord;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let trimmed = text.trim();
        let is_empty = trimmed.trim_start_matches(['#', '＃']).is_empty();
        let is_valid = !is_empty && trimmed.chars().count() <= 100 && !trimmed.chars().any(char::is_control);
        if is_valid { Ok(Self(trimmed.to_owned())) } else { Err(InvalidWord(text.to_owned())) }
    }
}

impl TryFrom<String> for Word {
    type Error = InvalidWord;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<Word> for String {
    fn from(word: Word) -> Self {
        word.0
    }
}
