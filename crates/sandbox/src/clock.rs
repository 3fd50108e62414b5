//! The sandbox's movable time.

use time::{Duration, OffsetDateTime};

/// Real time, moved by an offset: it runs on between the moves.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Clock {
    offset: Duration,
}

impl Clock {
    /// A clock that shows `start` now, or the real time.
    pub(crate) fn starting_at(start: Option<OffsetDateTime>) -> Self {
        let mut clock = Self { offset: Duration::ZERO };
        if let Some(start) = start {
            clock.set(start);
        }
        clock
    }

    pub(crate) fn now(&self) -> OffsetDateTime {
        OffsetDateTime::now_utc().saturating_add(self.offset)
    }

    pub(crate) fn set(&mut self, to: OffsetDateTime) {
        self.offset = to - OffsetDateTime::now_utc();
    }

    /// Moves the clock forward, or back by a negative duration.
    pub(crate) fn advance(&mut self, by: Duration) {
        self.offset = self.offset.saturating_add(by);
    }
}
