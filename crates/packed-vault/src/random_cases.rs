//! What the property tests share: how many cases they try, and randomness that a failed case repeats.

use std::env;
use std::sync::Mutex;

use evertoken_core::entropy::{Entropy, EntropyError};
use fastrand::Rng;
use proptest::prelude::ProptestConfig;

/// The configuration of a property test with this many cases, or with as many as `PROPTEST_CASES` says (`make model-check`).
pub(crate) fn config(usual: u32) -> ProptestConfig {
    let asked = env::var("PROPTEST_CASES").ok().and_then(|cases| cases.parse().ok());
    ProptestConfig { cases: asked.unwrap_or(usual), max_shrink_iters: 200, ..ProptestConfig::default() }
}

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
