//! The sandbox's movable time.

use std::sync::Arc;

use time::{Duration, OffsetDateTime};

/// A time that runs by itself, moved by an offset: it runs on between the moves.
#[derive(Clone)]
pub(crate) struct Clock {
    source: Arc<dyn Fn() -> OffsetDateTime + Send + Sync>,
    offset: Duration,
}

impl Clock {
    /// The real time.
    pub(crate) fn real() -> Self {
        Self::running_by(OffsetDateTime::now_utc)
    }

    /// Somebody else's time.
    pub(crate) fn running_by(source: impl Fn() -> OffsetDateTime + Send + Sync + 'static) -> Self {
        Self { source: Arc::new(source), offset: Duration::ZERO }
    }

    /// The same clock, showing `start` now, or as it ran before anybody moved it.
    pub(crate) fn starting_at(&self, start: Option<OffsetDateTime>) -> Self {
        let mut clock = Self { offset: Duration::ZERO, ..self.clone() };
        if let Some(start) = start {
            clock.set(start);
        }
        clock
    }

    pub(crate) fn now(&self) -> OffsetDateTime {
        (self.source)().saturating_add(self.offset)
    }

    pub(crate) fn set(&mut self, to: OffsetDateTime) {
        self.offset = to - (self.source)();
    }

    /// Moves the clock forward, or back by a negative duration.
    pub(crate) fn advance(&mut self, by: Duration) {
        self.offset = self.offset.saturating_add(by);
    }
}
