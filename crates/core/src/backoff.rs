//! Retry with exponential backoff and jitter.

use std::time::Duration;

use tokio::time::sleep;

use crate::entropy::Entropy;

/// Calls `call` until it succeeds or `wait` returns `None` for its error.
///
/// `wait` receives the error and the number of the attempt that failed, counted from 1, and returns how long to wait
/// before the next attempt.
pub async fn retry<T, E, F>(call: impl Fn() -> F, mut wait: impl FnMut(&E, u32) -> Option<Duration>) -> Result<T, E>
where
    F: Future<Output = Result<T, E>>,
{
    let mut attempt = 1;
    loop {
        let error = match call().await {
            Ok(value) => return Ok(value),
            Err(error) => error,
        };
        match wait(&error, attempt) {
            Some(wait) => sleep(wait).await,
            None => return Err(error),
        }
        attempt += 1;
    }
}

/// The delays between attempts: the upper bound doubles with each attempt, up to a limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Backoff {
    /// The upper bound of the first delay.
    pub first: Duration,
    /// The upper bound of every delay.
    pub longest: Duration,
    /// Which part of the upper bound is random.
    pub jitter: Jitter,
}

/// Which part of a delay is random (AWS Architecture Blog, "Exponential Backoff And Jitter").
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Jitter {
    /// All of it.
    Full,
    /// One half of it.
    Equal,
}

impl Backoff {
    /// The delay after the attempt with this number, counted from 1.
    pub fn delay(&self, attempt: u32, entropy: &dyn Entropy) -> Duration {
        let factor = 1_u32.checked_shl(attempt.saturating_sub(1)).unwrap_or(u32::MAX);
        let most = self.first.saturating_mul(factor).min(self.longest);
        match self.jitter {
            Jitter::Full => jitter(entropy, most),
            Jitter::Equal => most / 2 + jitter(entropy, most / 2),
        }
    }
}

/// A random share of `most`.
pub fn jitter(entropy: &dyn Entropy, most: Duration) -> Duration {
    let mut bytes = [0; 2];
    // Without random bytes, half of it is as good as any other share.
    let share = match entropy.fill(&mut bytes) {
        Ok(()) => f64::from(u16::from_be_bytes(bytes)) / 65_536.0,
        Err(_) => 0.5,
    };
    most.mul_f64(share)
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering};

    use super::*;
    use crate::entropy::SystemEntropy;

    #[test]
    fn delays_double_up_to_the_limit() {
        let (first, longest) = (Duration::from_secs(1), Duration::from_secs(5));
        let backoff = Backoff { first, longest, jitter: Jitter::Equal };
        for (attempt, most) in [(1, 1), (2, 2), (3, 4), (4, 5), (40, 5)] {
            let (delay, most) = (backoff.delay(attempt, &SystemEntropy), Duration::from_secs(most));
            assert!(delay >= most / 2 && delay <= most, "{attempt}: {delay:?}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn retries_until_the_caller_gives_up() {
        let calls = AtomicU32::new(0);
        let fail = async || Err::<(), _>(calls.fetch_add(1, Ordering::SeqCst));
        let result = retry(fail, |_, attempt| (attempt < 3).then_some(Duration::from_secs(1))).await;
        assert_eq!((result, calls.load(Ordering::SeqCst)), (Err(2), 3));
    }
}
