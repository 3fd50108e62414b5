//! Draws pictures: a symmetric pattern of colored squares, different for each post.

use jpeg_encoder::{ColorType, Encoder};

/// Squares in a row of the pattern.
const SQUARES: u16 = 7;

/// Quality of the JPEG in percent, about that of Instagram's pictures.
const QUALITY: u8 = 80;

type Color = [u8; 3];

/// A JPEG of this size, in pixels. The same `seed` and size always give the same bytes. `None` if a side is 0.
pub(crate) fn draw(seed: u64, width: u16, height: u16) -> Option<Vec<u8>> {
    let pattern = Pattern::new(seed);
    let square = (width / SQUARES).max(1);
    let columns: Vec<u16> = (0..width).map(|x| x / square).collect();
    let mut pixels = Vec::with_capacity(usize::from(width) * usize::from(height) * 3);
    let mut row_of_pixels = Vec::new();
    for y in 0..height {
        if y % square == 0 {
            row_of_pixels = columns.iter().flat_map(|column| pattern.color(*column, y / square)).collect();
        }
        pixels.extend_from_slice(&row_of_pixels);
    }
    let mut jpeg = Vec::new();
    Encoder::new(&mut jpeg, QUALITY).encode(&pixels, width, height, ColorType::Rgb).ok()?;
    Some(jpeg)
}

struct Pattern {
    bits: u64,
    ground: Color,
    ink: Color,
}

impl Pattern {
    fn new(seed: u64) -> Self {
        // splitmix64: neighboring seeds give different patterns.
        let mixed = (seed ^ (seed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        let bits = mixed ^ (mixed >> 31);
        let [red, green, blue, ..] = bits.to_le_bytes();
        let pale = |channel: u8| 160 + channel / 3;
        let deep = |channel: u8| channel / 2;
        Self { bits, ground: [pale(red), pale(green), pale(blue)], ink: [deep(blue), deep(red), deep(green)] }
    }

    /// The color of a square. The pattern is symmetric, so the columns count from the nearer side.
    fn color(&self, column: u16, row: u16) -> Color {
        let column = column.min((SQUARES - 1).saturating_sub(column));
        let bit = u32::from(column + row * SQUARES.div_ceil(2)) % u64::BITS;
        if self.bits.rotate_right(bit) & 1 == 0 { self.ground } else { self.ink }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Width and height in the frame header of a baseline JPEG (ITU T.81, B.2.2).
    fn size(jpeg: &[u8]) -> (u16, u16) {
        let frame = jpeg.windows(2).position(|marker| marker == [0xff, 0xc0]).unwrap();
        let number = |at: usize| u16::from_be_bytes([jpeg[frame + at], jpeg[frame + at + 1]]);
        (number(7), number(5))
    }

    #[test]
    fn draws_a_different_jpeg_of_the_given_size_for_each_post() {
        for (width, height) in [(1080, 566), (240, 300), (1, 1), (5, 40)] {
            let pictures: Vec<_> = (1..=20).map(|seed| draw(seed, width, height).unwrap()).collect();
            for jpeg in &pictures {
                assert!(jpeg.starts_with(&[0xff, 0xd8]) && jpeg.ends_with(&[0xff, 0xd9]));
                assert_eq!(size(jpeg), (width, height));
            }
            assert_eq!(draw(1, width, height).as_ref(), pictures.first());
            if width > 5 {
                let different: std::collections::HashSet<_> = pictures.iter().collect();
                assert_eq!(different.len(), pictures.len());
            }
        }
        assert_eq!(draw(1, 0, 5), None);
    }
}
