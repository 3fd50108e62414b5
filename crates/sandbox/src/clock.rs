//! The sandbox's adjustable clock.

use std::sync::Arc;

use time::{Duration, OffsetDateTime};

/// A time source with an adjustable offset. The clock keeps running after an adjustment.
#[derive(Clone)]
pub(crate) struct Clock {
    source: Arc<dyn Fn() -> OffsetDateTime + Send + Sync>,
    offset: Duration,
}

impl Clock {
    /// The system's clock.
    pub(crate) fn system() -> Self {
        Self::from_source(OffsetDateTime::now_utc)
    }

    pub(crate) fn from_source(source: impl Fn() -> OffsetDateTime + Send + Sync + 'static) -> Self {
        Self { source: Arc::new(source), offset: Duration::ZERO }
    }

    /// The same time source, adjusted so that it shows `start` now. Without `start`, the offset is zero.
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

    /// How far the clock is ahead of its time source.
    pub(crate) fn offset(&self) -> Duration {
        self.offset
    }

    pub(crate) fn set(&mut self, to: OffsetDateTime) {
        self.offset = to - (self.source)();
    }

    /// Advances the clock, or sets it back by a negative duration.
    pub(crate) fn advance(&mut self, by: Duration) {
        self.offset = self.offset.saturating_add(by);
    }
}
