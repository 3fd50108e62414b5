use image::codecs::jpeg::JpegEncoder;
use image::codecs::png::PngEncoder;
use image::{ExtendedColorType, ImageEncoder, Rgba, RgbaImage};

use super::*;
use crate::sample;

const LIMITS: PictureLimits = PictureLimits { bytes: 2_000_000, pixels: 4_000_000 };

fn sizes(picture: &ConvertedPicture) -> Vec<(u32, u32)> {
    picture.sizes.iter().map(|size| (size.width, size.height)).collect()
}

fn decoded(bytes: &[u8]) -> RgbImage {
    image::load_from_memory(bytes).unwrap().into_rgb8()
}

/// An EXIF segment with an orientation, a text as a stand-in for the place, and nothing else.
fn exif(orientation: u8) -> Vec<u8> {
    let mut tiff = b"MM\0\x2a\0\0\0\x08\0\x02".to_vec();
    tiff.extend([0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, orientation, 0, 0]);
    tiff.extend([0x01, 0x0e, 0, 2, 0, 0, 0, 14, 0, 0, 0, 0x26]);
    tiff.extend([0, 0, 0, 0]);
    tiff.extend(b"GPS 52.5 13.4\0");
    tiff
}

fn assert_alike(size: &ConvertedSize, picture: &RgbImage) {
    for file in [&size.webp, &size.jpeg] {
        let copy = decoded(file);
        assert_eq!(copy.dimensions(), picture.dimensions());
        let differences =
            copy.as_raw().iter().zip(picture.as_raw()).map(|(one, other)| u64::from(one.abs_diff(*other)));
        let average = differences.sum::<u64>() / u64::try_from(copy.as_raw().len()).unwrap();
        assert!(average < 4, "the colors differ by {average}");
    }
}

#[test]
fn copies_look_like_the_original() {
    let picture = decoded(&sample::jpeg(301, 203));
    assert_alike(&convert(&sample::jpeg(301, 203), LIMITS).unwrap().sizes[0], &picture);
}

#[test]
fn a_picture_gets_three_sizes_in_two_formats() {
    let converted = convert(&sample::jpeg(1350, 1080), LIMITS).unwrap();
    assert_eq!(sizes(&converted), [(320, 256), (640, 512), (1080, 864)]);
    for size in &converted.sizes {
        for (bytes, format) in [(&size.webp, ImageFormat::WebP), (&size.jpeg, ImageFormat::Jpeg)] {
            assert_eq!(image::guess_format(bytes).unwrap(), format);
            assert_eq!(decoded(bytes).dimensions(), (size.width, size.height));
        }
    }
    assert_eq!(converted.hash.len(), 16);
    let Color([red, green, blue]) = converted.color;
    assert!(red.abs_diff(127) < 4 && green.abs_diff(127) < 4 && blue.abs_diff(120) < 4, "{}", converted.color);
}

#[test]
fn no_copy_is_larger_than_the_original() {
    let cases =
        [(200, vec![(200, 100)]), (640, vec![(320, 160), (640, 320)]), (800, vec![(320, 160), (640, 320), (800, 400)])];
    for (width, expected) in cases {
        assert_eq!(sizes(&convert(&sample::jpeg(width, width / 2), LIMITS).unwrap()), expected);
    }
    assert_eq!(sizes(&convert(&sample::jpeg(1, 1), LIMITS).unwrap()), [(1, 1)]);
    // The height of a line is at least one pixel.
    assert_eq!(sizes(&convert(&sample::jpeg(4000, 1), LIMITS).unwrap())[0], (320, 1));
}

#[test]
fn jpeg_png_and_webp_are_accepted() {
    for format in [ImageFormat::Jpeg, ImageFormat::Png, ImageFormat::WebP] {
        assert_eq!(sizes(&convert(&sample::encode(400, 300, format), LIMITS).unwrap()), [(320, 240), (400, 300)]);
    }
}

#[test]
fn the_orientation_is_applied_and_metadata_is_removed() {
    let picture = decoded(&sample::jpeg(300, 200));
    let mut bytes = Vec::new();
    let mut encoder = JpegEncoder::new(&mut bytes);
    encoder.set_exif_metadata(exif(6)).unwrap();
    encoder.write_image(picture.as_raw(), 300, 200, ExtendedColorType::Rgb8).unwrap();
    assert!(bytes.windows(3).any(|part| part == b"GPS"));
    let converted = convert(&bytes, LIMITS).unwrap();
    assert_eq!(sizes(&converted), [(200, 300)]);
    let size = &converted.sizes[0];
    // Red grows from left to right in the original, so from top to bottom after a turn to the right.
    let turned = decoded(&size.jpeg);
    let (top, bottom) = (turned.get_pixel(100, 10)[0], turned.get_pixel(100, 290)[0]);
    assert!(top < 40 && bottom > 200, "{top} {bottom}");
    for file in [&size.webp, &size.jpeg] {
        for trace in [&b"GPS"[..], b"Exif", b"EXIF", b"ICCP", b"XMP "] {
            assert!(!file.windows(trace.len()).any(|part| part == trace));
        }
    }
}

#[test]
fn transparent_pictures_get_a_white_background() {
    let mut bytes = Vec::new();
    let clear = RgbaImage::from_pixel(20, 10, Rgba([0, 0, 0, 0]));
    PngEncoder::new(&mut bytes).write_image(clear.as_raw(), 20, 10, ExtendedColorType::Rgba8).unwrap();
    assert_eq!(convert(&bytes, LIMITS).unwrap().color, Color([255, 255, 255]));
}

