//! The versions of the Graph API.

use time::macros::date;
use time::{Date, OffsetDateTime};

/// The versions and the day on which each expires (Meta, Graph API changelog). Meta serves a request for an expired version
/// with a younger one. The sandbox rejects it, to make an outdated version visible.
const VERSIONS: [(&str, Option<Date>); 6] = [
    ("v21.0", Some(date!(2027 - 01 - 21))),
    ("v22.0", Some(date!(2027 - 05 - 20))),
    ("v23.0", Some(date!(2027 - 10 - 08))),
    ("v24.0", Some(date!(2028 - 02 - 18))),
    ("v25.0", Some(date!(2028 - 07 - 29))),
    ("v26.0", None),
];

pub(crate) fn is_supported(version: &str, now: OffsetDateTime) -> bool {
    let is_current = |expires_on: Option<Date>| expires_on.is_none_or(|day| now.date() < day);
    VERSIONS.iter().any(|(known, expires_on)| *known == version && is_current(*expires_on))
}
