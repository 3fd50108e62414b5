//! How long AWS takes to respond.

use std::time::Duration;

/// The median, and the spread of the logarithm: half of all requests take up to 12 ms, 99 % up to 80 ms.
const MEDIAN_MS: f64 = 12.0;
const SPREAD: f64 = 0.815;

/// Log-normal latencies from a seed.
#[derive(Debug)]
pub(super) struct Latency(fastrand::Rng);

impl Latency {
    pub(super) fn new(seed: u64) -> Self {
        Self(fastrand::Rng::with_seed(seed))
    }

    /// The latency of the next request.
    pub(super) fn next(&mut self) -> Duration {
        // Box and Muller's transform of two uniform numbers to a normal one.
        let (radius, angle) = (1.0 - self.0.f64(), self.0.f64());
        let normal = (-2.0 * radius.ln()).sqrt() * (std::f64::consts::TAU * angle).cos();
        Duration::from_secs_f64(MEDIAN_MS * (SPREAD * normal).exp() / 1_000.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn half_of_the_latencies_are_below_the_median_and_one_in_a_hundred_is_long() {
        let mut latency = Latency::new(7);
        let mut sample: Vec<_> =
            std::iter::repeat_with(|| latency.next().as_secs_f64() * 1_000.0).take(20_000).collect();
        sample.sort_by(f64::total_cmp);
        assert!((11.5..12.5).contains(&sample[10_000]) && (72.0..88.0).contains(&sample[19_800]));
    }
}
