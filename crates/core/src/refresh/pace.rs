//! A steady pace for writes.

use std::time::Duration;

use tokio::sync::Mutex;
use tokio::time::Instant;

/// Lets one through at a time, at most so many a second and without bursts: Secrets Manager's write quota of 50 a second
/// is shared by the whole AWS account and is not adjustable (AWS, "Secrets Manager quotas").
#[derive(Debug)]
pub struct Pace {
    period: Duration,
    next: Mutex<Option<Instant>>,
}

impl Pace {
    /// `per_second` must not be zero; zero counts as one.
    pub fn new(per_second: u32) -> Self {
        Self { period: Duration::from_secs(1) / per_second.max(1), next: Mutex::new(None) }
    }

    /// Waits for one's turn, by tokio's own clock: it measures waiting, never a token's age.
    pub async fn turn(&self) {
        let now = Instant::now();
        let turn = {
            let mut next = self.next.lock().await;
            let turn = next.map_or(now, |next| next.max(now));
            *next = Some(turn + self.period);
            turn
        };
        // tokio's timer rounds up to the next millisecond: whoever may go now does not ask it.
        if turn > now {
            tokio::time::sleep_until(turn).await;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_hundred_turns_at_forty_a_second_take_two_and_a_half_seconds() {
        let pace = Pace::new(40);
        let start = Instant::now();
        for _ in 0..101 {
            pace.turn().await;
        }
        let taken = start.elapsed();
        assert!((2_490..2_700).contains(&taken.as_millis()), "{taken:?}");
    }
}
