//! Compresses packs, and decompresses them within limits.

use std::io::{Read, Write};

use flate2::Compression;
use flate2::bufread::GzDecoder;
use flate2::write::GzEncoder;
use secrecy::zeroize::Zeroizing;

use super::error::PackError;

/// The largest pack before it is compressed: 16 times the largest secret. Tokens compress to less than a half.
pub(super) const LONGEST_TEXT: usize = 1 << 20;

/// Compresses a pack almost as well as the default level, in half of the time (docs/decisions/0053).
const LEVEL: u32 = 2;

/// The trailer of gzip: a checksum and the length, four bytes each (RFC 1952, 2.3.1).
const LENGTH: usize = 4;

/// Compresses a text. The same text gives the same bytes: the header holds no time.
pub(super) fn compress(text: &str) -> Result<Vec<u8>, PackError> {
    if text.len() > LONGEST_TEXT {
        return Err(PackError::TooLarge { bytes: text.len() });
    }
    // A vector that grows moves, and leaves copies behind. Data that cannot be compressed grows by less than this.
    let bytes = Vec::with_capacity(text.len() + text.len() / 1_000 + 64);
    let mut encoder = GzEncoder::new(bytes, Compression::new(LEVEL));
    // Writing to memory cannot fail.
    let compressed = encoder.write_all(text.as_bytes()).and_then(|()| encoder.finish());
    compressed.map_err(|_| PackError::TooLarge { bytes: text.len() })
}

/// Decompresses a value, at most to [`LONGEST_TEXT`].
pub(super) fn decompress(value: &[u8]) -> Result<Zeroizing<Vec<u8>>, PackError> {
    // What the value says about its own length is only used to reserve memory, so that the text never moves.
    let length = value.last_chunk::<LENGTH>().map_or(0, |bytes| u32::from_le_bytes(*bytes));
    let length = usize::try_from(length).unwrap_or(LONGEST_TEXT).min(LONGEST_TEXT);
    let mut text = Zeroizing::new(Vec::with_capacity(length + 1));
    let mut decoder = GzDecoder::new(value);
    let limit = u64::try_from(LONGEST_TEXT).unwrap_or(u64::MAX).saturating_add(1);
    decoder.by_ref().take(limit).read_to_end(&mut text).map_err(|_| PackError::NotGzip)?;
    if text.len() > LONGEST_TEXT {
        return Err(PackError::Inflated { limit: LONGEST_TEXT });
    }
    if decoder.into_inner().is_empty() { Ok(text) } else { Err(PackError::NotGzip) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_survives() {
        for text in ["", "{}", &"IGAA".repeat(10_000)] {
            assert_eq!(&**decompress(&compress(text).unwrap()).unwrap(), text.as_bytes());
        }
        assert_eq!(compress("{}").unwrap(), compress("{}").unwrap());
    }

    #[test]
    fn a_decompression_bomb_is_refused() {
        let bomb = |size: usize| {
            let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
            encoder.write_all(&vec![b' '; size]).unwrap();
            encoder.finish().unwrap()
        };
        let large = bomb(60 << 20);
        assert!(large.len() < 65_536, "{}", large.len());
        assert_eq!(decompress(&large), Err(PackError::Inflated { limit: LONGEST_TEXT }));
        assert_eq!(decompress(&bomb(LONGEST_TEXT)).map(|text| text.len()), Ok(LONGEST_TEXT));
        assert_eq!(compress(&" ".repeat(LONGEST_TEXT + 1)), Err(PackError::TooLarge { bytes: LONGEST_TEXT + 1 }));
    }

    #[test]
    fn damaged_data_is_refused() {
        let good = compress(r#"{"schema":1}"#).unwrap();
        assert_eq!(decompress(&[]), Err(PackError::NotGzip));
        assert_eq!(decompress(br#"{"schema":1}"#), Err(PackError::NotGzip));
        for end in 0..good.len() {
            assert_eq!(decompress(&good[..end]), Err(PackError::NotGzip), "{end}");
        }
        assert_eq!(decompress(&[&good[..], b"x"].concat()), Err(PackError::NotGzip));
        assert_eq!(decompress(&[&good[..], &good[..]].concat()), Err(PackError::NotGzip));
        let mut flipped = good.clone();
        let checksum = flipped.len() - 8;
        flipped[checksum] ^= 1;
        assert_eq!(decompress(&flipped), Err(PackError::NotGzip));
    }
}
