//! Converts a downloaded picture to the sizes and formats of a feed. The picture comes from elsewhere and may be anything.

use std::io::Cursor;

use fast_image_resize::images::{Image, ImageRef};
use fast_image_resize::{FilterType, PixelType, ResizeAlg, ResizeOptions, Resizer};
use image::{DynamicImage, ImageDecoder, ImageFormat, ImageReader, Limits, Rgb, RgbImage};
use jpeg_encoder::{ColorType, Encoder, SamplingFactor};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::file_path::PictureFormat;
use crate::picture::Color;

/// The widths of a feed's pictures in pixels.
pub const WIDTHS: [u32; 3] = [320, 640, 1080];

/// WebP and JPEG with these qualities look alike (docs/decisions/0048).
const WEBP_QUALITY: f32 = 75.0;
const JPEG_QUALITY: u8 = 80;

/// libwebp's effort from 0 to 6 (docs/decisions/0048).
const WEBP_METHOD: i32 = 2;

/// The largest width and height that WebP supports.
const LONGEST_SIDE: u32 = 16_383;

/// The limits of a picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PictureLimits {
    /// The largest file in bytes.
    pub bytes: usize,
    /// The largest number of pixels. A pixel takes up to 16 bytes of memory while it is converted.
    pub pixels: u64,
}

impl Default for PictureLimits {
    /// Instagram's own limit for an upload is 8 MB, and its pictures are at most 1,440 pixels wide.
    fn default() -> Self {
        Self { bytes: 20_000_000, pixels: 25_000_000 }
    }
}

/// Why a picture cannot be shown. Its post is shown as a link.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, thiserror::Error)]
#[serde(rename_all = "snake_case")]
pub enum UnusablePicture {
    /// More bytes or pixels than allowed.
    #[error("the picture is too large")]
    TooLarge,
    /// Not a JPEG, PNG or WebP picture.
    #[error("the file is not a JPEG, PNG or WebP picture")]
    OtherFormat,
    /// The file is truncated or damaged, or uses a feature that the decoder does not support.
    #[error("the picture is damaged")]
    Damaged,
    /// The conversion took too long.
    #[error("the conversion took too long")]
    TooSlow,
}

/// One picture in all sizes and formats.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConvertedPicture {
    /// The first 16 hex digits of the original's SHA-256.
    pub hash: String,
    /// The average color.
    pub color: Color,
    /// The sizes, smallest first.
    pub sizes: Vec<ConvertedSize>,
}

/// One size of a picture.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConvertedSize {
    /// Width in pixels.
    pub width: u32,
    /// Height in pixels.
    pub height: u32,
    /// The WebP file.
    pub webp: Vec<u8>,
    /// The JPEG file.
    pub jpeg: Vec<u8>,
}

impl ConvertedSize {
    /// The file in a format.
    pub fn file(&self, format: PictureFormat) -> &[u8] {
        match format {
            PictureFormat::Webp => &self.webp,
            PictureFormat::Jpeg => &self.jpeg,
        }
    }
}

/// Converts a picture. Metadata such as the place where it was taken is not copied, and the orientation that it records is
/// applied.
pub fn convert(bytes: &[u8], limits: PictureLimits) -> Result<ConvertedPicture, UnusablePicture> {
    if bytes.len() > limits.bytes {
        return Err(UnusablePicture::TooLarge);
    }
    let original = decode(bytes, limits)?;
    let mut widths: Vec<u32> = WIDTHS.iter().map(|width| (*width).min(original.width())).collect();
    widths.dedup();
    // Each size is made from the next larger one, which saves half of the time and looks the same.
    let mut sizes = Vec::new();
    let mut larger = original;
    for width in widths.into_iter().rev() {
        larger = resize(larger, width)?;
        sizes.push(encode(&larger)?);
    }
    sizes.reverse();
    let hash = hex::encode(Sha256::digest(bytes)).chars().take(16).collect();
    Ok(ConvertedPicture { hash, color: average(&larger), sizes })
}

