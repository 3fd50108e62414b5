//! The days of a simulated year, recorded for the report.

use evertoken_simulation::{Day, DayStatus, TimelineEntry};
use time::Date;

/// Accounts that the report shows in a row of their own.
const RECORDED_ACCOUNTS: usize = 60;

#[derive(Debug, Default)]
pub(super) struct Recording {
    pub(super) days: Vec<RecordedDay>,
}

#[derive(Debug)]
pub(super) struct RecordedDay {
    pub(super) date: Date,
    /// The status of the first accounts.
    pub(super) statuses: Vec<DayStatus>,
    /// Accounts whose token works.
    pub(super) working: u32,
    /// Accounts whose token does not work.
    pub(super) down: u32,
    pub(super) timeline: Vec<TimelineEntry>,
}

impl Recording {
    pub(super) fn add(&mut self, day: &Day<'_>) {
        self.days.push(RecordedDay {
            date: day.date,
            statuses: day.statuses.iter().copied().take(RECORDED_ACCOUNTS).collect(),
            working: day.working,
            down: day.down,
            timeline: day.timeline.to_vec(),
        });
    }
}
