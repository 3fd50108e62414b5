//! An event as JSON, in the words of EventBridge's own envelope.

use evertoken_core::events::{Event, SOURCE};
use serde_json::{Value, json};
use time::format_description::well_known::Rfc3339;

/// `source`, `detail-type`, `time` and `detail`.
pub(crate) fn envelope(event: &Event) -> Value {
    json!({
        "source": SOURCE,
        "detail-type": event.kind.as_str(),
        // Fails for years beyond 9999 only.
        "time": event.at.format(&Rfc3339).unwrap_or_default(),
        "detail": event.detail(),
    })
}
