//! The year that was, kept for the report.

use evertoken_simulation::{Day, DayStatus, TimelineEntry};
use time::Date;

/// So many accounts have a row of their own.
const ROWS: usize = 60;

/// All days, in order.
#[derive(Debug, Default)]
pub(super) struct Calendar {
    pub(super) days: Vec<Past>,
}

/// A day that has passed.
#[derive(Debug)]
pub(super) struct Past {
    pub(super) date: Date,
    /// Of the first accounts.
    pub(super) statuses: Vec<DayStatus>,
    pub(super) working: u32,
    pub(super) down: u32,
    pub(super) timeline: Vec<TimelineEntry>,
}

impl Calendar {
    pub(super) fn keep(&mut self, day: &Day<'_>) {
        self.days.push(Past {
            date: day.date,
            statuses: day.statuses.iter().copied().take(ROWS).collect(),
            working: day.working,
            down: day.down,
            timeline: day.timeline.to_vec(),
        });
    }
}
