//! The published copies of a picture.

use std::fmt;
use std::str::FromStr;

use evertoken_core::account::AccountName;
use evertoken_core::media::MediaId;
use serde::{Deserialize, Serialize};

use crate::convert::ConvertedPicture;
use crate::file_path::{FilePath, PictureFormat};

/// The files of one picture.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Picture {
    /// The post, or the part of an album, that the files are named after.
    media: MediaId,
    /// The first 16 hex digits of the original's SHA-256.
    hash: String,
    /// The color to show until the picture is loaded.
    pub color: Color,
    /// The sizes, smallest first.
    pub sizes: Vec<Size>,
}

/// The size of a picture in pixels.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Size {
    /// The width.
    pub width: u32,
    /// The height.
    pub height: u32,
}

impl Picture {
    /// The published copies of a converted picture.
    pub fn new(media: MediaId, converted: &ConvertedPicture) -> Self {
        let sizes = converted.sizes.iter().map(|size| Size { width: size.width, height: size.height }).collect();
        Self { media, hash: converted.hash.clone(), color: converted.color, sizes }
    }

    /// The path of one file.
    pub fn path(&self, account: &AccountName, size: Size, format: PictureFormat) -> FilePath {
        FilePath::picture(account, &self.media, &self.hash, size.width, format)
    }

    /// The paths of all files.
    pub fn paths(&self, account: &AccountName) -> impl Iterator<Item = FilePath> {
        self.sizes.iter().flat_map(move |size| PictureFormat::ALL.map(|format| self.path(account, *size, format)))
    }
}

/// A color as red, green and blue.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Color(pub [u8; 3]);

/// The text is not a color.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not a color: expected # and 6 hexadecimal digits")]
pub struct InvalidColor(String);

impl fmt::Display for Color {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "#{}", hex::encode(self.0))
    }
}

impl FromStr for Color {
    type Err = InvalidColor;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let mut channels = [0; 3];
        let digits = text.strip_prefix('#').ok_or_else(|| InvalidColor(text.to_owned()))?;
        hex::decode_to_slice(digits, &mut channels).map_err(|_| InvalidColor(text.to_owned()))?;
        Ok(Self(channels))
    }
}

impl TryFrom<String> for Color {
    type Error = InvalidColor;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<Color> for String {
    fn from(color: Color) -> Self {
        color.to_string()
    }
}
