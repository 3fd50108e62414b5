//! The Spanish texts of the page to print.

use super::link_page::{CardText, Validity};

pub(super) fn text(Validity { last_day, time }: &Validity) -> CardText {
    let time = time.as_ref().map_or_else(String::new, |time| format!(" a las {time} (UTC)"));
    CardText {
        heading: "Conectar Instagram",
        instruction: "Escanee el código con la cámara de su teléfono o abra este enlace:",
        validity: format!(
            "Válido hasta el {}/{}/{}{time}",
            last_day.day(),
            u8::from(last_day.month()),
            last_day.year()
        ),
    }
}
