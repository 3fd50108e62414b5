//! A link as a QR code, for a telephone that is held before the terminal.

use anstyle::{AnsiColor, Color, Style};
use anyhow::{Context, Result};
use qrcode::render::unicode::Dense1x2;
use qrcode::{EcLevel, QrCode};

use super::output;

/// Light is white and dark is black, whatever the terminal's own colours are.
const PAPER: Style =
    Style::new().fg_color(Some(Color::Ansi(AnsiColor::Black))).bg_color(Some(Color::Ansi(AnsiColor::BrightWhite)));

/// Prints it, two modules above each other in a character. Without colours it is made for light text on a dark ground.
pub(crate) fn print(link: &str) -> Result<()> {
    // The least correction: a screen is neither torn nor dirty, and the code must fit on it.
    let code = QrCode::with_error_correction_level(link, EcLevel::L)
        .context("the link is too long for a QR code; give a shorter --note")?;
    let coloured = output::has_colours();
    // With our own ground, ink is dark; else it is the terminal's text, which is light on most.
    let (dark, light) = if coloured { (Dense1x2::Dark, Dense1x2::Light) } else { (Dense1x2::Light, Dense1x2::Dark) };
    let picture = code.render::<Dense1x2>().dark_color(dark).light_color(light).build();
    let style = if coloured { PAPER } else { Style::new() };
    for line in picture.lines() {
        output::styled(&format!("{style}{line}{style:#}"))?;
    }
    Ok(())
}
