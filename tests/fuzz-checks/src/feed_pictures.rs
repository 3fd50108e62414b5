//! Pictures, as a link in Instagram's response may serve them. Only a picture within the limits is converted, and every
//! converted file is a valid picture with the stated size, at most as wide as the original, and without its metadata.
//!
//! `make fuzz` limits the memory and the time that an input may take.

use std::io::Cursor;

use evertoken_feed::convert::{ConvertedSize, PictureLimits, UnusablePicture, WIDTHS, convert};
use image::{ImageFormat, ImageReader};

/// Small, so that a fuzzer runs many conversions per second. `PictureLimits` states the memory for each pixel.
const LIMITS: PictureLimits = PictureLimits { bytes: 100_000, pixels: 250_000 };

/// Checks a picture.
pub fn check(data: &[u8]) -> bool {
    let converted = match convert(data, LIMITS) {
        Ok(converted) => converted,
        Err(reason) => {
            assert_ne!(reason, UnusablePicture::TooSlow, "only the thread that waits for a conversion gives up");
            return false;
        }
    };
    assert!(data.len() <= LIMITS.bytes);
    let (width, height) = dimensions(data, None);
    assert!(u64::from(width) * u64::from(height) <= LIMITS.pixels, "{width}x{height} pixels");
    // The orientation in the metadata may turn a picture.
    let largest = width.max(height);
    let widths: Vec<u32> = converted.sizes.iter().map(|size| size.width).collect();
    assert!(!widths.is_empty() && widths.is_sorted_by(|one, other| one < other), "{widths:?}");
    assert!(widths.iter().all(|one| WIDTHS.contains(one) || *one == width || *one == height), "{widths:?}");
    assert!(widths.iter().all(|one| *one <= largest), "{widths:?} of {width}x{height}");
    assert!(converted.hash.len() == 16 && converted.hash.chars().all(|digit| digit.is_ascii_hexdigit()));
    converted.sizes.iter().for_each(check_files);
    assert_eq!(convert(data, LIMITS), Ok(converted), "an unchanged picture must keep its content");
    true
}

fn check_files(size: &ConvertedSize) {
    for (file, format) in [(&size.webp, ImageFormat::WebP), (&size.jpeg, ImageFormat::Jpeg)] {
        assert_eq!(dimensions(file, Some(format)), (size.width, size.height));
    }
    // Only the extended format of WebP has room for metadata (WebP container specification).
    assert_eq!(&size.webp[12..16], b"VP8 ");
    let mut header = size.jpeg.windows(2).take_while(|marker| *marker != [0xff, 0xda]);
    assert!(header.all(|marker| marker != [0xff, 0xe1]), "a JPEG has a segment for Exif or XMP");
}

/// Returns the width and height of a picture, which must have this format if one is given.
fn dimensions(file: &[u8], format: Option<ImageFormat>) -> (u32, u32) {
    let reader = ImageReader::new(Cursor::new(file)).with_guessed_format().expect("memory");
    assert!(format.is_none() || reader.format() == format, "{:?}", reader.format());
    reader.into_dimensions().expect("a picture")
}
