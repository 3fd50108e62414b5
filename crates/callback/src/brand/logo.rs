//! The operator's logo: a picture on the web, or the content of a file that every page embeds.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use url::Url;

use super::parse_web_page;

/// The longest file, in bytes. Every page carries the logo.
const LONGEST_FILE: usize = 64 * 1024;

/// A picture. Browsers run no script in a picture, so an SVG file is safe too (SVG 2, "secure static mode").
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Logo {
    /// A picture on the web.
    Remote(Url),
    /// The content of a file, as a `data:` URL.
    Embedded(String),
}

/// A file cannot be a logo.
#[derive(Clone, Copy, Debug, thiserror::Error, PartialEq, Eq)]
pub enum InvalidLogo {
    /// The file is too large.
    #[error("is larger than 64 KiB")]
    TooLarge,
    /// The file is in another format.
    #[error("is not a PNG, JPEG, WebP or SVG picture")]
    Format,
}

impl Logo {
    /// Parses the URL of a picture on the web.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let url = parse_web_page(text)?;
        // Its origin becomes part of a security policy, in which an asterisk or a semicolon has a meaning.
        let is_name = url.host_str()?.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-'));
        is_name.then_some(Self::Remote(url))
    }

    /// Embeds the content of a file, whose format its first bytes tell.
    pub fn from_file(content: &[u8]) -> Result<Self, InvalidLogo> {
        if content.len() > LONGEST_FILE {
            return Err(InvalidLogo::TooLarge);
        }
        let format = match content {
            [0x89, b'P', b'N', b'G', ..] => "image/png",
            [0xff, 0xd8, 0xff, ..] => "image/jpeg",
            [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => "image/webp",
            text if is_svg(text) => "image/svg+xml",
            _ => return Err(InvalidLogo::Format),
        };
        Ok(Self::Embedded(format!("data:{format};base64,{}", STANDARD.encode(content))))
    }

    /// The `src` of the picture.
    pub(crate) fn source(&self) -> &str {
        match self {
            Self::Remote(url) => url.as_str(),
            Self::Embedded(data) => data,
        }
    }

    /// What the security policy must allow.
    pub(crate) fn origin(&self) -> String {
        match self {
            Self::Remote(url) => url.origin().ascii_serialization(),
            Self::Embedded(_) => "data:".to_owned(),
        }
    }
}

fn is_svg(content: &[u8]) -> bool {
    let text = std::str::from_utf8(content).unwrap_or_default().trim_start_matches('\u{feff}').trim_start();
    let is_markup = text.starts_with("<svg") || text.starts_with("<?xml") || text.starts_with("<!--");
    is_markup && text.contains("<svg") && !text.contains("<html")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_embedded_by_its_content() {
        for (content, format) in [
            (&b"\x89PNG\r\n\x1a\n..."[..], "image/png"),
            (b"\xff\xd8\xff\xe0...", "image/jpeg"),
            (b"RIFF\x00\x00\x00\x00WEBPVP8 ", "image/webp"),
            (b"\xef\xbb\xbf<?xml version=\"1.0\"?>\n<svg xmlns=\"http://www.w3.org/2000/svg\"/>", "image/svg+xml"),
        ] {
            let logo = Logo::from_file(content).unwrap();
            assert!(logo.source().starts_with(&format!("data:{format};base64,")), "{logo:?}");
            assert_eq!(logo.origin(), "data:");
        }
    }

    #[test]
    fn a_file_that_is_no_picture_or_too_large_is_refused() {
        for content in [
            &b""[..],
            b"<html><svg></svg></html>",
            b"<?xml version=\"1.0\"?><note/>",
            b"a text about <svg>",
            b"GIF89a",
            b"\x89PN",
            b"RIFF\x00\x00\x00\x00WAVE",
        ] {
            assert_eq!(Logo::from_file(content), Err(InvalidLogo::Format), "{content:?}");
        }
        let png = |length| [&b"\x89PNG"[..], &vec![0; length]].concat();
        assert!(Logo::from_file(&png(65_536 - 4)).is_ok());
        assert_eq!(Logo::from_file(&png(65_536 - 3)), Err(InvalidLogo::TooLarge));
    }

    #[test]
    fn the_origin_of_a_logo_on_the_web_has_no_path() {
        let logo = Logo::parse("https://cdn.agency.example:8443/a/logo.svg?v=2").unwrap();
        assert_eq!(logo.origin(), "https://cdn.agency.example:8443");
    }
}
