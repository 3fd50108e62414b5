//! The page to print, with a QR code for each client.

use askama::Template;
use qrcode::render::svg;
use qrcode::{EcLevel, QrCode};
use time::{Date, Duration, OffsetDateTime};

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

/// How long the links are valid, as the page says it.
pub(super) struct Validity {
    /// The last whole day, or the day of the time.
    pub(super) last_day: Date,
    /// Hour and minute in UTC, for links that are valid for a day at most.
    pub(super) time: Option<String>,
}

impl Validity {
    fn until(expires_at: OffsetDateTime, now: OffsetDateTime) -> Self {
        if expires_at - now > Duration::DAY {
            return Self { last_day: (expires_at - Duration::DAY).date(), time: None };
        }
        let time = format!("{:02}:{:02}", expires_at.hour(), expires_at.minute());
        Self { last_day: expires_at.date(), time: Some(time) }
    }
}

pub(super) fn link_page(links: &[ClientLink], expires_at: OffsetDateTime, now: OffsetDateTime) -> Result<String> {
    let validity = Validity::until(expires_at, now);
    let cards = links.iter().map(|link| card(link, &validity)).collect::<Result<_>>()?;
    LinkPage { cards }.render().map_err(CliError::Report)
}

fn card<'a>(ClientLink { client, link }: &'a ClientLink, validity: &Validity) -> Result<Card<'a>> {
    let language = client.language.unwrap_or("en");
    let text = card_text(language, validity);
    let code = QrCode::with_error_correction_level(link.as_str(), EcLevel::L).map_err(|_| CliError::QrTooLong)?;
    let code = code.render::<svg::Color<'_>>().min_dimensions(280, 280).build();
    // Without the XML declaration, which HTML does not have.
    let code = code.find("<svg").and_then(|start| code.get(start..)).unwrap_or_default().to_owned();
    let (name, note) = (client.name.as_str(), client.note.as_deref());
    Ok(Card { language, name, note, text, link: link.as_str(), code })
}

fn card_text(language: &str, validity: &Validity) -> CardText {
    match language {
        "de" => german::text(validity),
        "es" => spanish::text(validity),
        _ => {
            let time = validity.time.as_ref().map_or_else(String::new, |time| format!(", {time} UTC"));
            CardText {
                heading: "Connect Instagram",
                instruction: "Scan the code with your phone's camera, or open this link:",
                validity: format!("Valid until {}{time}", validity.last_day),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    use super::*;

    /// A link that expires in the morning is not valid on that day.
    #[test]
    fn names_the_last_whole_day_or_the_time() {
        let now = datetime!(2026-11-22 17:30 UTC);
        for (hours, language, validity) in [
            (7 * 24, "en", "Valid until 2026-11-28"),
            (7 * 24, "de", "Gültig bis 28.11.2026"),
            (7 * 24, "es", "Válido hasta el 28/11/2026"),
            (25, "en", "Valid until 2026-11-22"),
            (24, "en", "Valid until 2026-11-23, 17:30 UTC"),
            (12, "en", "Valid until 2026-11-23, 05:30 UTC"),
            (12, "de", "Gültig bis 23.11.2026, 05:30 Uhr (UTC)"),
            (12, "es", "Válido hasta el 23/11/2026 a las 05:30 (UTC)"),
        ] {
            let end = Validity::until(now + Duration::hours(hours), now);
            assert_eq!(card_text(language, &end).validity, validity);
        }
    }
}
