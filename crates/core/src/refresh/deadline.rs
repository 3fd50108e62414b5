//! The deadline of a run.

use std::time::Duration;

use tokio::time::Instant;

/// Writes are retried until this long before the deadline.
const LAST_WRITE: Duration = Duration::from_secs(3);

/// How long a write is retried if there is no deadline.
const PATIENCE: Duration = Duration::from_mins(2);

/// The two deadlines of a run, by tokio's clock: the last moment to start something new, and the last moment to write.
#[derive(Clone, Copy, Debug)]
pub(super) struct Deadline {
    begin: Option<Instant>,
    write: Option<Instant>,
}

impl Deadline {
    /// `given` is the time until the process ends. `margin` is reserved for work in progress, but at most a quarter of
    /// `given`.
    pub(super) fn new(given: Option<time::Duration>, margin: time::Duration) -> Self {
        // A deadline in the past leaves no time.
        let given = given.map(|given| Duration::try_from(given).unwrap_or_default());
        let margin = Duration::try_from(margin).unwrap_or_default();
        let end = |margin: Duration| given.and_then(|given| Instant::now().checked_add(given.saturating_sub(margin)));
        Self { begin: end(margin.min(given.unwrap_or_default() / 4)), write: end(LAST_WRITE) }
    }

    /// Whether it is too late to start something new.
    pub(super) fn is_near(&self) -> bool {
        !self.allows(Duration::ZERO)
    }

    /// Whether there is time to start something after this wait.
    pub(super) fn allows(&self, wait: Duration) -> bool {
        self.begin.is_none_or(|end| Instant::now() + wait < end)
    }

    /// Until when a write that starts now may be retried.
    pub(super) fn of_write(&self) -> Instant {
        self.write.unwrap_or_else(|| Instant::now() + PATIENCE)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn the_margin_is_at_most_a_quarter_of_the_time_given() {
        let long = Deadline::new(Some(time::Duration::minutes(15)), time::Duration::seconds(45));
        assert!(long.allows(Duration::from_secs(854)) && !long.allows(Duration::from_secs(855)));
        let short = Deadline::new(Some(time::Duration::seconds(60)), time::Duration::seconds(45));
        assert!(short.allows(Duration::from_secs(44)) && !short.allows(Duration::from_secs(45)));
        assert_eq!(short.of_write(), Instant::now() + Duration::from_secs(57));
    }

    #[tokio::test(start_paused = true)]
    async fn without_a_deadline_there_is_always_time() {
        let none = Deadline::new(None, time::Duration::seconds(45));
        assert!(!none.is_near() && none.allows(Duration::from_secs(100_000)));
        assert_eq!(none.of_write(), Instant::now() + PATIENCE);
    }

    #[tokio::test(start_paused = true)]
    async fn a_deadline_in_the_past_allows_nothing() {
        assert!(Deadline::new(Some(time::Duration::seconds(-1)), time::Duration::seconds(45)).is_near());
    }
}
