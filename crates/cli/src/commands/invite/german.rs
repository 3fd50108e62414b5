//! The German texts of the page to print.

use super::link_page::{CardText, Validity};

pub(super) fn text(Validity { last_day, time }: &Validity) -> CardText {
    let time = time.as_ref().map_or_else(String::new, |time| format!(", {time} Uhr (UTC)"));
    CardText {
        heading: "Instagram verbinden",
        instruction: "Scannen Sie den Code mit der Kamera Ihres Telefons, oder öffnen Sie diesen Link:",
        validity: format!("Gültig bis {}.{}.{}{time}", last_day.day(), u8::from(last_day.month()), last_day.year()),
    }
}
