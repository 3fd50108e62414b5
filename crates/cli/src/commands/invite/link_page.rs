//! The page to print, with a QR code for each client.

use askama::Template;
use qrcode::render::svg;
use qrcode::{EcLevel, QrCode};
use time::OffsetDateTime;

use super::client_links::ClientLink;
use super::{german, spanish};
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
    text: CardText,
    link: &'a str,
    /// The code as SVG.
    code: String,
}

/// The texts in the client's language.
pub(super) struct CardText {
    pub(super) heading: &'static str,
    pub(super) instruction: &'static str,
    pub(super) validity: String,
}

pub(super) fn link_page(links: &[ClientLink], expires_at: OffsetDateTime) -> Result<String> {
    let cards = links.iter().map(|link| card(link, expires_at)).collect::<Result<_>>()?;
    LinkPage { cards }.render().map_err(CliError::Report)
}

fn card(ClientLink { client, link }: &ClientLink, expires_at: OffsetDateTime) -> Result<Card<'_>> {
    let language = client.language.unwrap_or("en");
    let day = expires_at.date();
    let text = match language {
        "de" => german::text(day),
        "es" => spanish::text(day),
        _ => CardText {
            heading: "Connect Instagram",
            instruction: "Scan the code with your phone's camera, or open this link:",
            validity: format!("Valid until {day}"),
        },
    };
    let code = QrCode::with_error_correction_level(link.as_str(), EcLevel::L).map_err(|_| CliError::QrTooLong)?;
    let code = code.render::<svg::Color<'_>>().min_dimensions(280, 280).build();
    // Without the XML declaration, which HTML does not have.
    let code = code.find("<svg").and_then(|start| code.get(start..)).unwrap_or_default().to_owned();
    let (name, note) = (client.name.as_str(), client.note.as_deref());
    Ok(Card { language, name, note, text, link: link.as_str(), code })
}
