//! A link as a QR code.

use anstyle::{AnsiColor, Color, Style};
use qrcode::render::unicode::Dense1x2;
use qrcode::{EcLevel, QrCode};

use super::output;
use crate::error::{CliError, Result};

/// Black on white, whatever the colors of the terminal are.
const BLACK_ON_WHITE: Style =
    Style::new().fg_color(Some(Color::Ansi(AnsiColor::Black))).bg_color(Some(Color::Ansi(AnsiColor::BrightWhite)));

/// Prints a QR code with two modules per character. Without colors, it assumes light text on a dark background.
pub(crate) fn print(link: &str) -> Result<()> {
    // The lowest error correction, because a screen has no scratches and the code has to fit on it.
    let code = QrCode::with_error_correction_level(link, EcLevel::L).map_err(|_| CliError::QrTooLong)?;
    let has_colors = output::has_colors();
    let (dark, light) = if has_colors { (Dense1x2::Dark, Dense1x2::Light) } else { (Dense1x2::Light, Dense1x2::Dark) };
    let picture = code.render::<Dense1x2>().dark_color(dark).light_color(light).build();
    let style = if has_colors { BLACK_ON_WHITE } else { Style::new() };
    for line in picture.lines() {
        output::styled(&format!("{style}{line}{style:#}"))?;
    }
    Ok(())
}
