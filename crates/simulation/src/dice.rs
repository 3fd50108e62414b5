//! Chance, the same for the same seed.

use std::sync::{Mutex, PoisonError};

use evertoken_core::entropy::{Entropy, EntropyError};

/// A row of numbers (Sebastiano Vigna's splitmix64).
#[derive(Clone, Debug)]
pub(crate) struct Dice(u64);

impl Dice {
    /// The row that belongs to a seed and to one purpose: what is drawn for one moves no other.
    pub(crate) fn new(seed: u64, purpose: u64) -> Self {
        let mut dice = Self(seed ^ purpose.wrapping_mul(0xd134_2543_de82_ef95));
        Self(dice.next())
    }

    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number from `from` up to, not including, `to`; `from` if there is none.
    pub(crate) fn between(&mut self, from: u32, to: u32) -> u32 {
        let span = u64::from(to.saturating_sub(from).max(1));
        from.saturating_add(u32::try_from(self.next() % span).unwrap_or(0))
    }

    /// Whether something happens that happens in so many percent of all cases.
    pub(crate) fn happens(&mut self, percent: f64) -> bool {
        f64::from(self.between(0, 1_000_000)) < percent * 10_000.0
    }
}

/// The port that gives randomness, with a seed.
#[derive(Debug)]
pub(crate) struct SeededEntropy(Mutex<Dice>);

impl SeededEntropy {
    pub(crate) fn new(dice: Dice) -> Self {
        Self(Mutex::new(dice))
    }
}

impl Entropy for SeededEntropy {
    fn fill(&self, bytes: &mut [u8]) -> Result<(), EntropyError> {
        let mut dice = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        for chunk in bytes.chunks_mut(8) {
            for (byte, drawn) in chunk.iter_mut().zip(dice.next().to_le_bytes()) {
                *byte = drawn;
            }
        }
        Ok(())
    }
}