#[test]
fn gray_progressive_and_cmyk_jpegs_are_converted() {
    let mut gray = Vec::new();
    JpegEncoder::new(&mut gray).write_image(&[200; 400], 20, 20, ExtendedColorType::L8).unwrap();
    assert_eq!(convert(&gray, LIMITS).unwrap().color, Color([200, 200, 200]));

    let mut progressive = Vec::new();
    let picture = decoded(&sample::jpeg(201, 99));
    let mut encoder = Encoder::new(&mut progressive, 90);
    encoder.set_progressive(true);
    encoder.set_sampling_factor(SamplingFactor::R_4_2_0);
    encoder.encode(picture.as_raw(), 201, 99, ColorType::Rgb).unwrap();
    assert_alike(&convert(&progressive, LIMITS).unwrap().sizes[0], &picture);

    let mut cmyk = Vec::new();
    let black = [0, 0, 0, 255].repeat(400);
    Encoder::new(&mut cmyk, 90).encode(&black, 20, 20, ColorType::Cmyk).unwrap();
    let Color([red, green, blue]) = convert(&cmyk, LIMITS).unwrap().color;
    assert!(red < 16 && green < 16 && blue < 16, "{red} {green} {blue}");
}

#[test]
fn too_many_bytes_or_pixels_are_refused_before_they_are_decoded() {
    assert_eq!(convert(&vec![0; LIMITS.bytes + 1], LIMITS), Err(UnusablePicture::TooLarge));
    // 2.7 GB.
    assert_eq!(convert(&png_that_claims(30_000, 30_000), LIMITS), Err(UnusablePicture::TooLarge));
    assert_eq!(convert(&sample::jpeg(2001, 2000), LIMITS), Err(UnusablePicture::TooLarge));
    let mut jpeg = sample::jpeg(16, 16);
    let frame = jpeg.windows(2).position(|bytes| bytes == [0xff, 0xc0]).unwrap();
    jpeg[frame + 5..frame + 9].copy_from_slice(&[0xff, 0xff, 0xff, 0xff]);
    assert_eq!(convert(&jpeg, LIMITS), Err(UnusablePicture::TooLarge));
}

#[test]
fn the_default_limits_are_above_what_instagram_serves_and_protect_the_memory() {
    let limits = PictureLimits::default();
    assert!(convert(&sample::jpeg(1440, 1800), limits).is_ok());
    assert_eq!(convert(&vec![0; 20_000_001], limits), Err(UnusablePicture::TooLarge));
    assert_eq!(convert(&png_that_claims(5001, 5000), limits), Err(UnusablePicture::TooLarge));
}

/// A PNG whose header claims another size.
fn png_that_claims(width: u32, height: u32) -> Vec<u8> {
    let mut png = sample::encode(1, 1, ImageFormat::Png);
    png[16..20].copy_from_slice(&width.to_be_bytes());
    png[20..24].copy_from_slice(&height.to_be_bytes());
    let crc = png_crc(&png[12..29]);
    png[29..33].copy_from_slice(&crc.to_be_bytes());
    png
}

fn png_crc(bytes: &[u8]) -> u32 {
    let step = |crc: u32| if crc & 1 == 1 { (crc >> 1) ^ 0xedb8_8320 } else { crc >> 1 };
    !bytes.iter().fold(u32::MAX, |crc, byte| (0..8).fold(crc ^ u32::from(*byte), |crc, _| step(crc)))
}

#[test]
fn a_truncated_picture_is_refused_at_every_length() {
    for format in [ImageFormat::Jpeg, ImageFormat::Png, ImageFormat::WebP] {
        let whole = sample::encode(64, 48, format);
        for length in 0..whole.len() - 12 {
            assert!(convert(&whole[..length], LIMITS).is_err(), "{format:?}: {length} of {} bytes", whole.len());
        }
    }
    // The end of a thumbnail is not the end of the picture.
    let mut with_thumbnail = sample::jpeg(64, 48);
    let mut segment = vec![0xff, 0xe1, 0, 0];
    segment.extend(sample::jpeg(8, 8));
    let length = u16::try_from(segment.len() - 2).unwrap();
    segment[2..4].copy_from_slice(&length.to_be_bytes());
    with_thumbnail.splice(2..2, segment);
    assert!(convert(&with_thumbnail, LIMITS).is_ok());
    with_thumbnail.truncate(with_thumbnail.len() - 100);
    assert_eq!(convert(&with_thumbnail, LIMITS), Err(UnusablePicture::Damaged));
}

#[test]
fn other_formats_are_refused() {
    let svg = br#"<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>"#;
    let html = b"<!doctype html><title>Log in</title>";
    for bytes in [&svg[..], html, b"GIF89a\x01\0\x01\0\0\0\0;", b"\0\0\0\x18ftypmp42", b"BM", b"", b"RIFF\0\0\0\0WAVE"]
    {
        assert_eq!(convert(bytes, LIMITS), Err(UnusablePicture::OtherFormat), "{}", String::from_utf8_lossy(bytes));
    }
}

proptest::proptest! {
    #![proptest_config(proptest::test_runner::Config::with_cases(200))]
    #[test]
    fn damaged_pictures_never_panic(position in 0_usize..1500, value: u8, kind in 0_usize..3) {
        let format = [ImageFormat::Jpeg, ImageFormat::Png, ImageFormat::WebP][kind];
        let mut bytes = sample::encode(24, 24, format);
        let position = position % bytes.len();
        bytes[position] = value;
        let small = PictureLimits { bytes: 100_000, pixels: 100_000 };
        if let Ok(converted) = convert(&bytes, small) {
            proptest::prop_assert!(converted.sizes.iter().all(|size| size.width <= 1080));
        }
    }
}
