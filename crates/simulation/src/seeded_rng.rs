//! Seeded random numbers: the same seed gives the same simulation.

use std::ops::Range;
use std::sync::{Mutex, PoisonError};

use evertoken_core::entropy::{Entropy, EntropyError};
use fastrand::Rng;

/// An independent sequence of random numbers, so that more draws in one place do not change another.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Stream {
    InstagramFaults,
    VaultFaults,
    Plan,
    RefreshEntropy,
    PagesEntropy,
    /// The account with this number.
    Account(u32),
    /// The person who connects the account with this number through Facebook.
    FacebookPerson(u32),
}

impl Stream {
    fn id(self) -> u64 {
        match self {
            Self::InstagramFaults => 1,
            Self::VaultFaults => 2,
            Self::Plan => 3,
            Self::RefreshEntropy => 4,
            Self::PagesEntropy => 5,
            Self::Account(number) => 1_000 + u64::from(number),
            Self::FacebookPerson(number) => 1_000_000 + u64::from(number),
        }
    }
}

#[derive(Debug)]
pub(crate) struct SeededRng(Rng);

impl SeededRng {
    /// Mixes the seed before and after it is combined with the stream, because wyrand's sequences overlap for related
    /// seeds.
    pub(crate) fn new(seed: u64, stream: Stream) -> Self {
        let mixed = Rng::with_seed(seed).u64(..);
        Self(Rng::with_seed(mixed ^ stream.id()).fork())
    }

    /// A number in the range, or its start if the range is empty.
    pub(crate) fn in_range(&mut self, range: Range<u32>) -> u32 {
        if range.is_empty() { range.start } else { self.0.u32(range) }
    }

    /// True in this percentage of all cases.
    pub(crate) fn chance(&mut self, percent: f64) -> bool {
        self.0.f64() * 100.0 < percent
    }

    pub(crate) fn shuffle<T>(&mut self, items: &mut [T]) {
        self.0.shuffle(items);
    }
}

/// A seeded implementation of the entropy port.
#[derive(Debug)]
pub(crate) struct SeededEntropy(Mutex<SeededRng>);

impl SeededEntropy {
    pub(crate) fn new(seed: u64, stream: Stream) -> Self {
        Self(Mutex::new(SeededRng::new(seed, stream)))
    }
}

impl Entropy for SeededEntropy {
    fn fill(&self, bytes: &mut [u8]) -> Result<(), EntropyError> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).0.fill(bytes);
        Ok(())
    }
}
