//! The German texts of the page to print.

use time::Date;

use super::link_page::CardText;

pub(super) fn text(day: Date) -> CardText {
    CardText {
        heading: "Instagram verbinden",
        instruction: "Scannen Sie den Code mit der Kamera Ihres Telefons, oder öffnen Sie diesen Link:",
        validity: format!("Gültig bis {}.{}.{}", day.day(), u8::from(day.month()), day.year()),
    }
}
