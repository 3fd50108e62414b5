//! A link as a QR code.

use anstyle::{AnsiColor, Color, Style};
use qrcode::render::unicode::Dense1x2;
use qrcode::{EcLevel, QrCode};
use terminal_size::{Height, Width, terminal_size_of};

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
    if let Some((Width(width), Height(height))) = terminal_size_of(std::io::stdout())
        && let Some(warning) = too_small(&picture, width.into(), height.into())
    {
        output::warning(&warning);
        return Ok(());
    }
    let style = if has_colors { BLACK_ON_WHITE } else { Style::new() };
    for line in picture.lines() {
        output::styled(&format!("{style}{line}{style:#}"))?;
    }
    Ok(())
}

/// The warning for a code that a camera could not see as a whole.
fn too_small(picture: &str, width: usize, height: usize) -> Option<String> {
    let columns = picture.lines().map(|line| line.chars().count()).max().unwrap_or(0);
    let lines = picture.lines().count();
    // The link above and the prompt below may scroll away, the code may not.
    (columns > width || lines >= height).then(|| {
        format!(
            "the QR code needs {columns} columns and {} lines, and this terminal has {width} and {height}. Use a smaller \
             font, a larger window or a shorter --note, and try again.",
            lines + 1
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_that_does_not_fit_is_not_printed() {
        let picture = ["█▀█"; 3].join("\n");
        assert_eq!(too_small(&picture, 3, 4), None);
        for (width, height) in [(2, 4), (3, 3), (0, 0)] {
            let warning = too_small(&picture, width, height).unwrap();
            assert!(
                warning.contains(&format!("needs 3 columns and 4 lines, and this terminal has {width} and {height}"))
            );
        }
    }
}
