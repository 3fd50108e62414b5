//! Samples of one quantity, and their statistics.

use std::time::Duration;

use serde::{Deserialize, Serialize};

/// Samples of one quantity, with three decimals.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Samples(Vec<f64>);

impl Samples {
    /// Adds a sample.
    pub fn add(&mut self, value: f64) {
        self.0.push((value * 1000.0).round() / 1000.0);
    }

    /// Adds a duration in milliseconds.
    pub fn add_time(&mut self, time: Duration) {
        self.add(time.as_secs_f64() * 1000.0);
    }

    /// Adds a count.
    pub fn add_count(&mut self, count: usize) {
        self.add(u32::try_from(count).map_or(f64::INFINITY, f64::from));
    }

    /// Whether there is at least one sample, and each is a number.
    pub fn is_complete(&self) -> bool {
        !self.0.is_empty() && self.0.iter().all(|value| value.is_finite())
    }

    /// The number of samples.
    pub fn count(&self) -> usize {
        self.0.len()
    }

    /// The median; NaN without samples.
    pub fn median(&self) -> f64 {
        self.percentile(50)
    }

    /// The sample below which `percent` of all samples are; NaN without samples.
    pub fn percentile(&self, percent: usize) -> f64 {
        let mut sorted = self.0.clone();
        sorted.sort_by(f64::total_cmp);
        let last = sorted.len().saturating_sub(1);
        sorted.get(last * percent / 100).copied().unwrap_or(f64::NAN)
    }

    /// The smallest sample; NaN without samples.
    pub fn min(&self) -> f64 {
        self.percentile(0)
    }
}
