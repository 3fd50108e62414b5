//! Randomness that a failed test repeats.

use std::sync::Mutex;

use evertoken_core::entropy::{Entropy, EntropyError};
use fastrand::Rng;

/// The random bytes of a simulated process.
pub(crate) struct SeededEntropy(Mutex<Rng>);

impl SeededEntropy {
    pub(crate) fn new(seed: u64) -> Self {
        Self(Mutex::new(Rng::with_seed(seed)))
    }
}

impl Entropy for SeededEntropy {
    fn fill(&self, bytes: &mut [u8]) -> Result<(), EntropyError> {
        self.0.lock().unwrap().fill(bytes);
        Ok(())
    }
}
