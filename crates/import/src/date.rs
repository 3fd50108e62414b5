//! Dates as people write them.

use time::format_description::well_known::Rfc3339;
use time::macros::format_description;
use time::{Date, Duration, OffsetDateTime, Time};

/// Parses `now`, a day (`2026-11-22`, which starts at midnight UTC), a time (`2026-11-22T05:00:00Z`) or a Unix timestamp.
pub fn parse(text: &str, now: OffsetDateTime) -> Option<OffsetDateTime> {
    let text = text.trim();
    if text == "now" {
        return Some(now);
    }
    if let Ok(at) = OffsetDateTime::parse(text, &Rfc3339) {
        return at.to_offset(time::UtcOffset::UTC).replace_nanosecond(0).ok();
    }
    if let Ok(day) = Date::parse(text, format_description!("[year]-[month]-[day]")) {
        return Some(day.with_time(Time::MIDNIGHT).assume_utc());
    }
    text.parse().ok().and_then(|seconds| OffsetDateTime::from_unix_timestamp(seconds).ok())
}

/// Whether a token can have been issued or expire at this time, give or take some days for clocks and time zones. A wrong
/// year would be worse than no date: the token would not be refreshed until it has expired.
pub fn is_plausible(at: OffsetDateTime, now: OffsetDateTime) -> bool {
    (at - now).abs() <= Duration::days(70)
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    use super::*;

    #[test]
    fn parses_days_times_and_timestamps() {
        let now = datetime!(2026-11-22 09:00 UTC);
        let table = [
            ("now", Some(now)),
            (" 2026-11-20 ", Some(datetime!(2026-11-20 00:00 UTC))),
            ("2026-11-20T05:00:00.5+01:00", Some(datetime!(2026-11-20 04:00 UTC))),
            ("1795165200", Some(datetime!(2026-11-20 09:00 UTC))),
            ("yesterday", None),
            ("", None),
        ];
        for (text, expected) in table {
            assert_eq!(parse(text, now), expected, "{text}");
        }
    }

    /// 60 days of life and some days for clocks: a date a year off, or two, is a typing error.
    #[test]
    fn a_date_is_plausible_within_seventy_days() {
        let now = datetime!(2026-11-22 09:00 UTC);
        for (days, plausible) in [(0, true), (60, true), (70, true), (71, false), (365, false), (700, false)] {
            for days in [days, -days] {
                assert_eq!(is_plausible(now + Duration::days(days), now), plausible, "{days} days");
            }
        }
    }
}
