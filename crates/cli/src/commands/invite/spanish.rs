//! The Spanish texts of the page to print.

use time::Date;

use super::link_page::CardText;

pub(super) fn text(day: Date) -> CardText {
    CardText {
        heading: "Conectar Instagram",
        instruction: "Escanee el código con la cámara de su teléfono o abra este enlace:",
        validity: format!("Válido hasta el {}/{}/{}", day.day(), u8::from(day.month()), day.year()),
    }
}
