//! How many requests AWS accepts per second.

use std::collections::HashMap;
use std::time::Instant;

/// The requests per second that share a quota, and the quota's name (AWS, "Secrets Manager quotas"). DynamoDB on demand has no
/// limit that tests reach.
fn quota(operation: &str) -> Option<(&'static str, f64)> {
    Some(match operation {
        "PutSecretValue" | "UpdateSecret" | "UpdateSecretVersionStage" => ("writes", 50.0),
        "CreateSecret" => ("CreateSecret", 50.0),
        "DeleteSecret" => ("DeleteSecret", 50.0),
        "RestoreSecret" => ("RestoreSecret", 50.0),
        "TagResource" | "UntagResource" => ("tags", 50.0),
        "GetSecretValue" | "DescribeSecret" => ("reads", 10_000.0),
        "BatchGetSecretValue" => ("BatchGetSecretValue", 100.0),
        "ListSecrets" => ("ListSecrets", 100.0),
        _ => return None,
    })
}

/// A token bucket for each quota. It holds the requests of one second.
#[derive(Debug, Default)]
pub(super) struct Rates {
    buckets: HashMap<&'static str, (f64, Instant)>,
    throttled: usize,
}

impl Rates {
    /// Counts a request now. Returns whether AWS throttles it.
    pub(super) fn throttle(&mut self, operation: &str, now: Instant) -> bool {
        let Some((name, per_second)) = quota(operation) else { return false };
        let (left, at) = self.buckets.entry(name).or_insert((per_second, now));
        *left = (*left + now.duration_since(*at).as_secs_f64() * per_second).min(per_second);
        *at = now;
        if *left < 1.0 {
            self.throttled += 1;
            return true;
        }
        *left -= 1.0;
        false
    }

    /// How many requests were throttled.
    pub(super) fn throttled(&self) -> usize {
        self.throttled
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn fifty_writes_a_second_are_accepted_whatever_their_kind() {
        let (mut rates, start) = (Rates::default(), Instant::now());
        let accepted = |rates: &mut Rates, at| {
            let writes = ["PutSecretValue", "UpdateSecretVersionStage"].into_iter().cycle().take(100);
            writes.filter(|operation| !rates.throttle(operation, at)).count()
        };
        assert_eq!(accepted(&mut rates, start), 50);
        assert_eq!(accepted(&mut rates, start + Duration::from_millis(500)), 25);
        assert_eq!((accepted(&mut rates, start + Duration::from_secs(9)), rates.throttled()), (50, 175));
        assert!(!rates.throttle("GetSecretValue", start) && !rates.throttle("GetItem", start));
    }
}
