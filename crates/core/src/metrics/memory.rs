//! An in-memory recorder of metrics for tests and simulations.

use std::sync::{Arc, Mutex, PoisonError};

use super::{Measurement, Metric, Metrics};

/// Keeps every measurement. Clones share the measurements.
#[derive(Clone, Debug, Default)]
pub struct MemoryMetrics(Arc<Mutex<Vec<Measurement>>>);

impl MemoryMetrics {
    /// Removes and returns all measurements.
    pub fn take(&self) -> Vec<Measurement> {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// The sum of one metric's measurements, which are kept.
    pub fn sum(&self, metric: Metric) -> u64 {
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.iter().filter(|one| one.metric == metric).map(|one| one.value).sum()
    }
}

impl Metrics for MemoryMetrics {
    fn record(&self, measured: &[Measurement]) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).extend(measured);
    }
}
