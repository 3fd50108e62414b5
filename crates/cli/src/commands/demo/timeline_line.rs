//! An event of the simulated year as a line of text.

use evertoken_simulation::TimelineEntry;
use time::Date;

/// For example "2026-11-22  shop-007: owner changed the password".
pub(super) fn timeline_line(date: Date, entry: &TimelineEntry) -> String {
    format!("{date}  {}: {}", affected(entry), entry.event.description())
}

/// The account, or "all".
pub(super) fn affected(entry: &TimelineEntry) -> &str {
    entry.account.as_deref().unwrap_or("all")
}
