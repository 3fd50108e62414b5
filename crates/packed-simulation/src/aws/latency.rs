//! How long calls to AWS take.

use std::time::Duration;

use fastrand::Rng;

use super::operation::Operation;

/// Quantiles of a log-normal distribution with a median of 12 ms and a 99th percentile of 80 ms, in microseconds. AWS does not
/// publish latencies.
const SECRETS_MANAGER: [u64; 20] = [
    2_400, 3_700, 4_700, 5_600, 6_500, 7_400, 8_300, 9_300, 10_300, 11_400, 12_600, 14_000, 15_600, 17_400, 19_500,
    22_200, 25_700, 30_600, 38_800, 59_400,
];

/// The same with a median of 4 ms and a 99th percentile of 20 ms.
const DYNAMO_DB: [u64; 20] = [
    1_000, 1_500, 1_800, 2_100, 2_400, 2_600, 2_900, 3_200, 3_500, 3_800, 4_200, 4_600, 5_000, 5_500, 6_000, 6_700,
    7_600, 8_900, 10_800, 15_500,
];

/// Draws the latency of a call. A table instead of a formula, so that every machine draws the same.
pub(super) fn draw(operation: Operation, rng: &mut Rng) -> Duration {
    let quantiles = if operation.is_of_secrets_manager() { SECRETS_MANAGER } else { DYNAMO_DB };
    Duration::from_micros(rng.choice(quantiles).unwrap_or_default())
}
