//! An event as JSON, in EventBridge's format.

use evertoken_core::events::{Event, SOURCE};
use serde_json::{Value, json};
use time::format_description::well_known::Rfc3339;

/// `source`, `detail-type`, `time` and `detail`.
pub(crate) fn envelope(event: &Event) -> Value {
    json!({
        "source": SOURCE,
        "detail-type": event.kind.as_str(),
        // Fails only for years after 9999.
        "time": event.at.format(&Rfc3339).unwrap_or_default(),
        "detail": event.detail(),
    })
}