fn decode(bytes: &[u8], limits: PictureLimits) -> Result<RgbImage, UnusablePicture> {
    let reader = ImageReader::new(Cursor::new(bytes)).with_guessed_format().map_err(|_| UnusablePicture::Damaged)?;
    match reader.format() {
        Some(ImageFormat::Jpeg) if is_truncated(bytes) => return Err(UnusablePicture::Damaged),
        Some(ImageFormat::Jpeg | ImageFormat::Png | ImageFormat::WebP) => {}
        _ => return Err(UnusablePicture::OtherFormat),
    }
    let mut decoder = reader.into_decoder().map_err(|_| UnusablePicture::Damaged)?;
    let (width, height) = decoder.dimensions();
    let is_too_large = width.max(height) > LONGEST_SIDE || u64::from(width) * u64::from(height) > limits.pixels;
    if is_too_large {
        return Err(UnusablePicture::TooLarge);
    }
    let mut memory = Limits::default();
    memory.max_alloc = Some(limits.pixels.saturating_mul(8));
    decoder.set_limits(memory).map_err(|_| UnusablePicture::TooLarge)?;
    // A picture whose metadata is damaged is shown as it is.
    let orientation = decoder.orientation().ok();
    let mut picture = DynamicImage::from_decoder(decoder).map_err(|_| UnusablePicture::Damaged)?;
    if let Some(orientation) = orientation {
        picture.apply_orientation(orientation);
    }
    Ok(if picture.color().has_alpha() { on_white(&picture) } else { picture.into_rgb8() })
}

/// Whether a JPEG's end is missing. The decoder would fill the rest of the picture with gray.
///
/// The marker of the end cannot stand in the data of a scan, but a thumbnail before the scan may contain it.
fn is_truncated(jpeg: &[u8]) -> bool {
    let last = |marker: [u8; 2]| jpeg.windows(2).rposition(|bytes| bytes == marker);
    last([0xff, 0xd9]) < last([0xff, 0xda])
}

fn on_white(picture: &DynamicImage) -> RgbImage {
    let blend = |value: u8, alpha: u8| {
        let (value, alpha) = (u32::from(value), u32::from(alpha));
        u8::try_from((value * alpha + 255 * (255 - alpha)) / 255).unwrap_or(u8::MAX)
    };
    let rgba = picture.to_rgba8();
    let pixels = rgba.pixels().flat_map(|pixel| {
        let [red, green, blue, alpha] = pixel.0;
        [blend(red, alpha), blend(green, alpha), blend(blue, alpha)]
    });
    RgbImage::from_raw(rgba.width(), rgba.height(), pixels.collect()).unwrap_or_default()
}

fn resize(picture: RgbImage, width: u32) -> Result<RgbImage, UnusablePicture> {
    if picture.width() == width {
        return Ok(picture);
    }
    let exact = u64::from(picture.height()) * u64::from(width);
    let half = u64::from(picture.width()) / 2;
    let height = (exact + half).checked_div(u64::from(picture.width())).and_then(|height| u32::try_from(height).ok());
    let height = height.ok_or(UnusablePicture::Damaged)?.max(1);
    let source = ImageRef::new(picture.width(), picture.height(), picture.as_raw(), PixelType::U8x3);
    let source = source.map_err(|_| UnusablePicture::Damaged)?;
    let mut target = Image::new(width, height, PixelType::U8x3);
    let options = ResizeOptions::new().resize_alg(ResizeAlg::Convolution(FilterType::Lanczos3));
    Resizer::new().resize(&source, &mut target, &options).map_err(|_| UnusablePicture::Damaged)?;
    RgbImage::from_raw(width, height, target.into_vec()).ok_or(UnusablePicture::Damaged)
}

fn encode(picture: &RgbImage) -> Result<ConvertedSize, UnusablePicture> {
    let (width, height) = picture.dimensions();
    let mut config = webp::WebPConfig::new().map_err(|()| UnusablePicture::Damaged)?;
    config.quality = WEBP_QUALITY;
    config.method = WEBP_METHOD;
    let webp = webp::Encoder::from_rgb(picture.as_raw(), width, height).encode_advanced(&config);
    let webp = webp.map_err(|_| UnusablePicture::Damaged)?.to_vec();
    let mut jpeg = Vec::new();
    let mut encoder = Encoder::new(&mut jpeg, JPEG_QUALITY);
    encoder.set_sampling_factor(SamplingFactor::R_4_2_0);
    let short = |side| u16::try_from(side).map_err(|_| UnusablePicture::TooLarge);
    let written = encoder.encode(picture.as_raw(), short(width)?, short(height)?, ColorType::Rgb);
    written.map_err(|_| UnusablePicture::Damaged)?;
    Ok(ConvertedSize { width, height, webp, jpeg })
}

fn average(picture: &RgbImage) -> Color {
    let mut sums = [0_u64; 3];
    for Rgb(channels) in picture.pixels() {
        for (sum, channel) in sums.iter_mut().zip(channels) {
            *sum += u64::from(*channel);
        }
    }
    let pixels = u64::from(picture.width()) * u64::from(picture.height());
    Color(sums.map(|sum| u8::try_from(sum / pixels.max(1)).unwrap_or(u8::MAX)))
}

#[cfg(test)]
mod tests;
