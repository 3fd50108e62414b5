//! When Lambda ends an invocation.

use time::OffsetDateTime;

/// Converts the deadline of an invocation, in milliseconds since 1970 (AWS, Lambda Runtime API,
/// `Lambda-Runtime-Deadline-Ms`), rounded down to a second. Returns `None` for zero, which means that there is none.
pub fn lambda_deadline(milliseconds: u64) -> Option<OffsetDateTime> {
    let seconds = i64::try_from(milliseconds / 1000).ok()?;
    OffsetDateTime::from_unix_timestamp(seconds).ok().filter(|_| seconds > 0)
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    use super::*;

    #[test]
    fn a_deadline_is_rounded_down_to_a_second() {
        assert_eq!(lambda_deadline(1_795_334_400_999), Some(datetime!(2026-11-22 08:00 UTC)));
    }

    #[test]
    fn zero_and_impossible_times_are_no_deadline() {
        for milliseconds in [0, 999, u64::MAX] {
            assert_eq!(lambda_deadline(milliseconds), None, "{milliseconds}");
        }
    }
}
