//! The page to print, with a QR code for each client.

use askama::Template;
use qrcode::render::svg;
use qrcode::{EcLevel, QrCode};
use time::OffsetDateTime;

use super::client_links::ClientLink;
use crate::error::{CliError, Result};

/// One HTML page with everything in it.
#[derive(Template)]
#[template(path = "invite-links.html")]
struct LinkPage<'a> {
    cards: Vec<Card<'a>>,
}

struct Card<'a> {
    language: &'static str,
    name: &'a str,
    note: Option<&'a str>,
    heading: &'static str,
    instruction: &'static str,
    validity: String,
    link: &'a str,
    /// The code as SVG.
    code: String,
}

pub(super) fn link_page(links: &[ClientLink], expires_at: OffsetDateTime) -> Result<String> {
    let cards = links.iter().map(|link| card(link, expires_at)).collect::<Result<_>>()?;
    LinkPage { cards }.render().map_err(CliError::Report)
}

fn card(ClientLink { client, link }: &ClientLink, expires_at: OffsetDateTime) -> Result<Card<'_>> {
    let (day, month, year) = (expires_at.day(), u8::from(expires_at.month()), expires_at.year());
    let language = client.language.unwrap_or("en");
    let (heading, instruction, validity) = match language {
        "de" => (
            "Instagram verbinden",
            "Scannen Sie den Code mit der Kamera Ihres Telefons, oder öffnen Sie diesen Link:",
            format!("Gültig bis {day}.{month}.{year}"),
        ),
        "es" => (
            "Conectar Instagram",
            "Escanee el código con la cámara de su teléfono o abra este enlace:",
            format!("Válido hasta el {day}/{month}/{year}"),
        ),
        _ => (
            "Connect Instagram",
            "Scan the code with your phone's camera, or open this link:",
            format!("Valid until {year}-{month:02}-{day:02}"),
        ),
    };
    let code = QrCode::with_error_correction_level(link.as_str(), EcLevel::L).map_err(|_| CliError::QrTooLong)?;
    let code = code.render::<svg::Color<'_>>().min_dimensions(280, 280).build();
    // Without the XML declaration, which HTML does not have.
    let code = code.find("<svg").and_then(|start| code.get(start..)).unwrap_or_default().to_owned();
    let (name, note) = (client.name.as_str(), client.note.as_deref());
    Ok(Card { language, name, note, heading, instruction, validity, link: link.as_str(), code })
}
