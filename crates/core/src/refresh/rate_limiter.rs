//! The rate limiter for writes to the vault.

use std::time::Duration;

use tokio::sync::Mutex;
use tokio::time::Instant;

/// Spaces writes evenly and without bursts: Secrets Manager's quota of 50 writes a second is shared by the whole AWS
/// account and cannot be raised (AWS, "Secrets Manager quotas").
#[derive(Debug)]
pub struct RateLimiter {
    period: Duration,
    next: Mutex<Option<Instant>>,
}

impl RateLimiter {
    /// Allows this many permits per second; 0 counts as 1.
    pub fn new(per_second: u32) -> Self {
        Self { period: Duration::from_secs(1) / per_second.max(1), next: Mutex::new(None) }
    }

    /// Never waits.
    pub fn unlimited() -> Self {
        Self { period: Duration::ZERO, next: Mutex::new(None) }
    }

    /// Waits for the next permit, by tokio's clock: it measures waiting time, never a token's age.
    pub async fn acquire(&self) {
        let now = Instant::now();
        let turn = {
            let mut next = self.next.lock().await;
            let turn = next.map_or(now, |next| next.max(now));
            *next = Some(turn + self.period);
            turn
        };
        // tokio's timer rounds up to the next millisecond, so it is not used when there is nothing to wait for.
        if turn > now {
            tokio::time::sleep_until(turn).await;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_hundred_permits_at_forty_a_second_take_two_and_a_half_seconds() {
        let limiter = RateLimiter::new(40);
        let start = Instant::now();
        for _ in 0..101 {
            limiter.acquire().await;
        }
        let elapsed = start.elapsed();
        assert!((2_490..2_700).contains(&elapsed.as_millis()), "{elapsed:?}");
    }
}
