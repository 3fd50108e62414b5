//! The demo's numbers, checked. An error says what is allowed.

use std::ops::RangeInclusive;

use evertoken_simulation::{MOST_ACCOUNTS, MOST_DAYS};

pub(super) fn accounts(text: &str) -> Result<u32, String> {
    whole(text, 1..=MOST_ACCOUNTS, "a whole number of accounts from 1 to 10000")
}

pub(super) fn days(text: &str) -> Result<u32, String> {
    whole(text, 1..=MOST_DAYS, "a whole number of days from 1 to 3650")
}

pub(super) fn seed(text: &str) -> Result<u64, String> {
    text.trim().parse().map_err(|_| format!("a whole number from 0 to {} is allowed", u64::MAX))
}

/// `5`, `0.5` or `5%`.
pub(super) fn percent(text: &str) -> Result<f64, String> {
    let number = text.trim().trim_end_matches('%').trim_end().parse().ok();
    let allowed = number.filter(|number| (0.0..=100.0).contains(number));
    allowed.ok_or_else(|| "a number of percent from 0 to 100 is allowed".to_owned())
}

fn whole(text: &str, range: RangeInclusive<u32>, allowed: &str) -> Result<u32, String> {
    let number = text.trim().parse().ok().filter(|number| range.contains(number));
    number.ok_or_else(|| format!("{allowed} is allowed"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_in_range_is_taken() {
        assert_eq!((accounts("1"), accounts("10000"), days("3650")), (Ok(1), Ok(10_000), Ok(3_650)));
        assert_eq!((percent("0"), percent("2.5"), percent("100 %")), (Ok(0.0), Ok(2.5), Ok(100.0)));
        assert_eq!(seed("18446744073709551615"), Ok(u64::MAX));
    }

    #[test]
    fn anything_else_is_told_what_is_allowed() {
        for nonsense in ["", "0", "-1", "10001", "99999999999999999999", "1.5", "many", "1e3"] {
            assert_eq!(accounts(nonsense), Err("a whole number of accounts from 1 to 10000 is allowed".to_owned()));
        }
        for nonsense in ["", "0", "-3", "3651", "a year"] {
            assert_eq!(days(nonsense), Err("a whole number of days from 1 to 3650 is allowed".to_owned()));
        }
        for nonsense in ["", "-1", "100.1", "NaN", "inf", "5%x"] {
            assert_eq!(percent(nonsense), Err("a number of percent from 0 to 100 is allowed".to_owned()), "{nonsense}");
        }
        assert!(seed("-1").is_err() && seed("1.5").is_err());
    }
}
