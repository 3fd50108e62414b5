//! Seeded random numbers: the same seed gives the same year.

use std::sync::{Mutex, PoisonError};

use evertoken_core::entropy::{Entropy, EntropyError};
use fastrand::Rng;

/// An independent sequence of random numbers, so that more draws in one place do not change another.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Stream {
    Plan,
    Instagram,
    Services,
    Usernames,
    Tokens,
    /// The process with this number.
    Process(u32),
}

/// A random number generator for one purpose. The seed is mixed, because wyrand's sequences overlap for related seeds.
pub(crate) fn seeded(seed: u64, stream: Stream) -> Rng {
    let id = match stream {
        Stream::Plan => 1,
        Stream::Instagram => 2,
        Stream::Services => 3,
        Stream::Usernames => 4,
        Stream::Tokens => 5,
        Stream::Process(number) => 1_000 + u64::from(number),
    };
    let mixed = Rng::with_seed(seed).u64(..);
    Rng::with_seed(mixed ^ id).fork()
}

/// A seeded implementation of the entropy port.
#[derive(Debug)]
pub(crate) struct SeededEntropy(Mutex<Rng>);

impl SeededEntropy {
    pub(crate) fn new(seed: u64, stream: Stream) -> Self {
        Self(Mutex::new(seeded(seed, stream)))
    }
}

impl Entropy for SeededEntropy {
    fn fill(&self, bytes: &mut [u8]) -> Result<(), EntropyError> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).fill(bytes);
        Ok(())
    }
}
