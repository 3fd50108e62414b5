//! Settings that are one of several names.

use std::fmt;
use std::str::FromStr;

use serde::de::IntoDeserializer;
use serde::de::value::StrDeserializer;
use serde::{Deserialize, Serialize};

/// A name that is none of those allowed. The message lists them.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct UnknownName(String);

macro_rules! named {
    ($type:ident: $($variant:ident = $name:literal),+) => {
        impl $type {
            /// All of them.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The name in settings and on the command line.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $name),+ }
            }
        }

        impl FromStr for $type {
            type Err = UnknownName;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                let deserializer: StrDeserializer<'_, serde::de::value::Error> = text.into_deserializer();
                Self::deserialize(deserializer).map_err(|error| UnknownName(error.to_string()))
            }
        }

        impl fmt::Display for $type {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.as_str())
            }
        }
    };
}

/// The kinds of posts that exist today.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PostKind {
    /// One picture.
    Image,
    /// A video or reel.
    Video,
    /// Several pictures and videos.
    Album,
}

named!(PostKind: Image = "image", Video = "video", Album = "album");

impl PostKind {
    pub(super) fn all() -> Vec<Self> {
        Self::ALL.to_vec()
    }
}

/// How the HTML fragment arranges the posts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Layout {
    /// Square tiles in columns.
    #[default]
    Grid,
    /// One row that scrolls sideways.
    Row,
    /// Whole pictures, one below the other, with captions.
    List,
}

named!(Layout: Grid = "grid", Row = "row", List = "list");
