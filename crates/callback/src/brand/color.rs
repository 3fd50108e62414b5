//! The operator's color, with the shades that keep text readable (WCAG 2.2, success criteria 1.4.3 and 1.4.11).

use std::fmt;

/// The lowest contrast of text (WCAG 2.2, success criterion 1.4.3, level AA).
const READABLE: f64 = 4.5;

/// The darkest surface behind text in the light color scheme, and the lightest one in the dark color scheme: `--ground` and
/// `--card` of the style sheet.
const LIGHT_SURFACE: Rgb = Rgb([0xf6, 0xf6, 0xf4]);
const DARK_SURFACE: Rgb = Rgb([0x20, 0x20, 0x1e]);

const BLACK: Rgb = Rgb([0; 3]);
const WHITE: Rgb = Rgb([255; 3]);

/// A color for buttons and links.
///
/// Buttons have exactly this color, with black or white text, whichever is easier to read: one of the two always is. Links,
/// borders and the focus outline take the nearest shade that is readable on the page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BrandColor(Rgb);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Rgb([u8; 3]);

impl BrandColor {
    /// Parses `#rrggbb`.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let digits = text.strip_prefix('#').filter(|digits| digits.len() == 6)?;
        if !digits.bytes().all(|digit| digit.is_ascii_hexdigit()) {
            return None;
        }
        let [_, red, green, blue] = u32::from_str_radix(digits, 16).ok()?.to_be_bytes();
        Some(Self(Rgb([red, green, blue])))
    }

    /// The declarations that replace those of the style sheet.
    pub(crate) fn style(self) -> String {
        let Self(color) = self;
        let text = if color.contrast(WHITE) >= color.contrast(BLACK) { WHITE } else { BLACK };
        let (light, dark) = (color.readable_on(LIGHT_SURFACE, BLACK), color.readable_on(DARK_SURFACE, WHITE));
        format!(
            ":root {{ --button: {color}; --on-button: {text}; --accent: {light}; }}\n\
             @media (prefers-color-scheme: dark) {{ :root {{ --accent: {dark}; }} }}\n"
        )
    }
}

impl Rgb {
    /// The relative luminance, from 0 to 1 (WCAG 2.2, "relative luminance").
    fn luminance(self) -> f64 {
        let linear = |channel: u8| {
            let value = f64::from(channel) / 255.0;
            if value <= 0.04045 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) }
        };
        let Self([red, green, blue]) = self;
        0.2126 * linear(red) + 0.7152 * linear(green) + 0.0722 * linear(blue)
    }

    /// The contrast ratio, from 1 to 21 (WCAG 2.2, "contrast ratio").
    fn contrast(self, other: Self) -> f64 {
        let (one, other) = (self.luminance(), other.luminance());
        (one.max(other) + 0.05) / (one.min(other) + 0.05)
    }

    /// Mixed with `end`, which is black or white, in twentieths until it is readable.
    fn readable_on(self, surface: Self, end: Self) -> Self {
        let shades = (0..=20).map(|twentieths| self.mix(end, twentieths));
        shades.into_iter().find(|shade| shade.contrast(surface) >= READABLE).unwrap_or(end)
    }

    fn mix(self, end: Self, twentieths: u16) -> Self {
        let Self([red, green, blue]) = self;
        let Self([end_red, end_green, end_blue]) = end;
        let channel = |from: u8, to: u8| {
            let sum = u16::from(from) * (20 - twentieths) + u16::from(to) * twentieths;
            u8::try_from(sum / 20).unwrap_or(to)
        };
        Self([channel(red, end_red), channel(green, end_green), channel(blue, end_blue)])
    }
}

impl fmt::Display for Rgb {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self([red, green, blue]) = self;
        write!(f, "#{red:02x}{green:02x}{blue:02x}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pages::STYLE;

    fn color(text: &str) -> Rgb {
        BrandColor::parse(text).unwrap().0
    }

    /// The value of a custom property: its first definition is for the light scheme, its second one for the dark scheme.
    fn property(style: &str, name: &str, definition: usize) -> Rgb {
        let value = style.split(&format!("{name}: ")).nth(definition + 1).unwrap();
        let value = value.split(';').next().unwrap();
        match value.strip_prefix('#').filter(|digits| digits.len() == 3) {
            Some(digits) => color(&format!("#{}", digits.chars().flat_map(|c| [c, c]).collect::<String>())),
            None => color(value),
        }
    }

    /// WCAG 2.2's own examples: black on white is 21, and #767676 is the lightest gray that is readable on white.
    #[test]
    fn contrast_follows_wcag() {
        assert!((BLACK.contrast(WHITE) - 21.0).abs() < 1e-9);
        assert!(color("#767676").contrast(WHITE) >= 4.5 && color("#777777").contrast(WHITE) < 4.5);
        // Very dark colors have a formula of their own: 10 / 255 / 12.92.
        assert!((color("#0a0a0a").luminance() - 0.003_035).abs() < 1e-6);
    }

    #[test]
    fn text_is_readable_with_every_color_in_both_color_schemes() {
        for step in 0..=0xffu32 {
            // Covers each channel without trying all 16 million colors.
            let text = format!("#{:06x}", step.wrapping_mul(0x01_03_07) & 0xff_ffff);
            let style = BrandColor::parse(&text).unwrap().style();
            let [button, on_button] = ["--button", "--on-button"].map(|name| property(&style, name, 0));
            assert_eq!(button, color(&text), "a button keeps the operator's color");
            assert!(button.contrast(on_button) >= 4.5, "{style}");
            assert!(property(&style, "--accent", 0).contrast(LIGHT_SURFACE) >= 4.5, "{style}");
            assert!(property(&style, "--accent", 1).contrast(DARK_SURFACE) >= 4.5, "{style}");
        }
    }

    #[test]
    fn a_readable_color_stays_as_it_is_and_a_pale_one_is_darkened_for_links() {
        let style = BrandColor::parse("#0A5C36").unwrap().style();
        assert!(style.starts_with(":root { --button: #0a5c36; --on-button: #ffffff; --accent: #0a5c36; }"), "{style}");
        let style = BrandColor::parse("#ffd400").unwrap().style();
        assert!(style.starts_with(":root { --button: #ffd400; --on-button: #000000; --accent: #7f6a00; }"), "{style}");
    }

    #[test]
    fn the_colors_of_the_style_sheet_are_readable() {
        assert_eq!(property(STYLE, "--ground", 0), LIGHT_SURFACE);
        assert_eq!(property(STYLE, "--card", 1), DARK_SURFACE);
        for scheme in [0, 1] {
            let property = |name| property(STYLE, name, scheme);
            for surface in ["--ground", "--card"].map(property) {
                for text in ["--ink", "--quiet", "--accent", "--success"].map(property) {
                    assert!(text.contrast(surface) >= 4.5, "{text} on {surface}");
                }
            }
            assert!(property("--on-button").contrast(property("--button")) >= 4.5);
            assert!(property("--ink").contrast(property("--code")) >= 4.5);
        }
    }
}
