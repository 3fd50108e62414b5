//! The header `X-Business-Use-Case-Usage`, a JSON object with a list of budgets for each id (Meta, "Rate Limits").

use evertoken_core::media::CallUsage;
use reqwest::header::HeaderMap;
use serde_json::Value;
use time::Duration;

/// Whole percentages of a budget.
const PERCENTAGES: [&str; 3] = ["call_count", "total_cputime", "total_time"];

/// A week, in minutes. A longer wait is implausible.
const LONGEST_WAIT: u64 = 7 * 24 * 60;

/// The largest percentage and the longest wait. `None` without the header, or if it cannot be read.
pub(crate) fn call_usage(headers: &HeaderMap) -> Option<CallUsage> {
    let usage: Value = serde_json::from_slice(headers.get("x-business-use-case-usage")?.as_bytes()).ok()?;
    let budgets: Vec<&Value> = usage.as_object()?.values().filter_map(Value::as_array).flatten().collect();
    let largest = |key| budgets.iter().filter_map(|budget| budget.get(key)?.as_u64()).max();
    let percent = PERCENTAGES.into_iter().filter_map(largest).max();
    let minutes = largest("estimated_time_to_regain_access");
    if percent.is_none() && minutes.is_none() {
        return None;
    }
    let minutes = minutes.filter(|minutes| (1..=LONGEST_WAIT).contains(minutes)).and_then(|it| i64::try_from(it).ok());
    Some(CallUsage {
        percent: percent.unwrap_or_default().try_into().unwrap_or(u32::MAX),
        blocked_for: minutes.map(Duration::minutes),
    })
}

#[cfg(test)]
mod tests {
    use reqwest::header::HeaderValue;

    use super::*;

    fn read(header: &str) -> Option<(u32, Option<i64>)> {
        let value = HeaderValue::from_str(header).unwrap();
        let usage = call_usage(&[("x-business-use-case-usage".parse().unwrap(), value)].into_iter().collect())?;
        Some((usage.percent, usage.blocked_for.map(Duration::whole_minutes)))
    }

    #[test]
    fn takes_the_largest_percentage_and_the_longest_wait() {
        let table = [
            (
                r#"{"17841405793187218":[{"type":"instagram","call_count":28,"total_cputime":25,"total_time":31,
                    "estimated_time_to_regain_access":0}]}"#,
                (31, None),
            ),
            (
                r#"{"1":[{"call_count":100,"estimated_time_to_regain_access":4}],"2":[{},{"call_count":7,
                    "estimated_time_to_regain_access":9}]}"#,
                (100, Some(9)),
            ),
            (r#"{"1":[{"estimated_time_to_regain_access":10080}]}"#, (0, Some(10_080))),
            (r#"{"1":[{"total_time":3,"estimated_time_to_regain_access":10081}]}"#, (3, None)),
            (r#"{"1":[{"total_cputime":99999999999,"call_count":"x"}]}"#, (u32::MAX, None)),
        ];
        for (header, expected) in table {
            assert_eq!(read(&header.replace('\n', "")), Some(expected), "{header}");
        }
    }

    #[test]
    fn a_malformed_header_is_ignored() {
        for header in ["", "{", "[]", "5", "{}", r#"{"1":5}"#, r#"{"1":[]}"#, r#"{"1":[5,{"call_count":-1}]}"#] {
            assert_eq!(read(header), None, "{header}");
        }
        assert_eq!(call_usage(&HeaderMap::new()), None);
    }
}
